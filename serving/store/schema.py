"""Every table of the store, gathered: migrations, backups and tests look here."""

from serving.store import tables, tables_access, tables_casework, tables_intake, tables_oversight
from serving.store.columns import metadata

__all__ = [
    "metadata",
    "tables",
    "tables_access",
    "tables_casework",
    "tables_intake",
    "tables_oversight",
]
