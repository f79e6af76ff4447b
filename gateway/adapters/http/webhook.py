"""How is a webhook called? One JSON document, a token, a bounded wait, and any 2xx for an answer."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from gateway.errors import PermanentError, TransientError
from gateway.model.tree import Group

_LATER = frozenset({408, 425, 429})
_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Calls addresses of ours, such as a pager's. Units: seconds."""

    seconds: float = 10.0

    def call(self, url: str, told: Group, *, key: str, token_file: Path | None = None) -> None:
        """Post *told*; a repeat has the same *key*.

        Raises:
            TransientError: nobody takes it now (code `hook-unreachable`, `hook-later`).
            PermanentError: it is not taken (code `hook-refused`), or the token is missing (code `no-token`).
        """
        headers = {"Idempotency-Key": key}
        if token_file is not None:
            headers["Authorization"] = f"Bearer {_secret(token_file)}"
        try:
            answer = httpx.post(url, json=told, headers=headers, timeout=self.seconds, follow_redirects=False)
        except httpx.HTTPError:
            raise TransientError("the webhook cannot be reached", code="hook-unreachable") from None
        if answer.is_success:
            return
        if answer.status_code in _CLIENT_ERRORS and answer.status_code not in _LATER:
            raise PermanentError(f"the webhook answered {answer.status_code}", code="hook-refused")
        raise TransientError(f"the webhook answered {answer.status_code}", code="hook-later")


def _secret(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        raise PermanentError("the webhook's token cannot be read", code="no-token") from None
