"""Several server processes on one address; whichever dies is started again.

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

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from serving.app import create_app
from serving.settings import Settings
from serving.store.database import Store

PATIENCE = 60


def serve_together(settings: Settings, listening: socket.socket) -> None:
    """Answer requests in several processes until interrupted.

    The tables are brought up to date once, before the first process starts.
    """
    if settings.migrate_on_start:
        store = Store(settings.database_url)
        store.migrate()
        store.close()
    _hand_on(settings)
    config = uvicorn.Config(
        "serving.processes:one_of_several",
        factory=True,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_worker_healthcheck=PATIENCE,
    )
    Multiprocess(config, sockets=[listening]).run()


def one_of_several() -> FastAPI:
    """Make the application of one process, from the settings that were handed on."""
    settings = Settings()
    log_to_stderr(settings)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    return create_app(settings)


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
