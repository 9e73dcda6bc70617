"""The typed pieces of pages, the plots and the frame."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from model.second_look.exploring import BOTH, DOUBTED, OF_VALUE, UNSEEN
from model.second_look.receipts import MEANING, TELLING
from model.second_look.side import DOUBT
from serving import layout, plots, rendering
from serving.parts import figures, phrases, records
from serving.rendering import templates

ATTACK = "<script>alert(1)</script>\"'&"


def macro(file: str, name: str) -> object:
    return getattr(templates().get_template(f"parts/{file}.html").module, name)


def svg_of(plot: plots.Plot) -> ElementTree.Element:
    return ElementTree.fromstring(plots.svg(plot))  # noqa: S314 - our own


def line_plot(*values: float | None, name: str = "", **more: object) -> plots.LinePlot:
    points = tuple(plots.Point(f"week {number}", one) for number, one in enumerate(values))
    return plots.LinePlot(
        "p", "Title", "Told", (plots.Line(name, points),), "Week", "Rate", **more
    )


@given(st.text(max_size=200), st.text(max_size=200))
def test_comparing_loses_and_adds_no_character(here: str, there: str) -> None:
    first, second = records.compare(here, there)
    assert "".join(one.text for one in first) == (here if here.strip() else "")
    assert "".join(one.text for one in second) == (there if there.strip() else "")


def test_comparing_marks_what_only_one_of_them_says() -> None:
    here, there = records.compare("The van is WHITE and old.", "the van is white, and new.")
    assert [one.text for one in here if one.change] == ["old."]
    assert [one.text for one in there if one.change] == ["new."]
    assert {one.change for one in (*here, *there)} == {"", "here", "there"}


def test_the_same_text_twice_differs_nowhere() -> None:
    text = "A man sells cigarettes. " * 300
    assert not [one for side in records.compare(text, text) for one in side if one.change]


def test_a_kind_of_detail_without_a_title_is_still_marked() -> None:
    made = records.narrative("IBAN GB33", [{"kind": "iban", "start": 5, "end": 9}])
    assert [(one.kind, one.letter) for one in made.legend] == [("iban", "I")]


def test_nothing_is_said_of_details_that_nobody_looked_for() -> None:
    show = macro("records", "narrative")
    assert "No investigable detail" in str(show(records.narrative("Noisy.", [])))
    assert "No investigable detail" not in str(show(records.narrative("Noisy.", None)))


def test_every_kind_of_detail_has_a_letter_and_an_underline_of_its_own() -> None:
    assert set(records.LETTERS) == set(records.KINDS)
    assert len(set(records.LETTERS.values())) == len(records.LETTERS)


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (1.0, (99, "Very confident")),
        (0.0, (1, "Not very confident")),
        (0.75, (75, "Confident")),
        (0.6, (60, "Fairly confident")),
    ],
)
def test_no_confidence_is_a_certainty(probability: float, shown: tuple[int, str]) -> None:
    assert figures.confidence(probability) == shown


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(3, 9, "3 to 9"), (0, 0, "0"), (1200, 3400, "1,200 to 3,400"), (None, None, "not known yet")],
)
def test_what_remains_is_said_as_its_interval(
    low: int | None, high: int | None, words: str
) -> None:
    progress = figures.ReviewProgress(10, 100, 4, low, high)
    assert progress.remaining == words
    assert words in str(macro("figures", "interval_bar")(progress))


@pytest.mark.parametrize(("earlier", "told"), [(0, False), (3, True)])
def test_finds_that_were_known_before_the_import_are_told_apart(earlier: int, told: bool) -> None:
    progress = figures.ReviewProgress(10, 100, 4, 1, 5, earlier=earlier)
    shown = str(macro("figures", "interval_bar")(progress))
    assert (f"{earlier} before the import" in shown) is told


def test_the_bar_of_progress_is_as_wide_as_its_numbers() -> None:
    root = ElementTree.fromstring(  # noqa: S314
        plots.progress_svg(figures.ReviewProgress(300, 1000, 41, 3, 9))
    )
    widths = {one.get("class"): float(one.get("width", "0")) for one in root.iter("rect")}
    assert widths == pytest.approx(
        {
            "app-interval__found": 82,
            "app-interval__sure": 6,
            "app-interval__maybe": 12,
        }
    )
    assert root.findtext("desc") == "41 found; 3 to 9 estimated to remain."


def test_a_plot_has_a_title_a_description_and_no_style_of_its_own() -> None:
    drawn = plots.svg(line_plot(0.2, 0.4, unit="percent"))
    root = svg_of(line_plot(0.2, 0.4, unit="percent"))
    assert (root.get("role"), root.findtext("title"), root.findtext("desc")) == (
        "img", "Title", "Told",
    )  # fmt: skip
    assert root.get("aria-labelledby") == "p-title p-told"
    assert not re.search(r"style=|<style|<script|https?:", drawn)


def test_a_higher_value_stands_higher() -> None:
    line = next(
        one
        for one in svg_of(line_plot(1, 2, 5)).iter("polyline")
        if "line" in one.get("class", "")
    )
    places = [tuple(map(float, one.split(","))) for one in line.get("points", "").split()]
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(places))


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=80))
@example([5e-324])
@example([0.0])
def test_any_values_are_drawn_within_the_picture(values: list[float | None]) -> None:
    root = svg_of(line_plot(*values))
    width, height = map(float, root.get("viewBox", "").split()[2:])
    for dot in root.iter("circle"):
        assert 0 <= float(dot.get("cx", "")) <= width
        assert 0 <= float(dot.get("cy", "")) <= height


def test_an_interval_is_drawn_as_a_band_and_told_in_the_table() -> None:
    points = (plots.Point("May", 0.5, 0.4, 0.6, "/records"), plots.Point("June", None))
    plot = plots.LinePlot("p", "T", "D", (plots.Line("Now", points),), "Month", "Rate", "percent")
    assert len(list(svg_of(plot).iter("polygon"))) == 1
    table = plots.table_of(plot)
    assert [one.text for one in table.columns] == ["Month", "Now", "Now: interval"]
    assert [[one.text for one in row] for row in table.rows] == [
        ["May", "50.0%", "40.0% to 60.0%"],
        ["June", "–", "–"],
    ]
    assert table.rows[0][1].url == "/records"


def test_a_plot_of_bars_tells_each_group_and_its_value() -> None:
    bars = (plots.Point("Letter", 12, 9, 15), plots.Point(ATTACK, 1200))
    plot = plots.BarPlot("b", "T", "D", bars, "Channel", "Hours", "hours")
    words = [one.text for one in svg_of(plot).iter("text")]
    assert "12 hours" in words
    assert "1,200 hours" in words
    assert "<script" not in plots.svg(plot)


def test_lines_that_end_together_keep_their_names_apart() -> None:
    lines = tuple(
        plots.Line(name, (plots.Point("a", 1), plots.Point("b", 2.0 + number / 100)))
        for number, name in enumerate(("One", "Two", "Three"))
    )
    root = svg_of(plots.LinePlot("p", "T", "D", lines, "x", "y"))
    named = {one.text: float(one.get("y", "0")) for one in root.iter("text")}
    places = sorted(named[name] for name in ("One", "Two", "Three"))
    assert all(b - a >= 16 for a, b in pairwise(places))


@pytest.mark.parametrize("unit", ["count", "percent", "hours"])
def test_a_plot_of_nothing_can_be_drawn(unit: plots.Unit) -> None:
    assert svg_of(line_plot(unit=unit)).findtext("title") == "Title"
    empty = plots.BarPlot("b", "T", "D", (), "Channel", "Hours", unit)
    assert plots.table_of(empty).rows == ()
    assert svg_of(empty).findtext("title") == "T"


def test_the_macros_of_gov_uk_are_there_and_escape_what_is_given_as_text() -> None:
    show = templates().from_string(
        "{{ govuk.warning_text({'text': words}) }}"
        "{{ govuk.summary_list({'rows': [{'key': {'text': words}, 'value': {'text': words}}]}) }}"
        "{{ govuk.input({'name': 'a', 'value': words, 'label': {'text': words}}) }}"
        "{{ govuk.back_link({'href': '/', 'text': words}) }}"
        "{{ govuk.tag({'text': words}) }}"
        "{{ govuk.details({'summaryText': words, 'text': words}) }}"
        "{{ govuk.select({'name': 'a', 'items': [{'value': words, 'text': words}]}) }}"
        "{{ govuk.date_input({'id': 'd', 'items': [{'name': 'day', 'value': words}]}) }}"
    )
    made = show.render(words=ATTACK)
    assert "govuk-summary-list" in made
    assert "govuk-date-input" in made
    assert "<script" not in made


def test_a_name_that_a_template_does_not_have_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templates().from_string("{{ nowhere }}").render()
    with pytest.raises(UndefinedError):
        templates().from_string("{{ layout.nowhere }}").render(layout=layout.Layout())


def test_a_field_of_somebody_elses_words_stays_text_in_every_piece() -> None:
    header = records.RecordHeader(
        ATTACK, ATTACK, (records.Tag(ATTACK),), (records.Fact("F", ATTACK),)
    )
    shown = str(macro("records", "record_header")(header))
    shown += str(macro("records", "narrative")(records.narrative(ATTACK, [])))
    shown += str(macro("records", "timeline")((records.Event(ATTACK, "now", ATTACK, ATTACK),)))
    cells = ((figures.Cell(ATTACK), figures.Cell(ATTACK)),)
    columns = (figures.Column(ATTACK), figures.Column("b"))
    shown += str(macro("figures", "table")(figures.Table(ATTACK, columns, cells)))
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") >= 9


def test_the_navigation_marks_where_one_is() -> None:
    links = (("Home", "/"), ("Lists", "/list"), ("Listeners", "/listeners"))
    marked = [
        [one.text for one in layout.navigation(links, here) if one.current]
        for here in ("/", "/list", "/list/7", "/listeners", "/elsewhere")
    ]
    assert marked == [["Home"], ["Lists"], ["Lists"], ["Listeners"], []]


def test_a_layout_tells_each_error_by_its_field() -> None:
    shown = layout.told(layout.Layout(), errors={"reason": "Select a reason"})
    assert shown.error("reason") == "Select a reason"
    assert shown.error("note") == ""


def test_every_piece_is_described_for_those_who_write_pages() -> None:
    folder = Path(rendering.__file__).parent / "templates"
    described = (folder / "README.md").read_text("utf-8")
    macros = {
        name
        for file in ("answers", "figures", "keys", "records")
        for name in re.findall(
            r"{% macro ([a-z]\w+)", (folder / f"parts/{file}.html").read_text("utf-8")
        )
    }
    assert {name for name in macros if f"`{name}(" not in described} == {"compared"}


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("owner_knows: no", "Owner knows: no"),
        ("owner_knows: dont_know", "Owner knows: don’t know"),
        ("cash in hand", "cash in hand"),
        ("note: see below", "note: see below"),
    ],
)
def test_a_structured_answer_is_told_in_words_and_a_narratives_words_as_they_are(
    phrase: str, words: str
) -> None:
    assert phrases.plainly(phrase) == words


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("[a name]", False),
        ("[a son or daughter] [an age]", False),
        ("[a name] sells", True),
        ("sells", True),
    ],
)
def test_a_placeholder_alone_tells_nothing(phrase: str, told: bool) -> None:
    assert phrases.tells(phrase) is told


def test_only_what_pushed_is_told_each_by_its_share_of_the_weightiest() -> None:
    found = [
        {"word": "cash in hand", "contribution": 1.0},
        {"word": "owner_knows: no", "contribution": 0.5},
        {"word": "[a name]", "contribution": 0.9},
        {"word": "van", "contribution": -0.9},
    ]
    assert phrases.pushing(found, "word") == (
        phrases.Phrase("cash in hand", "strong"),
        phrases.Phrase("Owner knows: no", "moderate"),
    )


def test_what_brought_a_record_forward_is_told_in_words_without_what_all_start_from() -> None:
    parts = [
        {"name": "starting point", "contribution": 2.0},
        {"name": UNSEEN, "contribution": 1.5},
        {"name": "urgency rule", "contribution": 0.6},
        {"name": "words", "contribution": -0.4},
    ]
    assert phrases.brought(parts) == (
        phrases.Phrase("It is unlike what has been looked at so far", "strong"),
        phrases.Phrase("Urgency rule", "moderate"),
    )


@pytest.mark.parametrize(
    "name", ["words", DOUBT, MEANING, TELLING, UNSEEN, DOUBTED, OF_VALUE, BOTH]
)
def test_every_part_that_the_ranker_names_has_words_for_a_page(name: str) -> None:
    (told,) = phrases.brought([{"name": name, "contribution": 1.0}])
    assert told.text.lower() != name
