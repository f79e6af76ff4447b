"""How is a webhook called? One JSON document, a token, a bounded wait, and any 2xx for an answer.

What else is in the answer is not even read: it may be endless, and come as slowly as can be.
"""

from dataclasses import dataclass
from pathlib import Path

import httpx

from gateway.adapters.http.deadline import TimedTransport, within
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
            status = self._status(url, told, headers)
        except httpx.HTTPError:
            raise TransientError("the webhook cannot be reached", code="hook-unreachable") from None
        if httpx.codes.is_success(status):
            return
        if status in _CLIENT_ERRORS and status not in _LATER:
            raise PermanentError(f"the webhook answered {status}", code="hook-refused")
        raise TransientError(f"the webhook answered {status}", code="hook-later")

    def _status(self, url: str, told: Group, headers: dict[str, str]) -> int:
        transport = TimedTransport(context=httpx.create_ssl_context(), connections=1)
        with (
            within(self.seconds),
            httpx.Client(transport=transport, timeout=self.seconds, follow_redirects=False) as client,
            client.stream("POST", url, json=told, headers=headers) as answer,
        ):
            return answer.status_code


def _secret(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        raise PermanentError("the webhook's token cannot be read", code="no-token") from None
