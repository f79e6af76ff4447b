"""Why? A reason code, said for somebody who never saw the rules."""

from gateway.app.operations.words import FAILURES
from gateway.consent.explain import REASONS


def reason_words(code: str | None) -> str | None:
    """Return what *code* means, or the code itself when nobody has words for it."""
    if code is None:
        return None
    return FAILURES.get(code) or REASONS.get(code) or code
