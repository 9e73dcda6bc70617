"""The predictor: allegations in, suggestions and doubts out."""

from __future__ import annotations

import gc

import pytest
from factories import tip_offs

from data.errors import BadInput
from data.schema import Allegation
from model import artifact
from model.classifier import TriageClassifier
from model.predictor import CATEGORIES as MOST_CATEGORIES
from model.predictor import UNLIKELY, Predictor
from model.types import Flagged, Suggestion

ORDER = ("no_value", "low", "medium", "high")
TEXTS, VALUES, CATEGORIES = tip_offs()
ALLEGATIONS = [Allegation(f"A{k}", text) for k, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    model = TriageClassifier(value_order=ORDER, folds=3).fit(TEXTS, VALUES, CATEGORIES)
    folder = tmp_path_factory.mktemp("models") / "one"
    artifact.save(model, folder)
    return Predictor.load(folder)


def _one(predictor: Predictor, text: str) -> Suggestion:
    return predictor.suggest([Allegation("R", text)])[0]


def test_a_suggestion_says_value_confidence_and_version(predictor: Predictor) -> None:
    found = _one(predictor, "someone took their passports")
    assert found.reference == "R"
    assert found.value == "high"
    assert found.confidence == found.value_probabilities["high"]
    assert tuple(found.value_probabilities) == ORDER
    assert sum(found.value_probabilities.values()) == pytest.approx(1)
    assert found.model_version == predictor.version != ""


def test_categories_come_most_probable_first(predictor: Predictor) -> None:
    found = _one(predictor, "someone took their passports").categories
    chances = [category.probability for category in found]
    assert found[0].category == "high_kind"
    assert chances == sorted(chances, reverse=True)


def test_few_categories_are_named_and_none_that_is_unlikely(predictor: Predictor) -> None:
    found = predictor.suggest(ALLEGATIONS, explain=False, details=False, rules=False)
    applies = predictor.model.predict_category_proba(ALLEGATIONS)
    for suggestion, chances in zip(found, applies, strict=True):
        named = [category.probability for category in suggestion.categories]
        likely = sorted((x for x in chances if x >= UNLIKELY), reverse=True)[:MOST_CATEGORIES]
        assert named == pytest.approx(likely or [max(chances)])


def test_the_suggested_value_is_the_one_the_classifier_chooses(predictor: Predictor) -> None:
    found = predictor.suggest(ALLEGATIONS, explain=False, details=False, rules=False)
    assert [one.value for one in found] == predictor.model.predict(ALLEGATIONS).tolist()
    assert all(one.confidence == one.value_probabilities[one.value] for one in found)


def test_a_suggestion_is_unsure_exactly_below_the_threshold(predictor: Predictor) -> None:
    for found in predictor.suggest(ALLEGATIONS, details=False):
        assert found.unsure == (found.confidence < predictor.model.unsure_threshold_)


def test_protected_words_never_come_back_as_reasons(predictor: Predictor) -> None:
    found = _one(predictor, "the Albanian woman Fatima, a Muslim, sells cigarettes to him")
    told = " ".join(reason.phrase for reason in found.reasons).lower()
    assert found.reasons
    assert not {"albanian", "woman", "fatima", "muslim", "him"} & set(told.split())


def test_placeholders_come_back_as_words_never_raw(predictor: Predictor) -> None:
    told = _one(predictor, "his wife Fatima sells cigarettes to an Albanian").reasons
    phrases = [reason.phrase for reason in told]
    assert not any("xx" in phrase for phrase in phrases)


def test_another_nationality_name_or_gender_changes_neither_value_nor_reasons(
    predictor: Predictor,
) -> None:
    story = "{} from {} sells cigarettes and {} {} took their passports, {} people say"
    first, *others = [
        _one(predictor, story.format(*who))
        for who in (
            ("Fatima Khan", "Pakistan", "her", "husband", "Muslim"),
            ("Piotr Nowak", "Poland", "his", "wife", "Catholic"),
            ("Chidi Eze", "Nigeria", "his", "girlfriend", "Christian"),
            ("Ann Smith", "Hungary", "her", "boyfriend", "Jewish"),
        )
    ]
    assert first.reasons
    for other in others:
        assert other.reasons == first.reasons
        assert other.value_probabilities == first.value_probabilities


def test_details_are_found_in_the_narrative_as_it_stands(predictor: Predictor) -> None:
    text = "They sell cigarettes at SW1A 1AA, call 07700 900123"
    found = _one(predictor, text)
    assert {"postcode", "phone"} <= {detail.kind for detail in found.details}
    assert all(text[detail.start : detail.end] == detail.text for detail in found.details)


def test_reasons_and_details_can_be_left_out(predictor: Predictor) -> None:
    found = predictor.suggest(ALLEGATIONS[:3], explain=False, details=False)
    assert not any(one.reasons or one.details for one in found)


def test_nothing_asked_is_nothing_answered(predictor: Predictor) -> None:
    assert predictor.suggest([]) == []
    assert predictor.flag([]) == []


def test_the_garbage_collector_runs_again_after_an_answer_or_an_error(
    predictor: Predictor,
) -> None:
    predictor.suggest(ALLEGATIONS[:3])
    assert gc.isenabled()
    with pytest.raises(AttributeError):
        predictor.suggest([None])  # type: ignore[list-item]
    assert gc.isenabled()


def test_answers_do_not_depend_on_what_else_is_in_the_batch(predictor: Predictor) -> None:
    together = predictor.suggest(ALLEGATIONS[:20])
    for one, allegation in zip(together, ALLEGATIONS[:20], strict=True):
        alone = predictor.suggest([allegation])[0]
        assert (alone.value, alone.details, alone.urgency) == (one.value, one.details, one.urgency)
        assert [reason.phrase for reason in alone.reasons] == [
            reason.phrase for reason in one.reasons
        ]
        assert alone.confidence == pytest.approx(one.confidence)


def test_more_than_one_batch_keeps_the_order(predictor: Predictor) -> None:
    many = [Allegation(str(k), TEXTS[k % len(TEXTS)]) for k in range(2500)]
    found = predictor.suggest(many, explain=False, details=False, rules=False)
    assert [one.reference for one in found] == [str(k) for k in range(2500)]
    assert found[0].value == found[len(TEXTS)].value


def _flag(predictor: Predictor, text: str, value: str, **basis: float) -> Flagged:
    return predictor.flag([(Allegation("R", text), value)], **basis)[0]


def test_a_dismissal_that_the_words_speak_against_is_doubtful(predictor: Predictor) -> None:
    wrong = _flag(predictor, "someone took their passports", "no_value", threshold=0.5)
    right = _flag(predictor, "someone parks badly", "no_value", threshold=0.5)
    assert wrong.flagged
    assert not right.flagged
    assert wrong.doubt > 0.5 > right.doubt
    assert wrong.suggested_value == "high"
    assert {reason.towards for reason in wrong.reasons} == {"high"}


def test_doubt_is_what_the_recorded_value_leaves_over(predictor: Predictor) -> None:
    text = "someone sells cheap vodka"
    for value in ORDER:
        chance = _one(predictor, text).value_probabilities[value]
        assert _flag(predictor, text, value).doubt == pytest.approx(1 - chance)


def test_a_record_trained_on_is_doubted_as_it_was_while_held_out(predictor: Predictor) -> None:
    held_out = predictor.model.held_out_.instead_of(TEXTS, predictor.model.predict_proba(TEXTS))
    learnt = predictor.model.predict_proba(TEXTS)
    recorded = [ORDER.index(value) for value in VALUES]
    honest = [1 - row[place] for row, place in zip(held_out, recorded, strict=True)]
    assert predictor.doubts(list(zip(ALLEGATIONS, VALUES, strict=True))) == pytest.approx(honest)
    flat = [1 - row[place] for row, place in zip(learnt, recorded, strict=True)]
    assert sum(honest) > sum(flat)


def test_the_threshold_comes_from_held_out_doubts(predictor: Predictor) -> None:
    curve = predictor.model.doubt_curve_
    assert _flag(predictor, "x", "low").threshold == curve.threshold(capacity=0.1)
    found = _flag(predictor, "x", "low", precision=0.5)
    assert found.threshold == curve.threshold(precision=0.5)


def test_a_recorded_value_that_is_unknown_is_refused_with_its_place(predictor: Predictor) -> None:
    with pytest.raises(BadInput, match="allegation 2, recorded value: 'urgent'"):
        predictor.flag([(ALLEGATIONS[0], "low"), (ALLEGATIONS[1], "urgent")])


def test_two_ways_of_choosing_a_threshold_are_refused(predictor: Predictor) -> None:
    with pytest.raises(BadInput, match="one of threshold"):
        _flag(predictor, "x", "low", threshold=0.5, capacity=0.1)
