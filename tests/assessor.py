"""An assessor at the pages: opens a record, gives a view of it, settles it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from factories import VALUES
from starlette.testclient import TestClient

from serving.intake import QUEUE
from serving.store.database import Store
from serving.store.records_intake import NewRecord

PAGE = {"accept": "text/html"}
URL = "/records/B-1"
SETTLED = {"value": "medium", "reason": "detail", "closing": "open"}
CLOSED = {
    "value": "no_value",
    "reason": "detail",
    "closing": "close",
    "closure_reason": "no_value_insufficient_information",
    "outcome": "no_action",
}
SAYS = ("Confident", "81 in 100", "Suggested value", "white van</q>", "<meter")


def seen(client: TestClient, url: str = URL) -> str:
    """Open a page and give what it says."""
    answer = client.get(url, headers=PAGE)
    assert answer.status_code == 200, answer.text[:400]
    return answer.text


def field(text: str, name: str) -> str:
    """Give what a field of a form holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]


def send(client: TestClient, path: str, **form: Any) -> tuple[int, str]:
    """Send a form as a browser does; gives the status and where it leads, or the page."""
    token = field(seen(client, "/account/password"), "csrf_token")
    answer = client.post(
        path, data={"csrf_token": token, **form}, headers=PAGE, follow_redirects=False
    )
    return answer.status_code, answer.headers.get("location", answer.text)


def view(client: TestClient, url: str = URL, **form: Any) -> tuple[int, str]:
    """Give an own view on a record's page."""
    reading = field(seen(client, url), "reading")
    return send(client, f"{url}/own-view", **{"value": "low", "reading": reading, **form})


def settle(client: TestClient, url: str = URL, **form: Any) -> tuple[int, str]:
    """Settle a record on its page."""
    version = field(seen(client, url), "version")
    return send(client, f"{url}/assessment", **{"version": version, **form})


def put(store: Store, key: str, narrative: str, **more: Any) -> int:
    """Put an unassessed allegation with these words into the store; gives its number."""
    new = NewRecord("api", narrative, content_sha256="0" * 64, reference=key, **more)
    with store.writing() as unit:
        if unit.allegations.value_order(QUEUE) is None:
            unit.allegations.open_queue(QUEUE, VALUES)
        number, _ = unit.intake.add(QUEUE, new, now=datetime.now(UTC))
    return number
