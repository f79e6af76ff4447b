"""Nothing personal is readable anywhere but at its addressee: not in the database, its log, folders, logs or errors."""

from pathlib import Path

import pytest
from _pytest.capture import CaptureFixture

from gateway.demo.report import canary_hits
from gateway.demo.scenes import play
from gateway.demo.stage import Stage
from tests.acceptance.forms import form, send


@pytest.fixture
def played(stage: Stage) -> Stage:
    """Every scene of the demo, and inputs that go wrong in every way that quotes itself."""
    play(stage)
    body = form("two-siblings", "CANARY1")
    send(stage, body[:-40])
    send(stage, body.replace(b'"answers"', b'"answers": [], "answers"'))
    send(stage, body, by="school-example")
    send(stage, b"\xff" + body)
    return stage


def test_no_name_address_or_free_text_is_readable_on_disk_while_the_gateway_runs(played: Stage) -> None:
    """While it runs, so that the database's own log, which a stop would empty, is searched too."""
    assert (played.folder / "data" / "gateway.sqlite3-wal").stat().st_size > 0

    assert canary_hits(played.folder) == 0


def test_the_search_would_find_a_name(played: Stage) -> None:
    (played.folder / "drop" / "leak.txt").write_text("for Testina EXAMPLETON")

    assert canary_hits(played.folder) == 1


def test_nothing_personal_is_printed(played: Stage, capfd: CaptureFixture[str], tmp_path: Path) -> None:
    del played
    printed = capfd.readouterr()
    (tmp_path / "printed").mkdir()
    (tmp_path / "printed" / "out").write_text(printed.out + printed.err)

    assert canary_hits(tmp_path / "printed") == 0
