"""Which token opens the metrics? The one in a file that is for its owner's eyes only."""

import stat
from pathlib import Path

LEAST_TOKEN = 20
"""Characters a token has at least."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_token(file: Path) -> str | None:
    """Return the token in *file*, or None when there is none that is long enough and for its owner's eyes only."""
    try:
        if file.stat().st_mode & _OTHERS:
            return None
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return None
    return token if len(token) >= LEAST_TOKEN else None
