"""Why somebody decided so: one short list for every decision, whichever way it goes.

Asking for more where a suggestion is not followed would push people to follow it.
"""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "detail": "How much there is to investigate",
    "seriousness": "How serious it would be",
    "lawful": "Whether what is described is against the law",
    "linked": "What other records say",
    "other": "Something else, said in the note",
}
