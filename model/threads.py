"""Linear algebra on one thread, where many small products would wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

# What is limited must be loaded when it is looked for.
import numpy as np  # noqa: F401
import scipy.linalg  # noqa: F401
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


class _OneThread:
    """The limit on linear algebra, kept while anybody wants it."""

    def __init__(self) -> None:
        self._libraries = ThreadpoolController()
        self._lock, self._wanted = Lock(), 0
        self._limit: Any = None

    def take(self) -> None:
        with self._lock:
            if not self._wanted:
                self._limit = self._libraries.limit(limits=1, user_api="blas")
            self._wanted += 1

    def leave(self) -> None:
        with self._lock:
            self._wanted -= 1
            if not self._wanted:
                self._limit.restore_original_limits()


_LIMIT = _OneThread()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra on one thread, in the whole process, until the last such block ends.

    A second thread gains nothing on small tables, and it goes on spinning for a tenth of a
    second after the last of them.
    """
    _LIMIT.take()
    try:
        yield
    finally:
        _LIMIT.leave()
