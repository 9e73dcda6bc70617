"""What surrounds a page for whoever asks for it: their name, and where their roles lead."""

from __future__ import annotations

from fastapi import Request

from serving.actors import Permission
from serving.layout import AccountView, Layout, navigation

LINKS: tuple[tuple[str, str, Permission], ...] = (
    ("Home", "/", "signed_in"),
    ("Allegations", "/records", "read_records"),
    ("For a second person", "/second-person", "countersign"),
    ("Overturned", "/returned", "record_outcome"),
    ("Second look", "/second-look", "review"),
    ("To discuss", "/to-discuss", "read_records"),
    ("Queue", "/second-looks", "read_queue"),
    ("Figures", "/lead", "oversee"),
    ("Who reported", "/identities", "read_identities"),
    ("Planted", "/planted", "plant"),
    ("Retention", "/retention", "retain"),
    ("Models", "/data", "read_models"),
    ("Audit log", "/audit", "read_audit"),
)
"""Words, address and permission of every link of the navigation, in order."""

ROLE_TITLES = {
    "assessor": "Assessor",
    "reviewer": "Reviewer",
    "lead": "Lead",
    "data_scientist": "Data scientist",
    "source_handler": "Source handler",
    "inspector": "Inspector",
}


def frame(request: Request) -> Layout:
    """Give what surrounds a page."""
    session = getattr(request.state, "session", None)
    if session is None:
        return Layout()
    roles = sorted(session.actor.roles)
    account = AccountView(
        name=session.display_name,
        role=", ".join(ROLE_TITLES[role] for role in roles),
        csrf_token=session.csrf_token,
    )
    if session.must_change_password:
        return Layout(account)
    links = [(text, url) for text, url, needed in LINKS if session.actor.may(needed)]
    return Layout(account, navigation(links, request.url.path))
