"""Full-text search behind one interface: SQLite's FTS5, PostgreSQL's tsvector.

Both stem English words and find narratives that hold every group of words asked for, a group
being words in that order. Nothing a person types is ever read as the index's own query language:
each group goes in as a quoted string, and what would end the quotes is taken out of it first.
"""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy as sa

from serving.store.tables import allegations

MOST_GROUPS: Final = 20
_QUOTED: Final = re.compile(r'"([^"]*)"|(\S+)')
_WORD: Final = re.compile(r"[^\W_]+")


def groups_of(typed: str) -> tuple[str, ...]:
    """Split what somebody typed into groups: words in double quotes belong together.

    Parameters
    ----------
    typed
        Anything; characters that are no letters or digits only separate.

    Returns
    -------
    tuple of str
        At most twenty groups; none where there is no word.
    """
    found = (
        " ".join(_WORD.findall(quoted or single)) for quoted, single in _QUOTED.findall(typed)
    )
    return tuple([group for group in found if group][:MOST_GROUPS])


def holding(groups: tuple[str, ...], dialect: str) -> sa.ColumnElement[bool]:
    """Give the condition that a narrative holds every group.

    Parameters
    ----------
    groups
        From ``groups_of``.
    dialect
        Name of the database.
    """
    asked = " ".join(f'"{group}"' for group in groups)
    if dialect == "postgresql":
        # written out, because the index is of this very expression
        english: sa.ColumnElement[str] = sa.literal_column("'english'")
        return sa.func.to_tsvector(english, allegations.c.narrative).bool_op("@@")(
            sa.func.websearch_to_tsquery(english, asked)
        )
    index = sa.table("allegations_fts", sa.column("rowid"), sa.column("allegations_fts"))
    matching = index.c.allegations_fts.match(asked)
    return allegations.c.id.in_(sa.select(index.c.rowid).where(matching))
