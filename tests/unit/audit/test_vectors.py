"""Can evidence that was once given out still be checked? These files never change; a new form gets a new folder."""

from pathlib import Path

import pytest

from gateway.audit import verify

V1 = Path(__file__).parents[2] / "vectors/audit/v1"


@pytest.mark.parametrize(
    "words",
    [
        ("proof", "event.tlog-proof"),
        ("consistency", "old.checkpoint", "new.checkpoint", "consistency"),
        ("receipt", "receipt.note"),
        ("export", "export.zip"),
    ],
    ids=lambda words: words[0],
)
def test_evidence_of_version_1_is_still_accepted(words: tuple[str, ...]) -> None:
    mode, *names = words

    assert verify.main([mode, *(str(V1 / name) for name in names), "--key", (V1 / "vkey").read_text()]) == 0
