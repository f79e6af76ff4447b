"""How do people map labels and try tables at the command line?"""

from pathlib import Path

import pytest

from gateway.simulators.school import superstar_report
from tests.unit.commands.shell import Shell
from tests.unit.operations.house import PASSWORD, REPOSITORY, House, a_caller

ADA = a_caller("ADMINISTRATOR", user="a.administrator")
EXAMPLES = REPOSITORY / "tests" / "vectors" / "examples"
CODES = REPOSITORY / "mappings" / "codes"
PUPIL = {
    "primary_id": "7",
    "Forename": "Testina",
    "Surname": "Exampleton",
    "DOB": "2016-06-15T00:00:00+01:00",
    "Ethnicity": "Wholly Invented",
}


@pytest.fixture
def signed_in(shell: Shell, house: House, server: str, state: Path, password: Path) -> tuple[str, ...]:
    """The option that shows who has signed in: a screener who runs the gateway too."""
    roles = ["MASH_SCREENER", "INTEGRATION_ENGINEER"]
    house.order(ADA, "users.add", user="t.exampleton", name="Testina Exampleton", password=PASSWORD, roles=roles)
    words = ("--server", server, "--user", "t.exampleton", "--password-file", password, "--state-folder", state)
    assert shell.type("login", *words).code == 0
    return ("--state-folder", str(state))


@pytest.fixture
def report(house: House) -> None:
    house.receive("school-example", "sims/superstar-1", superstar_report([PUPIL]))
    house.work()


@pytest.mark.usefixtures("report")
def test_a_file_of_labels_is_mapped_and_its_wrong_rows_are_told(
    tmp_path: Path, signed_in: tuple[str, ...], shell: Shell
) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("list,label,code\nethnicity,Wholly Invented,ZZZZ\nethnicity,Wholly  INVENTED,WBRI\n")

    typed = shell.type("labels", "map", "--file", file, *signed_in, "--json")
    left = shell.type("labels", "list", *signed_in, "--json")

    assert (typed.code, typed.json["mapped"], typed.json["records"]) == (2, 1, 1)
    assert [(one["row"], one["path"]) for one in typed.json["refused"]] == [(1, "code")]
    assert left.json["labels"] == []


@pytest.mark.usefixtures("report")
def test_one_label_is_mapped_and_taken_back(signed_in: tuple[str, ...], shell: Shell) -> None:
    mapped = shell.type("labels", "map", "ethnicity", "Wholly Invented", "WBRI", *signed_in, "--json")
    shown = shell.type("labels", "list", "--mapped", *signed_in)
    taken = shell.type("labels", "retract", "ethnicity", "Wholly Invented", *signed_in)

    assert (mapped.code, mapped.json["records"], mapped.json["waiting"]) == (0, 1, 0)
    assert "Wholly Invented" in shown.out
    assert taken.code == 0
    assert "Wholly Invented" in shell.type("labels", "list", *signed_in).out


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="nothing"),
        pytest.param(["ethnicity", "Wholly Invented", "WBRI", "--file", "labels.csv"], id="both"),
    ],
)
def test_one_label_or_a_file_is_asked_for(shell: Shell, words: list[str]) -> None:
    typed = shell.type("labels", "map", *words)

    assert (typed.code, typed.error["path"]) == (2, "--file")


def test_a_file_with_another_column_is_refused(tmp_path: Path, signed_in: tuple[str, ...], shell: Shell) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("list,label,meaning\nethnicity,Wholly Invented,WBRI\n")

    typed = shell.type("labels", "map", "--file", file, *signed_in)

    assert (typed.code, typed.error["path"]) == (2, "meaning")


@pytest.mark.usefixtures("report")
def test_the_exit_code_tells_whether_a_changed_table_changes_anything(
    tmp_path: Path, signed_in: tuple[str, ...], shell: Shell
) -> None:
    same, other = tmp_path / "same" / "codes", tmp_path / "other" / "codes"
    same.mkdir(parents=True)
    other.mkdir(parents=True)
    (same / "ethnicity.csv").write_bytes((CODES / "ethnicity.csv").read_bytes())
    (other / "ethnicity.csv").write_bytes((CODES / "ethnicity.csv").read_bytes() + b"WBRI,Wholly Invented,,,,a test,\n")

    unchanged = shell.type("mapping", "diff", same.parent, *signed_in, "--json")
    changed = shell.type("mapping", "diff", other.parent, "--limit", "10", *signed_in)

    assert (unchanged.code, unchanged.json["changes"]) == (0, False)
    assert changed.code == 2
    assert "child.ethnicity" in changed.out


def test_a_folder_of_files_is_tried_without_an_installation(tmp_path: Path, shell: Shell) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "report.xml").write_bytes((EXAMPLES / "sims" / "superstar-three-pupils.xml").read_bytes())
    (files / "broken.xml").write_bytes(b"<SuperStarReport><Record>")
    table = tmp_path / "sex.csv"
    table.write_text((CODES / "sex.csv").read_text().replace("2,Female,", "9,Female,"))

    typed = shell.type("mapping", "diff", table, "--files", files, "--from", "sims/superstar-1", "--json")

    told = {(change["path"], change["how"]) for one in typed.json["messages"] for change in one["changes"]}
    assert typed.code == 2
    assert ("child.sex", "another value") in told
    assert [one["file"] for one in typed.json["unreadable"]] == ["broken.xml"]


def test_files_and_their_format_go_together(tmp_path: Path, shell: Shell) -> None:
    typed = shell.type("mapping", "diff", CODES / "sex.csv", "--files", tmp_path)

    assert (typed.code, typed.error["path"]) == (2, "--from")


def test_an_odd_table_is_told_by_file_and_row(tmp_path: Path, shell: Shell) -> None:
    table = tmp_path / "sex.csv"
    table.write_text("ours,theirs,system,valid_from,valid_to,source,note\n1,Male,,soon,,here,\n")

    typed = shell.type("mapping", "diff", table, "--files", tmp_path, "--from", "sims/superstar-1")

    assert (typed.code, typed.error["row"]) == (2, 1)
    assert "sex.csv, row 1: a day must be written yyyy-mm-dd" in typed.error["message"]
