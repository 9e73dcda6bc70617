"""Who acts: a person with roles, or a service client with scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["assessor", "reviewer", "lead", "data_scientist", "source_handler", "inspector"]
Permission = Literal[
    "open",
    "signed_in",
    "known",
    "intake",
    "read_records",
    "assess",
    "countersign",
    "record_outcome",
    "review",
    "read_queue",
    "read_progress",
    "oversee",
    "plant",
    "retain",
    "read_identities",
    "read_audit",
    "suggest",
    "export",
    "read_models",
    "read_metrics",
]

GRANTS: dict[Permission, frozenset[Role]] = {
    "open": frozenset(),
    "signed_in": frozenset(),
    # any person signed in, and any service client
    "known": frozenset(),
    # put an allegation in; the form's relay is a service client with this scope
    "intake": frozenset({"assessor", "lead"}),
    "read_records": frozenset({"assessor", "reviewer", "lead", "inspector"}),
    "assess": frozenset({"assessor"}),
    # agree or not to closing a flagged record as of no value
    "countersign": frozenset({"assessor", "lead"}),
    "record_outcome": frozenset({"assessor", "lead"}),
    "review": frozenset({"reviewer"}),
    # the ranked queue with doubts and receipts: not for those who decide it blind
    "read_queue": frozenset({"lead", "data_scientist", "inspector"}),
    # counts and estimates, without any record
    "read_progress": frozenset({"reviewer", "lead", "data_scientist", "inspector"}),
    "oversee": frozenset({"lead", "inspector"}),
    "plant": frozenset({"lead"}),
    "retain": frozenset({"lead"}),
    "read_identities": frozenset({"source_handler"}),
    "read_audit": frozenset({"inspector"}),
    # free text in, value out: whoever assesses could ask for the answer before giving a view
    "suggest": frozenset({"data_scientist"}),
    "export": frozenset({"data_scientist", "lead", "inspector"}),
    "read_models": frozenset({"data_scientist", "lead", "inspector"}),
    "read_metrics": frozenset({"data_scientist", "lead", "inspector"}),
}
"""What each role may do. A service client has permissions as scopes, one by one."""

ANYBODY: dict[Permission, frozenset[str]] = {
    "signed_in": frozenset({"person"}),
    "known": frozenset({"person", "service"}),
}
"""Permissions that come with being known, and to which kind of actor."""

SCOPES: frozenset[Permission] = frozenset(
    {"intake", "suggest", "read_queue", "read_progress", "export", "read_metrics", "read_audit"}
)
"""Permissions that a service client can be given: none that decides anything."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever makes a request or runs a command.

    Parameters
    ----------
    id
        Number of the account, or ``None`` for the system itself.
    name
        User name, as the audit log has it.
    kind
        A person, a service client, or the system.
    roles
        Of a person.
    scopes
        Of a service client.
    team
        Of a person, where it is known.
    """

    id: int | None
    name: str
    kind: Literal["person", "service", "system"] = "person"
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    team: str | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the actor has a permission."""
        if permission == "open":
            return True
        if permission in ANYBODY:
            return self.kind in ANYBODY[permission]
        if self.kind == "service":
            return permission in self.scopes
        return bool(self.roles & GRANTS[permission])


SYSTEM = Actor(None, "system", "system")
"""The service itself: it records, ranks and erases what is due, and decides nothing."""
