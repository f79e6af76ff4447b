"""The command line as tests type it."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.app.cli import run


@dataclass(frozen=True)
class Typed:
    """What came of one command line."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Return standard output as the JSON object it is."""
        told: dict[str, Any] = json.loads(self.out)
        return told

    @property
    def error(self) -> dict[str, Any]:
        """Return the reasoned error."""
        told: dict[str, Any] = self.json["error"]
        return told


@dataclass(frozen=True)
class Shell:
    """Types command lines."""

    captured: pytest.CaptureFixture[str]

    def type(self, *words: object) -> Typed:
        """Return what `gateway` with *words* answers."""
        self.captured.readouterr()
        code = run([str(word) for word in words])
        said = self.captured.readouterr()
        return Typed(code=code, out=said.out, err=said.err)
