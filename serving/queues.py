"""The name of the one queue that this version of the service keeps."""

from __future__ import annotations

from typing import Final

QUEUE: Final = "second_look"
