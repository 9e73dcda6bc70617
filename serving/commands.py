"""What the command line asks of serving: start it, rank, take in a file."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import uvicorn

from data.mapping import load_mapping
from data.taxonomy import load_taxonomy
from data.terminal import progress_bar, terminal
from serving import consuming
from serving.app import create_app
from serving.configured import settings as settings
from serving.errors import NotReady
from serving.gate import check
from serving.intake import Desk, Imported, check_file, import_file
from serving.processes import serve_together
from serving.promoted import CURRENT, PromotedModel
from serving.ranking import RankingWorker
from serving.settings import Settings
from serving.store.database import Store

MODEST = 19
"""By how much the ranking worker's own process is nicer than others."""

log = logging.getLogger(__name__)


def has_model(settings: Settings) -> bool:
    """Whether a model was promoted."""
    return (settings.models_dir / CURRENT).is_file()


def serve(settings: Settings) -> None:
    """Answer requests until interrupted.

    Raises
    ------
    Unsafe
        When others could reach the service and a setting leaves it unprotected.
    """
    check(settings)
    _log(settings)
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"Second Look at http://{shown}:{port}/", flush=True)  # noqa: T201
    if settings.workers > 1:
        serve_together(settings, listening)
        return
    config = uvicorn.Config(
        create_app(settings), log_config=None, access_log=False, server_header=False
    )
    uvicorn.Server(config).run(sockets=[listening])


def work(settings: Settings) -> None:
    """Rank until interrupted, as a process of its own that lets those that answer go first."""
    _log(settings)
    os.nice(MODEST)
    store = Store(settings.database_url)
    try:
        if settings.migrate_on_start:
            store.migrate()
    except NotReady as problem:
        log.error("%s; waiting for it", problem)  # noqa: TRY400
    worker = RankingWorker(store, promoted(settings), settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=worker.stop).start())
    worker.run()
    store.close()


def consume(
    settings: Settings, url: str, region: str | None, endpoint: str | None, *, once: bool
) -> None:
    """Take the form's messages from their queue until interrupted, or until there are none."""
    _log(settings)
    queue = consuming.connect(url, region, endpoint)
    store = Store(settings.database_url)
    try:
        if settings.migrate_on_start:
            store.migrate()
    except NotReady as problem:
        log.error("%s; waiting for it", problem)  # noqa: TRY400
    consumer = consuming.Consumer(queue, url, store, promoted(settings), settings.clock)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: consumer.stop())
    print("Taking messages from the queue.", flush=True)  # noqa: T201
    done = consumer.run(once=once)
    store.close()
    print(  # noqa: T201
        f"{done.taken:,} taken in, {done.repeated:,} had come before, "
        f"{done.refused:,} could not be read, {done.failed:,} failed."
    )


def promoted(settings: Settings) -> PromotedModel:
    """Give the promoted model as the settings want it."""
    taxonomy = load_taxonomy(settings.taxonomy) if settings.taxonomy else None
    return PromotedModel(settings.models_dir, taxonomy)


def take_in(
    settings: Settings, path: Path, mapping: Path | None, figures: Path | None = None
) -> Imported:
    """Import a file of allegations, assessed elsewhere or not yet, with a progress bar."""
    columns = load_mapping(mapping)
    with terminal(errors=True).status("Checking the file"):
        total = check_file(path, columns)
    store = Store(settings.database_url)
    store.migrate()
    desk = Desk(predictor=promoted(settings).current(), clock=settings.clock)
    with progress_bar() as progress:
        task = progress.add_task("Importing", total=total)
        done = import_file(
            store, path, columns, desk=desk, told=lambda rows: progress.update(task, advance=rows)
        )
    store.close()
    if figures:
        figures.write_text(json.dumps(asdict(done), indent=2) + "\n", encoding="utf-8")
    print(summary(done))  # noqa: T201
    return done


def summary(done: Imported) -> str:
    """Say in words what an import did."""
    told = [f"{done.added:,} added, {done.dismissed:,} of them waiting for a second look."]
    if done.unassessed:
        told.append(f"{done.unassessed:,} of them wait for their assessment.")
    if done.reopened:
        told.append(f"{done.reopened:,} closed ones were reopened, because they are repeated.")
    if done.known:
        told.append(f"{done.known:,} were in the store already.")
    if done.differing:
        told.append(
            f"{done.differing:,} are in the store with other content under the same reference; "
            "they stay as they were."
        )
    return "\n".join(told)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def _log(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("alembic", "boto3", "botocore", "urllib3", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
