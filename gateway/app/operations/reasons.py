"""Why? A reason code, said for somebody who never saw the rules."""

from gateway.app.operations.words import FAILURES
from gateway.consent.policy import Policy


def reason_words(policy: Policy, code: str | None) -> str | None:
    """Return what *code* means in a few words, or the code itself when nobody has words for it."""
    if code is None:
        return None
    words = policy.reasons.get(code)
    return words.heading if words else FAILURES.get(code, code)


def reason_text(policy: Policy, code: str | None) -> str | None:
    """Return what *code* means in a sentence or two."""
    words = policy.reasons.get(code or "")
    return words.text if words else reason_words(policy, code)


def reason_advice(policy: Policy, code: str | None) -> str | None:
    """Return the next thing to do about *code*, if there is one."""
    words = policy.reasons.get(code or "")
    return words.advice if words else None
