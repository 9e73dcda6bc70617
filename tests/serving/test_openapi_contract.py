"""Every operation that the API describes, asked with what fits its description and what does not.

``SECONDLOOK_FUZZ=1000`` asks each operation so often, instead of a few times.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from assessing_factory import NO_VALUE
from factories import VALUES
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from starlette.testclient import TestClient

from data.taxonomy import load_taxonomy
from serving.actors import SCOPES
from serving.ranking import RankingWorker

pytestmark = pytest.mark.sqlite_alone

Document = dict[str, Any]
OFTEN = int(os.environ.get("SECONDLOOK_FUZZ", "15"))
BASE = "http://localhost"
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"})
CHECKS = {
    # who gets in is asked of every route by test_access.py
    "ignored_auth": {"enabled": False},
    # what no schema can say, such as a value that the taxonomy lacks, is refused with 422
    "positive_data_acceptance": {"enabled": False},
}
TAXONOMY = load_taxonomy()
REPORTER = {"surname": "Fairweather", "reported_before": "yes"}
FORM = {
    "EformFields": [{"FieldName": "rdcrimetype", "FieldValue": "Immigration Crime"}],
    "AdditionalPeople": [],
    "Attachments": [],
}
VIEW = {"value": "low", "categories": ["drugs"]}
UPHOLD = {"verdict": "uphold", "reason": "detail"}
OVERTURN = {"verdict": "overturn", "value": "medium", "reason": "seriousness"}


def schema_of(document: Document) -> BaseSchema:
    generation = {"with-security-parameters": False, "deterministic": True}
    config = {"base-url": BASE, "checks": CHECKS, "generation": generation}
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))


def operations(schema: BaseSchema) -> Iterator[APIOperation]:
    """Every operation; what erases comes last, so that the others have something to work on."""
    found = [one.ok() for one in schema.get_all_operations()]
    yield from sorted(found, key=lambda one: one.path.endswith("/erasure"))


@dataclass
class Caller:
    """Asks by a service key where the description lets one in, and otherwise as everyone."""

    document: Document
    keyed: TestClient
    everyone: TestClient
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.schema = schema_of(self.document)

    def by(self, method: str, path: str) -> TestClient:
        ways = self.document["paths"][path][method.lower()].get("security", [])
        return self.keyed if any("service_key" in one for one in ways) else self.everyone

    def send(self, case: Case) -> Any:
        sent = case.as_transport_kwargs(base_url=BASE)
        del sent["cookies"]
        if "data" in sent:
            sent["content"] = sent.pop("data")
        return self.by(case.method, case.operation.path).request(**sent)

    def ask(self, label: str, *, who: TestClient | None = None, **sent: Any) -> Any:
        """Ask one operation that must succeed; what the braces hold is among the keywords."""
        method, path = label.split()
        path = path if path.startswith("/m") or path.endswith("z") else f"/api/v1{path}"
        url = re.sub(r"{(\w+)}", lambda found: str(sent.pop(found[1])), path)
        browser = who or self.by(method, path)
        response = browser.request(method, url, **sent)
        assert response.status_code < 300, (label, response.status_code, response.text)
        self.schema[path][method].validate_response(response)
        self.told.add(f"{method} {path}")
        return response


@pytest.fixture
def caller(
    ranked: RankingWorker, client: TestClient, service_client: Callable[..., TestClient]
) -> Caller:
    assert ranked
    document = client.get("/api/v1/openapi.json").json()
    return Caller(document, service_client(*SCOPES), client)


@pytest.fixture
def second(as_role: Callable[..., TestClient]) -> TestClient:
    """Somebody else, for what nobody may do alone."""
    return as_role("assessor", name="second")


def taken_in(caller: Caller, narrative: str, **more: Any) -> str:
    sent = {"narrative": narrative, **more}
    key: str = caller.ask("POST /allegations", json=sent).json()["key"]
    return key


def assessed(caller: Caller, key: str, **given: Any) -> Any:
    read = caller.ask("POST /allegations/{key}/readings", key=key)
    view = {**VIEW, "reading": read.json()["reading"]}
    caller.ask("POST /allegations/{key}/own-views", key=key, json=view)
    caller.ask("GET /allegations/{key}/suggestion", key=key)
    version = {"If-Match": read.headers["ETag"], "Idempotency-Key": f"assess-{key}"}
    sent = {"value": "medium", "reason": "detail", **given}
    done = caller.ask("POST /allegations/{key}/assessments", key=key, json=sent, headers=version)
    caller.ask("POST /allegations/{key}/assessments", key=key, json=sent, headers=version)
    return done


def intake(caller: Caller) -> list[str]:
    narrative = "A man works in the kitchen at Harbour Grill every weekend and is paid cash"
    key = taken_in(caller, narrative, reporter=REPORTER, channel="phone_hotline")
    assert taken_in(caller, narrative, reporter=REPORTER, channel="phone_hotline") == key
    form = caller.ask("POST /intake/eform", json=FORM).json()["key"]
    caller.ask("GET /allegations")
    caller.ask("POST /allegations/search", json={"search": "kitchen"})
    read = caller.ask("GET /allegations/{key}", key=key).json()
    caller.ask("GET /allegations/{key}/message", key=key)
    caller.ask("GET /reporters/{reference}", reference=read["reporter_reference"])
    return [key, form]


def assessing(caller: Caller, second: TestClient) -> list[str]:
    taken = [taken_in(caller, f"He sells cigarettes from a van at {n} Mill Lane") for n in "357"]
    kept, undone, again = taken
    assessed(caller, kept)
    grade = {"source": 1, "information": "A", "handling": "P"}
    caller.ask("POST /allegations/{key}/gradings", key=kept, json=grade)
    caller.ask("POST /allegations/{key}/outcomes", key=kept, json={"outcome": "no_action"})
    caller.ask("POST /allegations/{key}/remarks", key=kept, json={"text": "Rung twice."})
    caller.ask("GET /allegations/{key}/history", key=kept)
    assessed(caller, undone)
    caller.ask("DELETE /allegations/{key}/assessments/current", key=undone)
    version = assessed(caller, again).headers["ETag"]
    caller.ask("POST /allegations/{key}/cycles", key=again, headers={"If-Match": version})
    flagged = taken_in(caller, "Her child is made to work at night in the car wash, aged 12")
    pending = assessed(caller, flagged, **NO_VALUE).json()
    listed = caller.ask("GET /assessments/awaiting-second-person", who=second).json()
    assert [one["key"] for one in listed] == [flagged]
    caller.ask("POST /allegations/{key}/readings", who=second, key=flagged)
    agreed = {"assessment": pending["assessment"], "agree": True, "note": "Nothing to go by."}
    countersign = "POST /allegations/{key}/countersignatures"
    caller.ask(countersign, who=second, key=flagged, json=agreed)
    caller.ask("GET /assessments/mine")
    return [*taken, flagged]


def reviewing(caller: Caller) -> tuple[list[str], int]:
    claims = "/second-looks/claims"

    def claim() -> dict[str, Any]:
        held: dict[str, Any] = caller.ask(f"POST {claims}", json={}).json()["claimed"]
        return held

    for step, sent in (("skip", {}), ("release", {}), ("unsure", {"note": "Is it enough?"})):
        number = claim()["claim"]
        caller.ask(f"POST {claims}/{{number}}/{step}", number=number, json=sent)
    held = claim()
    caller.ask(f"GET {claims}")
    once = {"Idempotency-Key": "decide-1"}
    for _ in range(2):
        decide = f"POST {claims}/{{number}}/decision"
        caller.ask(decide, number=held["claim"], json=OVERTURN, headers=once)
    caller.ask("GET /decisions/{number}/receipt", number=held["claim"])
    caller.ask(f"POST {claims}/{{number}}/undo", number=held["claim"])
    listed = caller.ask("GET /second-looks").json()["second_looks"]
    one_step = "POST /second-looks/{reference}/decisions"
    other = next(one["key"] for one in listed if one["key"] != held["key"])
    decided = caller.ask(one_step, reference=other, json=OVERTURN).json()["decision"]
    caller.ask("GET /assessments/returned")
    caller.ask("GET /second-looks/to-discuss")
    caller.ask("GET /second-looks/progress")
    caller.ask("GET /second-looks/agreement")
    planted = {"narrative": "Loose tobacco at the gate of 3 Mill Lane", "true_value": "low"}
    caller.ask("POST /plants", json=planted)
    caller.ask("GET /plants/measures")
    return [held["key"], other, listed[-1]["key"]], decided


def overseeing(caller: Caller, key: str, decision: int) -> None:
    said = {"narrative": "Sells cigarettes from a van", "value": "no_value"}
    caller.ask("POST /suggestions", json=[{"narrative": said["narrative"]}])
    caller.ask("POST /flags", json=said)
    period = {"since": "2026-01-01T00:00:00Z", "until": "2126-01-01T00:00:00Z"}
    caller.ask("GET /assessments/agreement", params=period)
    caller.ask("GET /audit", params=period)
    assert caller.ask("GET /audit/check").json()["sound"]
    for kind, number in (("decision", decision), ("assessment", 1)):
        caller.ask("GET /replays/{kind}/{number}", kind=kind, number=number)
    caller.ask("GET /samples/{population}", population="all", params={"seed": 7})
    for export in ("decisions", "audit"):
        assert caller.ask(f"GET /exports/{export}").text.count("\n") > 1
    caller.ask("GET /retention/due")
    keep = {"until": "2027-11-30T09:00:00Z", "reason": "An appeal is pending."}
    caller.ask("POST /allegations/{key}/retention", key=key, json=keep)
    caller.ask("POST /allegations/{key}/erasure", key=key, json={"reason": "They asked for it."})
    for path in ("/healthz", "/readyz", "/metrics"):
        caller.ask(f"GET {path}")


def test_whatever_succeeds_answers_as_it_is_described(caller: Caller, second: TestClient) -> None:
    intake(caller)
    assessing(caller, second)
    keys, decision = reviewing(caller)
    overseeing(caller, keys[-1], decision)
    assert caller.told == {one.label for one in operations(caller.schema)}


def hints(caller: Caller, keys: list[str]) -> Mapping[str, list[Any]]:
    """What there is in the store, by the names under which callers send it."""
    with_reporter = caller.ask("GET /allegations/{key}", key=keys[0]).json()
    return {
        "key": keys,
        "reference": [*keys[-2:], with_reporter["reporter_reference"]],
        "number": [1, 2, 3, 4, 5, 6],
        "reading": [1, 2, 3, 4, 5, 6],
        "assessment": [1, 2, 3, 4],
        "value": list(VALUES),
        "true_value": list(VALUES),
        "closure_reason": list(TAXONOMY.closure_codes),
        "outcome": list(TAXONOMY.outcome_codes),
        "if-match": ['"1"', '"2"', '"3"', '"4"'],
        "precision": [0.5],
    }


def hinted(document: Document, known: Mapping[str, list[Any]]) -> Document:
    """Describe the same, with what is known to exist as likely as whatever else would do."""
    told = copy.deepcopy(document)
    for operation in (one for path in told["paths"].values() for one in path.values()):
        for parameter in operation.get("parameters", []):
            if parameter["name"] in known:
                found = {"enum": known[parameter["name"]]}
                parameter["schema"] = {"anyOf": [found, parameter["schema"]]}
    for name, schema in told["components"]["schemas"].items():
        properties = schema.get("properties", {}) if name.endswith("In") else {}
        for each in properties.keys() & known.keys():
            properties[each] = {"anyOf": [{"enum": known[each]}, properties[each]]}
    return told


def complaints(caller: Caller, operation: APIOperation, mode: GenerationMode) -> Iterator[str]:
    @settings(
        max_examples=OFTEN,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def asked(case: Case) -> None:
        case.validate_response(caller.send(case))

    try:
        asked()
    except FailureGroup as found:
        yield f"{operation.label}, {mode.value}: {found}"


def takes_something(operation: APIOperation) -> bool:
    return bool(operation.definition.raw.get("parameters") or operation.body)


def test_every_operation_answers_as_it_is_described_whatever_it_is_asked(
    caller: Caller, second: TestClient
) -> None:
    keys = [*intake(caller), *assessing(caller, second), *reviewing(caller)[0]]
    fitting = schema_of(hinted(caller.document, hints(caller, keys)))
    found = [
        told
        for schema, mode in (
            (fitting, GenerationMode.POSITIVE),
            (caller.schema, GenerationMode.NEGATIVE),
        )
        for operation in operations(schema)
        if mode is GenerationMode.POSITIVE or takes_something(operation)
        for told in complaints(caller, operation, mode)
    ]
    assert not found, "\n\n".join(found)


def described_at(document: Document, url: str) -> set[str]:
    """The methods described for an address, which several paths may fit."""
    fits = (
        path for path in document["paths"] if re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), url)
    )
    return {method.upper() for path in fits for method in document["paths"][path]}


def test_methods_that_are_not_described_are_refused(caller: Caller) -> None:
    for path in caller.document["paths"]:
        url = re.sub(r"{\w+}", "1", path)
        described = described_at(caller.document, url)
        for method in sorted(METHODS - described):
            refused = caller.everyone.request(method, url)
            assert refused.status_code == 405, (method, path)
            assert refused.headers["content-type"] == "application/problem+json", (method, path)
            assert set(refused.headers["allow"].split(", ")) <= described, (method, path)


@pytest.mark.parametrize(
    "moment", ["2030-01-01T00:00:00", "2030-01-01", "1893456000", "9999-12-31T23:59:59-08:00"]
)
def test_a_moment_without_an_offset_or_out_of_range_is_refused(
    client: TestClient, moment: str
) -> None:
    period = {"since": moment, "until": "2031-01-01T00:00:00Z"}
    keep = {"until": moment, "reason": "An appeal is pending."}
    for refused, name in (
        (client.get("/api/v1/audit", params=period), "since"),
        (client.get("/api/v1/assessments/agreement", params=period), "since"),
        (client.post("/api/v1/allegations/A-1/retention", json=keep), "/until"),
    ):
        assert refused.status_code == 422
        assert [one["field"] for one in refused.json()["errors"]] == [name]


@pytest.mark.parametrize(
    "narrowed", [{"safeguarding": 0.0}, {"overdue": "yes"}, {"mine": 1}, {"limit": "5"}]
)
def test_what_is_sent_is_of_its_described_kind(client: TestClient, narrowed: Document) -> None:
    refused = client.post("/api/v1/allegations/search", json=narrowed)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == [f"/{next(iter(narrowed))}"]
