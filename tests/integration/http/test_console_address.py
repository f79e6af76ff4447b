"""The console is found by whoever types its address."""

from pathlib import Path

import httpx

from gateway.demo.stage import Stage


def test_the_consoles_address_is_found_without_its_last_stroke(tmp_path: Path) -> None:
    with Stage(tmp_path / "gateway") as stage:
        answer = httpx.get(f"{stage.url}/console", follow_redirects=True)

    assert answer.status_code == 200
    assert "Sign in" in answer.text
