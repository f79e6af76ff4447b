"""Do the processes of a cluster read the settings they are told?"""

from pathlib import Path

import pytest

from gateway.app.settings import Settings
from gateway.demo.cluster import _environment
from gateway.demo.stage import fresh_settings


@pytest.mark.parametrize("scanner", [None, "tcp:127.0.0.1:3310"])
def test_a_process_reads_the_settings_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scanner: str | None
) -> None:
    told = fresh_settings(tmp_path, 0, None, scanner=scanner)

    for name, text in _environment(told).items():
        monkeypatch.setenv(name, text)

    assert Settings() == told
