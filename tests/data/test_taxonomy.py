from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from data.errors import BadTaxonomy
from data.taxonomy import load_taxonomy

SMALL = """
name = "small"
[[values]]
code = "0"
title = "Nothing"
[[values]]
code = "1"
title = "Something"
[[categories]]
code = "a"
title = "A"
group = "only"
[[channels]]
code = "web"
title = "Web"
[[outcomes]]
code = "none"
title = "None"
[[closure_reasons]]
code = "empty"
title = "Empty"
second_look = true
"""


def _bad(tmp_path: Path, text: str) -> BadTaxonomy:
    path = tmp_path / "other.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadTaxonomy) as caught:
        load_taxonomy(path)
    return caught.value


def test_the_packaged_taxonomy_has_ten_immigration_and_six_smuggling_categories() -> None:
    groups = Counter(category.group for category in load_taxonomy().categories)
    assert groups == {"immigration": 10, "smuggling": 6}


def test_values_run_from_no_value_up() -> None:
    assert load_taxonomy().value_codes == ("no_value", "low", "medium", "high")


def test_closure_reasons_that_are_often_confused_are_kept_apart() -> None:
    reasons = set(load_taxonomy().closure_codes)
    assert reasons >= {
        "no_value_insufficient_information",
        "checked_lawful",
        "duplicate_linked",
        "passed_on",
        "suspected_false",
    }


def test_only_no_value_closures_are_for_a_second_look() -> None:
    taxonomy = load_taxonomy()
    assert all(code.startswith("no_value") for code in taxonomy.second_look_codes)
    assert "checked_lawful" not in taxonomy.second_look_codes


def test_what_was_done_is_not_why_a_record_was_closed() -> None:
    taxonomy = load_taxonomy()
    assert not set(taxonomy.outcome_codes) & set(taxonomy.closure_codes)
    assert {"visit", "arrest", "removal", "referred"} <= set(taxonomy.outcome_codes)


def test_dont_know_is_one_of_the_answers_to_every_question() -> None:
    assert all("dont_know" in question.answers for question in load_taxonomy().questions)


def test_every_code_has_a_title_to_show() -> None:
    taxonomy = load_taxonomy()
    assert taxonomy.title("mp") == "Member of Parliament"
    assert taxonomy.title("no_such_code") == "no_such_code"


def test_another_organisations_taxonomy_loads(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(SMALL, encoding="utf-8")
    taxonomy = load_taxonomy(path)
    assert (taxonomy.name, taxonomy.value_codes) == ("small", ("0", "1"))
    assert taxonomy.second_look_codes == ("empty",)


def test_everything_wrong_with_a_taxonomy_is_told_at_once(tmp_path: Path) -> None:
    text = SMALL.replace('name = "small"', "chanels = []")
    text = text.replace('code = "1"', 'code = "0"').replace("second_look = true", "")
    told = str(_bad(tmp_path, text.replace('group = "only"', "group = 3")))
    assert "unknown key 'chanels' (did you mean 'channels'?)" in told
    assert "name: must be a text" in told
    assert "values, entry 2: code '0' is already that of entry 1" in told
    assert "categories, entry 1: group must be a text" in told
    assert "closure_reasons: no reason has second_look = true" in told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('code = "a"', 'code = "a b"', "may hold only letters"),
        ('code = "web"', "", "channels, entry 1: code is missing"),
        ('title = "Web"', 'title = " "', "title must be a text that is not blank"),
        ("second_look = true", 'second_look = "yes"', "second_look must be true or false"),
        ("[[channels]]", "[channels]", "channels: must be a list of tables"),
        ('title = "A"', 'title = "A"\ndescripton = "x"', "did you mean 'description'?"),
    ],
)
def test_each_rule_of_a_taxonomy_is_named_when_broken(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert told in str(_bad(tmp_path, SMALL.replace(old, new)))


def test_a_list_that_is_needed_cannot_be_left_out(tmp_path: Path) -> None:
    assert "values: at least 2 entries are needed" in str(_bad(tmp_path, 'name = "x"'))


def test_a_question_needs_answers_each_once(tmp_path: Path) -> None:
    question = '[[questions]]\ncode = "q"\ntitle = "Q?"\nanswers = '
    assert "must list texts" in str(_bad(tmp_path, SMALL + question + "[]"))
    assert "holds an answer twice" in str(_bad(tmp_path, SMALL + question + '["y", "y"]'))


def test_a_file_that_is_not_toml_or_not_there_says_so(tmp_path: Path) -> None:
    assert "is not TOML" in str(_bad(tmp_path, "name = "))
    with pytest.raises(BadTaxonomy, match="cannot be read: No such file"):
        load_taxonomy(tmp_path / "absent.toml")


def test_a_taxonomy_that_is_not_utf8_names_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_bytes(b'name = "caf\xe9"')
    with pytest.raises(BadTaxonomy, match="byte 12"):
        load_taxonomy(path)
