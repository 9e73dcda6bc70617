"""Several server processes on one address; whichever dies is started again at once.

They share a listening socket and nothing else: the store is what they meet in. Each has a ranking
worker of its own unless that is turned off, and the lease lets one of them rank.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import signal
import socket
import sys
import threading
import time
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

import uvicorn

from serving.app import create_app
from serving.settings import Settings
from serving.store.database import Store

# A process that dies sooner could not start: with the store away, say. It need not try at once.
TOO_SOON = 5.0
PAUSE = 1.0

log = logging.getLogger(__name__)


def serve_together(settings: Settings, listening: socket.socket) -> None:
    """Answer requests in several processes until interrupted.

    The tables are brought up to date once, before the first process starts.
    """
    if settings.migrate_on_start:
        store = Store(settings.database_url)
        store.migrate()
        store.close()
    _hand_on(settings)
    crew = _Crew(listening)
    for _ in range(settings.workers):
        crew.start_one()
    crew.keep_until_told_to_stop()


class _Crew:
    """The processes; none of them is asked whether it is well, since a busy one might not say."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._started: dict[int, tuple[SpawnProcess, float]] = {}
        self._told, self._tell = os.pipe()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: os.write(self._tell, b"."))

    def start_one(self) -> None:
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_serve_one, args=(self._listening,))
        process.start()
        self._started[process.sentinel] = (process, time.monotonic())

    def keep_until_told_to_stop(self) -> None:
        while self._told not in (ready := wait([self._told, *self._started])):
            for sentinel in set(self._started).intersection(ready):
                self._replace(sentinel)
        for process, _ in self._started.values():
            process.terminate()
        for process, _ in self._started.values():
            process.join()

    def _replace(self, sentinel: int) -> None:
        process, began = self._started.pop(sentinel)
        process.join()
        log.warning("a server process ended with status %s; starting another", process.exitcode)
        if time.monotonic() - began < TOO_SOON:
            time.sleep(PAUSE)
        self.start_one()


def _serve_one(listening: socket.socket) -> None:
    settings = Settings()
    log_to_stderr(settings)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    config = uvicorn.Config(
        create_app(settings), log_config=None, access_log=False, server_header=False
    )
    uvicorn.Server(config).run(sockets=[listening])


def log_to_stderr(settings: Settings) -> None:
    """Log this process's messages, without those that say nothing to an operator."""
    logging.basicConfig(
        level=settings.log_level,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("alembic", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _end_with_parent() -> None:
    """Leave when the parent is gone: nobody else would end us, and the address stays taken."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _hand_on(settings: Settings) -> None:
    """Say to the processes what the command line said, and seal with one key in all of them."""
    key = settings.secret_key
    os.environ.update(
        SECONDLOOK_HOST=settings.host,
        SECONDLOOK_PORT=str(settings.port),
        SECONDLOOK_MIGRATE_ON_START="false",
        SECONDLOOK_SECRET_KEY=key.get_secret_value() if key else secrets.token_urlsafe(48),
    )
