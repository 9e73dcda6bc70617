"""Linear algebra on one thread, where many small products would wait for each other."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

_LIBRARIES = ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which linear algebra stays on one thread.

    A second thread gains nothing on small tables, and it goes on spinning for a tenth of a
    second after the last of them.
    """
    limit: AbstractContextManager[object] = _LIBRARIES.limit(limits=1, user_api="blas")
    return limit
