"""What comes of a file that is put through the translators?"""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.simulators.school import superstar_report
from tests.unit.commands.shell import Shell
from tests.unit.operations.house import INPUTS, two_pupils_who_may_be_one

FORM = "mash/govuk-forms-1"
EPISODE = "ecaf/episode-1"
AGREED = INPUTS / "early-help-with-consent.json"
REFUSED = INPUTS / "early-help-refused.json"
SIBLINGS = INPUTS / "two-siblings.json"
REPORT = {"written", "records_in", "records_out", "losses", "warnings", "unmapped", "mapping"}


def test_without_a_place_to_write_the_document_is_the_answer_and_the_report_stands_beside_it(shell: Shell) -> None:
    typed = shell.type("translate", "--from", FORM, "--to", EPISODE, AGREED)

    report = json.loads(typed.err)
    assert typed.code == 0
    assert typed.json["format"] == EPISODE
    assert set(report) >= REPORT
    assert (report["records_in"], report["records_out"], report["written"]) == (1, 1, [])


def test_with_a_file_the_report_is_the_answer(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "out.json"

    typed = shell.type("translate", "--from", FORM, "--to", EPISODE, AGREED, "-o", target)

    assert typed.json["written"] == [str(target)]
    assert json.loads(target.read_text())["format"] == EPISODE
    assert target.stat().st_mode & 0o077 == 0


def test_what_is_cut_is_told(shell: Shell) -> None:
    typed = shell.type("translate", "--from", FORM, "--to", EPISODE, AGREED)

    report = json.loads(typed.err)
    assert {"path": "child.ethnicity", "why": "withheld: R-MINIMUM"} in report["losses"]
    assert "ethnicity" not in typed.out


def test_a_family_that_refused_is_an_answer_and_nothing_is_written(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "out.json"

    typed = shell.type("translate", "--from", FORM, "--to", EPISODE, REFUSED, "-o", target)

    assert typed.code == 0
    assert (typed.json["records_out"], typed.json["decisions"][0]["reason"]) == (0, "D-REFUSED")
    assert not target.exists()


def test_under_a_test_permit_everything_goes_marked_not_for_release(shell: Shell) -> None:
    typed = shell.type("translate", "--from", FORM, "--to", EPISODE, REFUSED, "--test-permit")

    report = json.loads(typed.err)
    assert "NOT FOR RELEASE" in typed.out
    assert report["test_permits"][0]["grounds"]["policy_version"] == "test-permit"


def test_without_it_nothing_is_marked(shell: Shell) -> None:
    assert "NOT FOR RELEASE" not in shell.type("translate", "--from", FORM, "--to", EPISODE, AGREED).out


def test_each_child_of_a_referral_has_an_episode_of_its_own(shell: Shell, tmp_path: Path) -> None:
    typed = shell.type(
        "translate", "--from", FORM, "--to", EPISODE, SIBLINGS, "--test-permit", "-o", f"{tmp_path}/new/"
    )

    assert [Path(one).name for one in typed.json["written"]] == ["two-siblings-0001.json", "two-siblings-0002.json"]


def test_several_files_go_into_a_folder(shell: Shell, tmp_path: Path) -> None:
    words: tuple[Any, ...] = ("translate", "--from", FORM, "--to", EPISODE, AGREED, REFUSED, "--test-permit", "-o")

    into_a_file = shell.type(*words, tmp_path / "one.json")
    into_a_folder = shell.type(*words, tmp_path)

    assert (into_a_file.code, into_a_file.error["code"]) == (2, "schema")
    assert len(into_a_folder.json["written"]) == 2


def test_a_school_report_without_consent_goes_nowhere(shell: Shell, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_bytes(superstar_report([{"primary_id": "1", "Forename": "Testina", "Surname": "Exampleton"}]))

    typed = shell.type("translate", "--from", "sims/superstar", "--to", "ecaf/episode", report)

    told = json.loads(typed.err)
    assert typed.code == 0
    assert typed.out == ""
    assert told["decisions"][0]["reason"] == "D-NONE"


def test_a_school_report_with_consent_arrives(shell: Shell, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_bytes(two_pupils_who_may_be_one()[0])

    typed = shell.type("translate", "--from", "sims/superstar-1", "--to", EPISODE, report)

    assert typed.json["document"]["child"]["given_names"] == "Testina"


def test_our_own_referral_comes_back_as_it_was(shell: Shell, tmp_path: Path) -> None:
    first = tmp_path / "first.json"
    shell.type("translate", "--from", FORM, "--to", "mash/referral-1", AGREED, "--test-permit", "-o", first)

    again = shell.type("translate", "--from", "mash/referral-1", "--to", "mash/referral-1", first, "--test-permit")

    assert again.json["document"] == json.loads(first.read_text())["document"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"{", "cut-off", id="half a file"),
        pytest.param(b'{"a": 1, "a": 2}', "duplicate-name", id="one name twice"),
        pytest.param(b"[]", "schema", id="another shape"),
        pytest.param(b"", "empty", id="nothing"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(shell: Shell, tmp_path: Path, body: bytes, code: str) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(body)

    typed = shell.type("translate", "--from", FORM, "--to", EPISODE, broken)

    assert (typed.code, typed.error["code"]) == (2, code)
    assert json.loads(typed.err) == typed.json


@pytest.mark.parametrize(
    ("source", "target"),
    [
        pytest.param("fax/page-1", EPISODE, id="nobody reads it"),
        pytest.param(FORM, "fax/page-1", id="nobody writes it"),
        pytest.param("mash/feedback-1", EPISODE, id="written only"),
        pytest.param(FORM, "sims/superstar-1", id="read only"),
        pytest.param(EPISODE, "mash/referral-1", id="no way between them"),
    ],
)
def test_a_way_there_is_not_is_refused(shell: Shell, source: str, target: str) -> None:
    typed = shell.type("translate", "--from", source, "--to", target, AGREED)

    assert typed.code == 2
    assert typed.error["code"] in {"unsupported-format", "schema"}


def test_a_file_that_is_not_there_is_refused(shell: Shell, tmp_path: Path) -> None:
    typed = shell.type("translate", "--from", FORM, "--to", EPISODE, tmp_path / "nowhere.json")

    assert (typed.code, typed.error["code"]) == (2, "not-found")


def test_a_mapping_can_be_tried_without_showing_a_value(shell: Shell) -> None:
    typed = shell.type("mapping", "try", AGREED, "--from", FORM)

    assert typed.code == 0
    assert "children[0].given_names" in typed.out
    assert "Makebelieve" not in typed.out


def test_coverage_says_what_each_mapping_leaves_out(shell: Shell) -> None:
    typed = shell.type("mapping", "coverage", "--json")

    found = {one["mapping"]: one for one in typed.json["mappings"]}
    assert found["mash/referral-1.both.toml"]["not_filled"] == []
