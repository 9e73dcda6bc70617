"""The form's messages, invented ones and, where they are at hand, the real ones."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.taxonomy import load_taxonomy
from model.safeguarding import safeguarding
from model.urgency import urgency
from serving.eform import Received, fingerprint, parse
from serving.eform.findings import WORDS
from serving.eform.form import load_form
from serving.linking import FactKey, fact_keys

ON = date(2026, 11, 23)
CAR_WASH: Mapping[str, Any] = {
    "rdcrimetype": "Immigration Crime",
    "cbillegwork": 1,
    "cbhumantraf": 1,
    "rdchildren": "No",
    "rdwhen": "Ongoing",
    "txpermoreinfo": "They sleep in a container behind the car wash.",
    "txotheranyinfo": "The owner holds their passports.",
}


def message(answers: Mapping[str, Any] = CAR_WASH, **more: Any) -> bytes:
    listed = [{"FieldName": name, "FieldValue": value} for name, value in answers.items()]
    return body(listed, **more)


def body(listed: list[Any], **more: Any) -> bytes:
    outer = {"EformFields": listed, "AdditionalPeople": [], "Attachments": [], **more}
    return json.dumps(outer).encode()


def received(**answers: Any) -> Received:
    return parse(message({**CAR_WASH, **answers}), ON)


def rules(got: Received) -> list[tuple[str, str]]:
    return [(defect.field, defect.rule) for defect in got.defects]


def real(name: str) -> bytes:
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    path = Path(os.environ.get("SECONDLOOK_SHARED", beside)) / "intake" / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the real message {name} is not here; set SECONDLOOK_SHARED to where")
    return path.read_bytes()


def test_a_sound_message_is_taken_without_a_defect() -> None:
    got = parse(message(), ON)
    assert got.defects == got.unread == got.people == ()
    assert got.channel == "web_form"
    assert got.categories == ("illegal_working", "trafficking_smuggling_slavery")
    assert got.fields == {
        "crime_type": "immigration", "children_involved": "no", "timing": "ongoing",
    }  # fmt: skip
    assert got.narrative == (
        "They sleep in a container behind the car wash.\n\nThe owner holds their passports."
    )


def test_the_narrative_keeps_its_order_whatever_the_order_of_the_fields() -> None:
    turned = dict(reversed(CAR_WASH.items()))
    assert parse(message(turned), ON).narrative == parse(message(), ON).narrative


def test_timing_notes_stand_in_the_narrative_with_their_question() -> None:
    got = received(txdidstart="since May", txotheranothercrime="He sells cigarettes too")
    assert got.narrative.endswith(
        "Another crime: He sells cigarettes too\n\nWhen it started: since May"
    )


def test_a_message_without_free_text_states_what_was_ticked_and_says_that_it_was_made() -> None:
    sparse = {name: CAR_WASH[name] for name in ("rdcrimetype", "cbillegwork", "rdchildren")}
    got = parse(message({**sparse, "personname": "Dan", "cbpersonnat": "NatList.IND"}), ON)
    assert got.narrative_made
    assert ("EformFields", "no_free_text") in rules(got)
    assert "illegal working" in got.narrative
    assert "Dan" not in got.narrative
    assert not parse(message(), ON).narrative_made


def test_every_category_and_answer_that_the_form_means_is_in_the_taxonomy() -> None:
    form, taxonomy = load_form(), load_taxonomy()
    codes = {one.to for one in form.questions.values() if one.part == "categories"}
    assert codes == set(taxonomy.category_codes)
    assert dict(form.groups) == {one.code: one.group for one in taxonomy.categories}
    kinds = {"children_involved": "yes_no", "timing": "timing", "timing_future": "timing_future"}
    for question in taxonomy.questions:
        assert {*form.answers[kinds[question.code]].values(), "dont_know"} == {*question.answers}


def test_every_question_that_others_are_checked_against_is_one_of_the_form() -> None:
    form = load_form()
    named = {*form.closes, *form.belongs, *(one for many in form.closes.values() for one in many)}
    assert named <= {question.field for question in form.questions.values()}
    kinds = {question.kind for question in form.questions.values()} - set(form.answers)
    assert kinds == {
        "free", "note", "text", "date", "time", "tick", "age", "nationality", "country", "people",
        "kept",
    }  # fmt: skip


@pytest.mark.parametrize(
    "said", ["Idontknow", "DontKnow", "I dont know", "unknown", "I don't know"]
)
def test_dont_know_is_a_value_and_blank_is_none(said: str) -> None:
    assert received(rdchildren=said).fields["children_involved"] == "dont_know"
    blank = received(rdwhen="", rdwherecrime="   ")
    assert blank.fields.keys() == {"crime_type", "children_involved"}
    assert blank.defects == ()


def test_the_reporter_is_kept_out_of_everything_else() -> None:
    got = received(
        txaboutname="Josephine", txaboutsurname="Brindle", txaboutmobile="07700 900123",
        txaboutdob="1980-05-17", cbaboutnat="NatList.GBR", rdaboutcontact="Yes",
        txabouthow="told in the canteen", txaboutrelationship="sister in law",
    )  # fmt: skip
    everything = f"{got.narrative} {dict(got.fields)} {[one.details for one in got.people]}"
    for own in ("Josephine", "Brindle", "900123", "1980", "canteen", "sister", "GBR"):
        assert own not in everything
        assert own not in repr(got)
        assert own not in str(got.defects)
    assert got.reporter.given() == {
        "first_name": "Josephine", "surname": "Brindle", "phone": "07700 900123",
        "date_of_birth": "1980-05-17", "nationality": "NatList.GBR", "may_contact": "yes",
        "how_found_out": "told in the canteen", "relationship": "sister in law",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "said", "name", "kept"),
    [
        ("txaboutrisk", "No", "risk_if_used", "yes"),
        ("txaboutrisk", "Yes", "risk_if_used", "no"),
        ("txaboutrisk", "Idontknow", "risk_if_used", "dont_know"),
        ("rdabout18", "Yes", "under_18", "no"),
        ("rdabout18", "No", "under_18", "yes"),
        ("txaboutreported", "Yes", "reported_before", "yes"),
        ("txaboutreported", "to the police", "reported_before", "to the police"),
    ],
)
def test_what_the_form_asks_the_other_way_round_is_turned(
    field: str, said: str, name: str, kept: str
) -> None:
    assert received(**{field: said}).reporter.given() == {name: kept}


def test_the_rules_are_told_of_the_risk_though_the_model_is_not() -> None:
    got = received(txaboutrisk="No")
    assert "risk_if_acted_on" not in got.fields
    flags = safeguarding("Nothing else.", got.rule_answers)
    assert [flag.rule for flag in flags] == ["acting_may_endanger"]


def test_protected_facts_of_the_person_stay_out_of_the_models_answers() -> None:
    got = received(
        personname="Dan", personsurname="Kovac", persondob="1990-01-01", personsex="Male",
        cbpersonnat="NatList.HRV", personpob="Split", personpassport="P123", personage="35-44",
        lscountry="France", txairlinecomp="Air Somewhere", peruklocpostcode="NE1 4ST",
    )  # fmt: skip
    assert got.fields.keys() == {"crime_type", "children_involved", "timing"}
    person, journey = got.people
    assert (person.role, journey.role) == ("person", "journey")
    assert person.details["nationality"] == "NatList.HRV"
    assert journey.details == {
        "boat_departure_country": "France", "airline": "Air Somewhere",
    }  # fmt: skip
    assert fact_keys((), *got.linkable) == (FactKey("postcode", "ne14st"),)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"cbdrugsmug": 1}, ("cbdrugsmug", "conflict")),
        ({"rdcrimetype": "Fraud"}, ("rdcrimetype", "unknown_code")),
        ({"rdcrimetype": ""}, ("rdcrimetype", "missing_crime_type")),
        ({"rdchildren": ""}, ("rdchildren", "missing_children")),
        ({"cbillegwork": "1"}, ("cbillegwork", "tick_as_text")),
        ({"cbillegwork": 0}, ("cbillegwork", "tick_not_one")),
        ({"cbillegwork": "on"}, ("cbillegwork", "tick_not_one")),
        ({"cbillegwork": True}, ("cbillegwork", "tick_not_one")),
        ({"CBILLEGWORK": 1}, ("cbillegwork", "other_case")),
        ({"rdhowvehicletraveltransport": "No", "txvehreg": "AB12 CDE"},
         ("rdhowvehicletraveltransport", "conflict")),
        ({"rdreportperson": "No", "personname": "Dan"}, ("rdreportperson", "conflict")),
        ({"rdwhoreportorg": "Idontknow", "txwhocompbus": "X"}, ("rdwhoreportorg", "conflict")),
        ({"rdaboutcontact": "No", "txaboutmobile": "07700900123"},
         ("rdaboutcontact", "conflict")),
        ({"tkhowdk": 1, "tkhowboat": 1}, ("tkhowdk", "conflict")),
        ({"txwhenhappen": "in May"}, ("txwhenhappen", "conflict")),
        ({"rdwhenhappen": "Inthenext24hours"}, ("rdwhenhappen", "conflict")),
        ({"dtwhenhappen": "2026-11-01"}, ("dtwhenhappen", "conflict")),
        ({"rdwhenhappen": "Inthenext24hours", "dtwhenhappen": "2026-12-24"},
         ("dtwhenhappen", "conflict")),
        ({"rdwhenhappen": "Datemorethan24hoursinthefuture", "dtwhenhappen": "2026-11-23"},
         ("dtwhenhappen", "conflict")),
        ({"persondob": "1990-02-30"}, ("persondob", "impossible_date")),
        ({"persondob": "0001-01-01"}, ("persondob", "impossible_date")),
        ({"persondob": "2027-01-01"}, ("persondob", "impossible_date")),
        ({"persondob": "01/02/1990"}, ("persondob", "not_a_date")),
        ({"txaboutdob": "2030-01-01"}, ("txaboutdob", "impossible_date")),
        ({"tiwhenhappen": "undefined:undefined"}, ("tiwhenhappen", "impossible_time")),
        ({"persondob": "1990-01-01", "personage": "18-24"},
         ("persondob", "age_and_birth_disagree")),
        ({"rdabout18": "No", "txaboutdob": "1980-01-01"},
         ("rdabout18", "age_and_birth_disagree")),
        ({"personage": "75+"}, ("personage", "age_band_unclear")),
        ({"personage": "74+"}, ("personage", "age_band_unclear")),
        ({"personage": "about thirty"}, ("personage", "words_for_answer")),
        ({"cbpersonnat": "NatList.IND"}, ("cbpersonnat", "nationality_unreliable")),
        ({"txpermoreinfo": "x" * 1201}, ("txpermoreinfo", "free_text_too_long")),
        ({"txdidstart": "x" * 51}, ("txdidstart", "note_too_long")),
        ({"txotheranyinfo": 12}, ("txotheranyinfo", "number_for_text")),
        ({"txotheranyinfo": ["a", "b"]}, ("txotheranyinfo", "list_for_text")),
        ({"txotheranyinfo": None}, ("txotheranyinfo", "no_value")),
        ({"txotheranyinfo": {"a": 1}}, ("txotheranyinfo", "not_a_text")),
        ({"txotheranyinfo": [[1]]}, ("txotheranyinfo", "not_a_text")),
        ({"lscomptype": "CompanyType.Piracy"}, ("lscomptype", "unknown_code")),
        ({"txaboutrisk": "he would know"}, ("txaboutrisk", "words_for_answer")),
        ({"secret": "He"}, ("/EformFields/7", "unknown_field")),
        ({"txaboutmobile": "1", "txabouttel": "2"}, ("txabouttel", "two_answers")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_reported(answers: dict[str, Any], expected: tuple[str, str]) -> None:
    got = parse(message({**CAR_WASH, **answers}), ON)
    assert expected in rules(got)


@pytest.mark.parametrize(
    "answers",
    [
        {"persondob": "1982-11-23", "personage": "35-44"},
        {"persondob": "1982-02-01", "personage": "35-44"},
        {"rdwhen": "Not yet happened", "rdwhenhappen": "Inthenext24hours",
         "dtwhenhappen": "2026-11-24", "tiwhenhappen": "23:05", "txwhendontknow": "by boat"},
        {"rdhowvehicletraveltransport": "Yes", "tkhowvehicle": 1, "lsvehicle": "vans"},
        {"lsvehicle": "vehicle_type.VanTrail", "lscomptype": "CompanyType.dontknow"},
        {"rdaboutcontact": "No", "rdabout18": "Yes"},
        {"txpermoreinfo": "x" * 1200, "txdidstart": "x" * 50},
        {"txvehreg": "2 CVS", "txwherepostcode": "unknown"},
    ],
)  # fmt: skip
def test_what_fits_is_not_reported(answers: dict[str, Any]) -> None:
    assert rules(received(**answers)) == []


def test_a_field_sent_twice_loses_neither_answer() -> None:
    listed = json.loads(message())["EformFields"]
    listed += [
        {"FieldName": "rdwhen", "FieldValue": "Happening Now"},
        {"FieldName": "cbillegwork", "FieldValue": 1},
        {"FieldName": "txotheranyinfo", "FieldValue": "They may not leave."},
    ]
    got = parse(body(listed), ON)
    assert rules(got) == [
        ("rdwhen", "repeated_differs"), ("cbillegwork", "repeated_same"),
        ("txotheranyinfo", "repeated_text"),
    ]  # fmt: skip
    assert got.fields["timing"] == "ongoing"
    assert [(one.name, one.value) for one in got.unread] == [("rdwhen", '"Happening Now"')]
    assert "holds their passports.\n\nThey may not leave." in got.narrative
    assert got.categories == ("illegal_working", "trafficking_smuggling_slavery")


def test_of_two_answers_about_children_the_graver_counts_wherever_it_stands() -> None:
    for first, second in (("Yes", "No"), ("No", "Yes")):
        listed = json.loads(message({**CAR_WASH, "rdchildren": first}))["EformFields"]
        listed.append({"FieldName": "rdchildren", "FieldValue": second})
        got = parse(body(listed), ON)
        assert got.fields["children_involved"] == "yes"
        assert [one.value for one in got.unread] == ['"No"']
        assert ("rdchildren", "repeated_differs") in rules(got)


def test_no_defect_quotes_what_was_sent() -> None:
    told = "zebra-crossing"
    got = parse(
        message(
            {**CAR_WASH, told: told, "rdwhen": told, "persondob": told, "personage": told,
             "cbillegwork": told, "lscomptype": told, "txaboutrisk": told},
            AdditionalPeople=[told, {told: told}], Attachments=[told], **{told: told},
        ), ON,
    )  # fmt: skip
    assert len(got.defects) >= 9
    assert told not in str(got.defects)
    assert told not in repr(got)
    assert all(defect.words.startswith(WORDS[defect.rule]) for defect in got.defects)


PERSON = {"first_name": "Ana", "surname": "Vale"}


@pytest.mark.parametrize(
    "listed",
    [
        [[{"Key": "txpermorefname", "StringValue": "Ana"},
          {"Key": "txpermorefamname", "StringValue": "Vale"}]],
        [[{"FieldName": "txpermorefnameholder", "FieldValue": "Ana"},
          {"FieldName": "txpermorefamnameholder", "FieldValue": "Vale"}]],
        {"aggregatedValues": [{"fields": [
            {"field": "personAddFirstName", "value": "Ana", "parsed": "Ana"},
            {"field": "personAddFamilyName", "value": "Vale"}]}]},
        {"anotherPerson": [{"personAddFirstName": "Ana", "personAddFamilyName": "Vale"}]},
        ["Person Added IS =personAddFirstName:Ana, personAddFamilyName:Vale"],
        "Person Added IS =personAddFirstName:Ana, personAddFamilyName:Vale",
    ],
)  # fmt: skip
def test_a_further_person_is_read_in_every_shape(listed: Any) -> None:
    got = parse(message(AdditionalPeople=listed), ON)
    assert [(one.role, one.details) for one in got.people] == [("additional_person", PERSON)]
    assert got.unread == got.defects == ()


def test_a_line_about_a_person_may_hold_commas_and_colons_in_its_values() -> None:
    line = "Person Added IS =personAddFirstName:Ana, or Anna: both, personAddFamilyName:Vale, Jr"
    got = received(txpermoreallholder=[line, "Person Added IS =personAddDob:1990-02-30"])
    assert [one.details for one in got.people] == [
        {"first_name": "Ana, or Anna: both", "surname": "Vale, Jr"},
        {"date_of_birth": "1990-02-30"},
    ]
    assert ("personAddDob", "impossible_date") in rules(got)


@pytest.mark.parametrize("listed", [["Ana Vale"], [{"who": "Ana"}], 7, True, [[[["Ana"]]]]])
def test_a_person_listed_in_an_unknown_way_is_kept_unread(listed: Any) -> None:
    got = parse(message(AdditionalPeople=listed), ON)
    assert {rule for _, rule in rules(got)} == {"people_unread"}
    assert len(got.unread) == 1


def test_what_does_not_fit_about_a_further_person_is_kept_and_told() -> None:
    pairs = [
        {"Key": "txpermorefname", "StringValue": "Ana"},
        {"Key": "personAddFirstName", "StringValue": "Eva"},
        {"Key": "rdpermoregender", "StringValue": "n/k"},
        {"Key": "shoe size", "StringValue": "42"},
        {"Key": "dtpermoredob", "StringValue": "1990-01-01"},
        {"Key": "txpermoreapproxage", "StringValue": "0-17"},
    ]
    got = parse(message(AdditionalPeople=[pairs]), ON)
    assert [one.details for one in got.people] == [
        {"first_name": "Ana", "date_of_birth": "1990-01-01", "age_band": "0-17"}
    ]
    assert [(one.name, one.value) for one in got.unread] == [
        ("personAddFirstName", '"Eva"'), ("rdpermoregender", '"n/k"'), ("shoe size", '"42"'),
    ]  # fmt: skip
    assert rules(got) == [
        ("personAddFirstName", "repeated_differs"), ("rdpermoregender", "unknown_code"),
        ("AdditionalPeople", "people_unread"), ("AdditionalPeople", "age_and_birth_disagree"),
    ]  # fmt: skip


def test_people_listed_without_anything_about_them_are_reported() -> None:
    empty = {"anotherPerson": [], "aggregatedValues": [[None], [None]]}
    assert rules(parse(message(AdditionalPeople=empty), ON)) == [
        ("AdditionalPeople", "people_empty")
    ]


def test_the_same_person_in_two_places_is_kept_once_and_the_doubt_is_told() -> None:
    pairs = [{"Key": "txpermorefname", "StringValue": "Ana"}]
    answers = {**CAR_WASH, "txpermorefnameholder": "Ana"}
    got = parse(message(answers, AdditionalPeople=[pairs]), ON)
    assert [one.details for one in got.people] == [{"first_name": "Ana"}]
    assert ("AdditionalPeople", "people_twice") in rules(got)


def test_attachments_are_named_and_what_is_odd_about_them_is_told() -> None:
    sound = {"name": "photo.jpg", "mimetype": "image/jpeg", "id": "7", "url": "http://x/1"}
    got = parse(message(Attachments=[sound, {"name": "odd"}, {**sound, "size": 3}]), ON)
    assert [(one.name, one.mimetype, one.id) for one in got.attachments] == [
        ("photo.jpg", "image/jpeg", "7")
    ] * 2
    assert [rule for _, rule in rules(got)] == ["attachment_unread", "unknown_key"]
    assert len(got.unread) == 2
    assert "attachments_many" in str(parse(message(Attachments=[sound] * 4), ON).defects)
    older = parse(message(Attachements=[sound]), ON)
    assert len(older.attachments) == 1


def test_what_is_to_happen_by_tomorrow_is_urgent_whichever_answer_says_so() -> None:
    ticked = received(rdwhen="Not yet happened", rdwhenhappen="Inthenext24hours")
    dated = received(rdwhen="Not yet happened", dtwhenhappen="2026-11-24")
    later = received(rdwhen="Not yet happened", dtwhenhappen="2026-11-26")
    assert (ticked.timing.imminent, dated.timing.imminent, later.timing.imminent) == (
        True, True, False,
    )  # fmt: skip
    fired = [
        [flag.rule for flag in urgency("Nothing else.", got.rule_answers)]
        for got in (ticked, dated, later)
    ]
    assert fired == [["next_24_hours"], ["next_24_hours"], []]


def test_a_message_sent_again_is_known_by_its_fingerprint() -> None:
    once, spaced = message(), json.dumps(json.loads(message()), indent=3, sort_keys=True).encode()
    assert fingerprint(once) == fingerprint(spaced) == parse(once, ON).fingerprint
    others = [
        message({**CAR_WASH, "rdchildren": "Yes"}),
        message({**CAR_WASH, "cbillegwork": "1"}),
        message(dict(reversed(CAR_WASH.items()))),
        message(Attachments=[{}]),
    ]
    assert len({fingerprint(other) for other in [once, *others]}) == 5


def test_the_real_message_of_illegal_working_is_taken_whole() -> None:
    got = parse(real("illegal-working"), ON)
    assert got.defects == got.unread == ()
    assert got.categories == ("illegal_working", "no_permission_to_stay")
    assert got.narrative.startswith("Works in the kitchen at the back")
    assert got.narrative.endswith("When it started: Since about February")
    assert got.fields["organisation_sector"] == "catering_hospitality"
    assert {one.role for one in got.people} == {"person", "organisation", "journey"}
    assert got.reporter.risk_if_used == "no"
    assert got.identifies_reporter != ()
    assert FactKey("business", "harbour grill") in fact_keys((), *got.linkable)


def test_the_real_message_of_smuggling_is_urgent_and_tells_of_risk() -> None:
    got = parse(real("smuggling-next-24-hours"), ON)
    assert got.defects == got.unread == ()
    assert got.timing.imminent
    assert got.reporter.risk_if_used == "yes"
    assert "Coming over on the late boat tonight" in got.narrative


def test_the_real_sparse_message_names_all_people_and_makes_its_narrative() -> None:
    got = parse(real("fake-marriage-sparse"), ON)
    assert got.narrative_made
    assert [one.role for one in got.people] == ["person", *["additional_person"] * 3]
    assert {rule for _, rule in rules(got)} == {
        "nationality_unreliable", "people_empty", "no_free_text",
    }  # fmt: skip
    assert got.unread == ()
