"""Does the register of formats answer for every name, and only for those?"""

from dataclasses import replace

import pytest

from gateway.errors import UnsupportedFormatError
from gateway.formats import register
from gateway.formats.register import FORMATS, Direction, find_format
from gateway.model.document import DOCUMENTS


def test_the_formats_are_these() -> None:
    assert {name: "/".join(sorted(form.directions)) for name, form in FORMATS.items()} == {
        "annex-a/list-1-1": "in",
        "annex-a/list-2-1": "in",
        "ecaf/consent-1": "in",
        "ecaf/enquiry-1": "in/out",
        "ecaf/enquiry-answer-1": "in/out",
        "ecaf/correction-1": "out",
        "ecaf/episode-1": "in/out",
        "ecaf/family-1": "in/out",
        "ecaf/history-1": "in/out",
        "ecaf/notice-1": "out",
        "ecaf/notice-answer-1": "in",
        "ecaf/registration-1": "in/out",
        "ecaf/xml-1": "in/out",
        "mash/check-answer-1": "in/out",
        "mash/decision-1": "in",
        "mash/feedback-1": "out",
        "mash/flat-1": "in",
        "mash/govuk-forms-1": "in",
        "mash/moj-forms-1": "in",
        "mash/partner-check-1": "in/out",
        "mash/referral-1": "in/out",
        "mash/referral-store-1": "out",
        "mash/request-1": "in/out",
        "mash/start-request-1": "in",
        "sims/csv-1": "in",
        **{f"sims/ctf-{edition}": "in" for edition in range(12, 25)},
        "sims/ctf-25": "in/out",
        "sims/superstar-1": "in",
    }


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format_is_filed_under_its_name_and_its_parts_exist(name: str, schema_files: dict[str, bytes]) -> None:
    form = FORMATS[name]

    assert form.name == name
    assert form.partner == name.split("/", maxsplit=1)[0]
    assert form.document in DOCUMENTS
    assert form.schema in schema_files


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_schema_has_its_line_in_the_register_page(name: str, schema_files: dict[str, bytes]) -> None:
    assert f"`{FORMATS[name].schema}`" in schema_files["README.md"].decode()


def test_a_format_is_found_by_partner_and_message() -> None:
    assert find_format("mash", "govuk-forms-1", direction="in").name == "mash/govuk-forms-1"


def test_without_a_version_the_newest_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    first = FORMATS["ecaf/episode-1"]
    tenth = replace(first, name="ecaf/episode-10")
    second = replace(first, name="ecaf/episode-2")
    monkeypatch.setattr(register, "FORMATS", {form.name: form for form in (first, tenth, second)})

    assert find_format("ecaf", "episode").name == "ecaf/episode-10"


@pytest.mark.parametrize(
    ("partner", "message", "direction"),
    [
        ("mash", "govuk-forms-2", None),
        ("nobody", "flat-1", None),
        ("mash", "", None),
        ("mash", "feedback-1", "in"),
        ("sims", "superstar-1", "out"),
    ],
)
def test_what_is_not_spoken_is_refused(partner: str, message: str, direction: Direction | None) -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        find_format(partner, message, direction=direction)

    assert caught.value.code == "unsupported-format"
