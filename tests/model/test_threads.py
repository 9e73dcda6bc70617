"""Linear algebra on one thread."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits  # type: ignore[import-untyped]

from model.threads import one_thread


def at_work() -> set[int]:
    """How many threads each library of linear algebra may use."""
    found = ThreadpoolController().select(user_api="blas").info()
    return {library["num_threads"] for library in found}


@pytest.fixture
def two() -> Iterator[None]:
    with threadpool_limits(2, user_api="blas"):
        if at_work() != {2}:
            pytest.skip("this machine gives linear algebra one thread alone")
        yield


@pytest.mark.usefixtures("two")
def test_it_holds_until_the_last_block_ends_in_whatever_order_they_end() -> None:
    one, other = one_thread(), one_thread()
    one.__enter__()
    other.__enter__()
    assert at_work() == {1}
    one.__exit__(None, None, None)
    assert at_work() == {1}
    other.__exit__(None, None, None)
    assert at_work() == {2}


@pytest.mark.usefixtures("two")
def test_it_ends_with_an_error_too() -> None:
    with pytest.raises(ValueError, match="learning"), one_thread():
        raise ValueError("learning failed")
    assert at_work() == {2}


def test_it_finds_the_libraries_though_nobody_loaded_them_before() -> None:
    script = (
        "from model.threads import _LIMIT\n"
        "print(len(_LIMIT._libraries.select(user_api='blas').info()))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert int(said.stdout) >= 1
