"""Does the outsider's program run anywhere, and answer as it says?"""

import json
import subprocess
import sys
from pathlib import Path

import cryptography
import pytest

from gateway.audit import verify
from tests.unit.audit.log_builders import (
    ORIGIN,
    a_database,
)
from tests.unit.audit.verify_tools import EXPORT, LOG, OTHER_VKEY, PROOF, VKEY, put, run


class TestProgram:
    def test_it_answers_in_words_too(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert verify.main(["proof", str(put(tmp_path, "p", PROOF)), "--key", VKEY]) == 0
        assert "ok: True" in capsys.readouterr().out

    def test_it_says_what_was_tampered_with(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("proof", put(tmp_path, "p", PROOF.replace("index 6", "index 7"))) == 1

        answer = json.loads(capsys.readouterr().out)
        assert answer == {"ok": False, "mode": "proof", "tampered": "the leaf is not in the log that was signed"}

    @pytest.mark.parametrize("words", [[], ["proof"], ["proof", "x"], ["prove", "x", "--key", VKEY]])
    def test_a_wrong_call_ends_with_3(self, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert verify.main(words) == 3
        assert "usage" in capsys.readouterr().err

    def test_asking_for_help_is_no_fault(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert verify.main(["--help"]) == 0
        assert "VKEY is the log's public key" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "vkey", ["", "x", VKEY[:-4], VKEY.replace("+", "-"), VKEY.replace(ORIGIN, "x"), "x+00000000+AAAA"]
    )
    def test_a_key_that_is_none_ends_with_3(self, tmp_path: Path, vkey: str) -> None:
        assert run("proof", put(tmp_path, "p", PROOF), key=vkey) == 3

    def test_an_absurdly_large_file_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verify, "BIGGEST_FILE", 10)

        assert run("proof", put(tmp_path, "p", PROOF)) == 3


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which only `cryptography` and what it needs can be imported."""
    folder = tmp_path_factory.mktemp("bare")
    installed = Path(cryptography.__file__).parent.parent
    (folder / "cryptography").symlink_to(installed / "cryptography")
    for native in installed.glob("_cffi_backend*"):
        (folder / native.name).symlink_to(native)
    return folder


class TestBareEnvironment:
    """The program runs where nothing of ours, and no other library, is installed."""

    def isolated(self, bare: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
        script = (
            "import runpy, sys; sys.path.append(sys.argv.pop(1)); sys.argv.pop(0); "
            "runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        command = [sys.executable, "-I", "-S", "-c", script, bare, verify.__file__, *words]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd="/", timeout=50)

    def test_nothing_of_ours_can_be_imported_there(self, bare: Path) -> None:
        script = "import sys; sys.path.append(sys.argv[1]); import gateway"
        command = [sys.executable, "-I", "-S", "-c", script, str(bare)]
        result = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=50)

        assert "No module named 'gateway'" in result.stderr

    @pytest.mark.parametrize(("key", "status"), [(VKEY, 0), (OTHER_VKEY, 1), ("nonsense", 3)])
    def test_an_export_is_checked_there(self, bare: Path, tmp_path: Path, key: str, status: int) -> None:
        result = self.isolated(bare, "export", put(tmp_path, "e.zip", EXPORT), "--key", key, "--json")

        assert (result.returncode, result.stderr) == (status, "")
        assert json.loads(result.stdout)["ok"] is (status == 0)

    def test_a_log_is_checked_there(self, bare: Path, tmp_path: Path) -> None:
        result = self.isolated(bare, "log", a_database(tmp_path / "g.db", LOG), "--key", VKEY)

        assert (result.returncode, result.stderr) == (0, "")
        assert "size: 13" in result.stdout
