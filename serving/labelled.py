"""The mapping under which exported allegations are read again."""

from __future__ import annotations

import json

from serving.errors import NotReady
from serving.exporting import SEPARATOR
from serving.intake import QUEUE
from serving.store.database import Store

MAPPED = (
    "reference",
    "narrative",
    "value",
    "categories",
    "reviewed_value",
    "received_at",
    "channel",
)


def mapping_toml(store: Store) -> str:
    """Write the mapping under which the exported table is read again.

    Raises
    ------
    NotReady
        When nothing has come in yet.
    """
    with store.reading() as unit:
        order = unit.allegations.value_order(QUEUE)
    if order is None:
        raise NotReady("nothing has come in yet, so there is nothing to export")
    columns = "\n".join(f'{name} = "{name}"' for name in MAPPED)
    return (
        f"[columns]\n{columns}\n\n[value]\norder = {json.dumps(list(order))}\n\n"
        f'[categories]\nseparator = "{SEPARATOR}"\n'
    )
