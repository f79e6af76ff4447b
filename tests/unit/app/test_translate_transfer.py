"""`gateway translate` writes transfer files under the names the rule gives them."""

from pathlib import Path

import pytest

from gateway.app.cli import run

EXAMPLE = Path(__file__).parents[2] / "vectors/examples/sims/ctf-12-other-order.xml"
WAY = ["translate", "--from", "sims/ctf-12", "--to", "sims/ctf-25", "--test-permit"]


def test_files_in_a_folder_are_numbered_on(tmp_path: Path) -> None:
    statuses = [run([*WAY, "-o", f"{tmp_path}/", str(EXAMPLE)]) for _ in range(2)]

    assert statuses == [0, 0]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"8201001_CTF_8201234_{serial:03}.xml" for serial in range(1, 5)
    ]


def test_one_file_holds_all_pupils_and_says_that_it_is_a_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*WAY, "-o", str(tmp_path / "all.xml"), str(EXAMPLE)]) == 0

    written = (tmp_path / "all.xml").read_text()
    assert written.count("<Pupil>") == 2
    assert "<DataDescriptor>NOT FOR RELEASE</DataDescriptor>" in written
    assert "<CTFversion>25.0</CTFversion>" in written
    assert capsys.readouterr().err == ""
