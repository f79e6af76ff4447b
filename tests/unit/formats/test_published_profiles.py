"""Do the pages for partners name every question and caption our examples use?"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.formats.limits import Limits
from gateway.formats.superstar import read_report
from gateway.formats.xml import parse

PAGES = Path(__file__).parents[3] / "docs/partners"
LOCAL_QUESTIONS = {"pets_in_home"}
LOCAL_CAPTIONS = {"SEN Status"}
"""What the examples ask on purpose that no profile has, to show that it is carried."""


def named(page: str) -> set[str]:
    """Return everything the page called *page* names in code letters."""
    return set(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", (PAGES / page).read_text()))


@pytest.mark.parametrize("name", ["single-child", "two-siblings", "s47-unknown-child", "early-help-consent"])
def test_every_question_of_an_example_is_published(example: Callable[[str], bytes], name: str) -> None:
    answers = json.loads(example(f"mash/govuk-forms-{name}.json"))["answers"]

    asked = {re.sub(r"_\d+_", "_", answer["question_id"]) for answer in answers}

    assert asked - named("mash.md") <= LOCAL_QUESTIONS


def test_every_name_of_the_flat_example_is_published(example: Callable[[str], bytes]) -> None:
    assert set(json.loads(example("mash/flat-hackney.json"))) - named("mash.md") == {"how_did_you_hear_of_us"}


def test_every_caption_of_the_example_report_is_published(example: Callable[[str], bytes]) -> None:
    report = read_report(parse(example("sims/superstar-three-pupils.xml"), limits=Limits()))
    page = named("sims.md") | {f"{kind}Address Line {n}" for kind in ("", "Contact ") for n in range(1, 6)}

    used = {caption for pupil in report.pupils for row in pupil.rows for caption in row}

    assert used - page == LOCAL_CAPTIONS
