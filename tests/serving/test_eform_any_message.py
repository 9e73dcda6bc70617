"""Properties of every message, sound, broken or hostile: real and invented ones, changed."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.eform import Received, fingerprint, parse
from serving.eform.form import load_form
from serving.eform.message import MOST_FIELDS
from serving.eform.tree import DEEPEST, MOST_BYTES
from serving.errors import BadMessage

ON = date(2026, 11, 23)
FORM = load_form()
NAMES = sorted(question.field for question in FORM.questions.values())
INVENTED = [
    ("rdcrimetype", "Smuggling"), ("cbdrugsmug", 1), ("rdchildren", "Yes"),
    ("txpermoreinfo", "He keeps them in the lock-up."), ("rdwhen", "Happening Now"),
    ("txwhenstart", "since May"), ("personname", "Dan"), ("persondob", "1990-02-30"),
    ("cbpersonnat", "NatList.BRB"), ("lsvehicle", "vehicle_type.Van"), ("txvehreg", "AB12 CDE"),
    ("txaboutrisk", "No"), ("txaboutname", "Jo"), ("txwhocompbus", "Harbour Grill"),
    ("txpermoreallholder", ["Person Added IS =personAddFirstName:Ana, personAddDob:1985-02-01"]),
    ("lscountry", "France"), ("rdabout18", "No"), ("zzz", "unknown"),
]  # fmt: skip


def beside() -> Path:
    shared = Path(__file__).resolve().parents[2].parent / "shared"
    return Path(os.environ.get("SECONDLOOK_SHARED", shared)) / "intake"


def real_ones() -> Iterator[list[tuple[str, Any]]]:
    for path in sorted(beside().glob("*.json")):
        listed = json.loads(path.read_bytes())["EformFields"]
        yield [(one["FieldName"], one["FieldValue"]) for one in listed]


MESSAGES = [INVENTED, *real_ones()]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
anything = st.recursive(
    leaves | st.just(float(10**30)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
CODES = ["Yes", "No", "Idontknow", "1", "", " ", "Ongoing", "NatList.IND", "75+", "2026-02-30"]
names = st.sampled_from(NAMES) | texts
answers = st.tuples(names, st.sampled_from(CODES) | anything)
people = st.recursive(
    anything
    | st.builds(lambda name, said: {"Key": name, "StringValue": said}, names, leaves)
    | st.builds(lambda said: f"Person Added IS =personAddFirstName:{said}", texts),
    lambda inner: (
        st.lists(inner, max_size=3) | st.builds(lambda said: {"aggregatedValues": said}, inner)
    ),
    max_leaves=5,
)


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    """A message of the right outer shape, changed in a few places."""
    fields = list(draw(st.sampled_from(MESSAGES)))
    for at in draw(st.lists(st.integers(0, len(fields) - 1), max_size=4)):
        kind = draw(st.sampled_from(["answer", "name", "again", "drop"]))
        name, value = fields[at % len(fields)]
        if kind == "answer":
            fields[at % len(fields)] = (name, draw(answers)[1])
        elif kind == "name":
            fields[at % len(fields)] = (draw(names), value)
        elif kind == "again":
            fields.append((name, draw(st.just(value) | answers.map(lambda one: one[1]))))
        elif len(fields) > 1:
            fields.pop(at % len(fields))
    fields += draw(st.lists(answers, max_size=3))
    made: dict[str, Any] = {
        "EformFields": [{"FieldName": name, "FieldValue": value} for name, value in fields]
    }
    for key, strategy in (("AdditionalPeople", people), ("Attachments", anything)):
        if draw(st.booleans()):
            made[key] = draw(strategy)
    return made


def taken(message: dict[str, Any]) -> Received:
    return parse(json.dumps(message).encode(), ON)


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, str) and value.strip():
        yield value.strip()


def kept_in(got: Received) -> list[str]:
    """Every text that can be read again from what became of a message."""
    said = [got.narrative, *got.fields.values(), *got.reporter.given().values()]
    said += [detail for subject in got.people for detail in subject.details.values()]
    said += [part for one in got.attachments for part in (one.name, one.mimetype, one.id)]
    for one in got.unread:
        said += [one.name, *texts_in(json.loads(one.value))]
    return said


def means(got: Received, name: str, value: str) -> bool:
    """Whether an answer chosen from a table, or a tick, is there by its meaning."""
    question = FORM.questions.get(name.casefold())
    if question is None:
        return False
    if question.kind == "tick":
        return question.to in {*got.categories, *got.fields.get("transport", "").split("|")}
    if question.kind not in FORM.answers:
        return False
    meant = FORM.meaning(question.kind, value)
    where = got.fields if question.part == "fields" else got.reporter.given()
    details = [subject.details.get(question.to) for subject in got.people]
    return meant is not None and (where.get(question.to) == meant or meant in details)


@given(messages())
def test_nothing_that_was_sent_is_lost(message: dict[str, Any]) -> None:
    got = taken(message)
    kept = kept_in(got)
    for item in message["EformFields"]:
        name, value = item["FieldName"], item["FieldValue"]
        line = "Person Added IS ="
        for text in texts_in(value):
            parts = text.removeprefix(line).split(":") if text.startswith(line) else [text]
            found = any(parts[-1].strip() in one for one in kept)
            assert found or means(got, name, value) or name.casefold().startswith("txpermoreall")


def told_of_people(value: Any) -> Iterator[str]:
    """Every text said in a list of people, without the names of what is asked."""
    if isinstance(value, dict):
        shape = next((keys for keys in SHAPES if set(keys) == set(value)), None)
        asked = shape is not None and value[shape[0]] in FORM.people
        for key, inner in value.items():
            if not (asked and shape and key == shape[0]):
                yield from told_of_people(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from told_of_people(inner)
    elif isinstance(value, str) and value.strip():
        said = value.removeprefix("Person Added IS =personAddFirstName:").strip()
        yield said.split(",")[0].strip()


SHAPES = (("FieldName", "FieldValue"), ("Key", "StringValue"), ("field", "value"))


@given(people, anything)
def test_nothing_said_of_further_people_or_attachments_is_lost(said: Any, attached: Any) -> None:
    got = taken({"EformFields": [], "AdditionalPeople": said, "Attachments": attached})
    kept = kept_in(got)
    for text in told_of_people(said):
        genders = FORM.meaning("gender", text)
        assert any(text in one for one in kept) or genders in {
            detail for one in got.people for detail in one.details.values()
        }
    assert all(any(text in one for one in kept) for text in texts_in(attached))


@given(messages())
def test_every_number_is_kept_counted_or_unread(message: dict[str, Any]) -> None:
    got = taken(message)
    kept = [*kept_in(got), *(one.value for one in got.unread)]
    for item in message["EformFields"]:
        name, value = item["FieldName"], item["FieldValue"]
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert any(json.dumps(value) in one for one in kept) or means(got, name, "1")


@given(messages())
def test_a_record_can_always_be_made_of_it(message: dict[str, Any]) -> None:
    got = taken(message)
    assert got.narrative.strip()
    assert all(value.strip() for value in got.fields.values())
    assert got.narrative_made == any(one.rule == "no_free_text" for one in got.defects)
    assert {one.rule for one in got.defects} >= {"missing_tick"} or got.categories
    assert len(set(got.categories)) == len(got.categories)
    for stored in (got.narrative, *got.fields.values(), *(one.value for one in got.unread)):
        assert "\0" not in stored
        assert "\\u0000" not in stored
        stored.encode("utf-8")


@given(messages())
def test_the_same_message_is_taken_alike_however_it_is_spaced(message: dict[str, Any]) -> None:
    compact = json.dumps(message, separators=(",", ":")).encode()
    spaced = json.dumps(message, indent=2, sort_keys=True, ensure_ascii=False).encode()
    assert fingerprint(compact) == fingerprint(spaced)
    assert parse(compact, ON) == parse(spaced, ON)


@given(st.sampled_from(MESSAGES), st.randoms(use_true_random=False))
def test_the_order_of_the_fields_changes_nothing_but_the_fingerprint(
    fields: list[tuple[str, Any]], chance: Any
) -> None:
    listed = [{"FieldName": name, "FieldValue": value} for name, value in fields]
    before = taken({"EformFields": listed})
    chance.shuffle(listed)
    after = taken({"EformFields": listed})
    assert before.narrative == after.narrative
    assert before.reporter == after.reporter
    assert before.timing == after.timing
    assert dict(before.fields) == dict(after.fields)
    assert set(before.categories) == set(after.categories)
    assert [(one.role, dict(one.details)) for one in before.people] == [
        (one.role, dict(one.details)) for one in after.people
    ]
    rules = [Counter(one.rule for one in got.defects) for got in (before, after)]
    assert rules[0] == rules[1]


@given(
    st.binary(max_size=80)
    | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_bytes_that_are_no_message_are_refused_as_such(body: bytes) -> None:
    with pytest.raises(BadMessage):
        parse(body, ON)


@given(messages(), st.data())
def test_a_message_that_is_cut_or_altered_is_taken_or_refused(
    message: dict[str, Any], data: st.DataObject
) -> None:
    body = bytearray(json.dumps(message).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with suppress(BadMessage):
        assert parse(bytes(body), ON).narrative


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


SOUND = '{"FieldName": "rdchildren", "FieldValue": "No"}'


@pytest.mark.parametrize(
    ("body", "where", "rule"),
    [
        ("", "/", "JSON"),
        ("{", "/", "JSON"),
        ("NaN", "/", "JSON"),
        ('{"EformFields": [], "a": Infinity}', "/", "JSON"),
        ("[]", "/", "object"),
        ("7", "/", "object"),
        ("{}", "/EformFields", "list"),
        ('{"EformFields": {}}', "/EformFields", "list"),
        ('{"eformfields": []}', "/EformFields", "list"),
        ('{"EformFields": ["x"]}', "/EformFields/0", "object"),
        (f'{{"EformFields": [{SOUND}, {{"FieldName": "a"}}]}}', "/EformFields/1/FieldValue",
         "missing"),
        ('{"EformFields": [{"FieldValue": 1}]}', "/EformFields/0/FieldName", "missing"),
        ('{"EformFields": [{"FieldName": 1, "FieldValue": 1}]}', "/EformFields/0/FieldName",
         "text"),
        ('{"EformFields": [{"FieldName": "a", "FieldValue": "b\\u0000"}]}',
         "/EformFields/0/FieldValue", "NUL"),
        ('{"EformFields": [{"FieldName": "a", "FieldValue": ["\\ud800"]}]}',
         "/EformFields/0/FieldValue/0", "surrogate"),
        ('{"EformFields": [], "sec\\u0000ret": 1}', "/(name)", "NUL"),
        (f'{{"EformFields": [{",".join([SOUND] * (MOST_FIELDS + 1))}]}}', "/EformFields",
         "at most"),
        (f'{{"EformFields": [], "x": {nested(DEEPEST)}}}',
         "/(name)" + "/0" * (DEEPEST - 1), "deep"),
        (f'{{"EformFields": [], "x": {nested(200_000)}}}', "/", "deep"),
        (" " * (MOST_BYTES + 1), "/", "bytes"),
    ],
    ids=range(20),
)  # fmt: skip
def test_what_cannot_be_read_at_all_is_refused_with_its_place_and_rule(
    body: str, where: str, rule: str
) -> None:
    with pytest.raises(BadMessage) as refused:
        parse(body.encode(), ON)
    (problem,) = refused.value.problems
    assert problem.where == where
    assert rule in problem.rule
    assert "secret" not in str(refused.value)


def test_a_message_in_another_encoding_is_refused() -> None:
    with pytest.raises(BadMessage, match="UTF-8"):
        parse('{"EformFields": []}'.encode("utf-16"), ON)


def test_a_key_that_stands_twice_loses_neither_value() -> None:
    body = (
        b'{"EformFields": [{"FieldName": "personname", "FieldValue": "Dan", "FieldValue": "Jo"}]}'
    )
    got = parse(body, ON)
    assert got.people[0].details == {"first_name": "Dan"}
    assert [(one.name, one.value) for one in got.unread] == [("FieldValue (again)", '"Jo"')]
    assert ("/EformFields/0", "unknown_key") in [(one.field, one.rule) for one in got.defects]


def test_a_number_of_any_length_is_kept_as_it_was_written() -> None:
    digits = "9" * 6_000
    got = parse(f'{{"EformFields": [{{"FieldName": "x", "FieldValue": {digits}}}]}}'.encode(), ON)
    assert got.unread[0].value == digits


@pytest.mark.parametrize("filler", ["a", " ", "my ", "i am ", "0", "1.", "(", "'", "not ", "\n"])
def test_a_very_long_text_is_taken_whole(filler: str) -> None:
    text = (filler * 150_000)[:150_000]
    listed = [
        {"FieldName": "txpermoreinfo", "FieldValue": f"x{text}x"},
        {"FieldName": "txaboutmobile", "FieldValue": "07700 900123"},
        {"FieldName": "txaboutpostcode", "FieldValue": "NE1 4ST"},
        {"FieldName": "txaboutrelationship", "FieldValue": text},
    ]
    assert taken({"EformFields": listed}).narrative == f"x{text}x"
