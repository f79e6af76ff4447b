"""What is a wake-up, who hears it, and how often is it tried? The same for every bus.

A wake-up says that looking into the store is worth while. It holds references of ours and nothing else: that is held by
its shape, so that nothing personal can get onto a broker.
"""

import re

from gateway.errors import PermanentError, TooLargeError

SIZE_LIMIT_BYTES = 1024
"""Longest routing key and references together."""
TRIES = 5
"""How often one wake-up is given to a subscriber that fails; then it is set aside, since the sweep finds its work."""

ANYTHING = "#"
_ALL_BELOW = ".#"
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_REFERENCES = re.compile(r"[a-z]{2,12}_[0-9a-z]+( [a-z]{2,12}_[0-9a-z]+)*")


def check_wake(routing_key: str, reference: str) -> None:
    """Return if the two make a wake-up.

    Shape: a routing key is words of small letters, digits and underscores joined by dots, such as `message.urgent`; a
    reference is one or more identifiers of ours, such as `msg_01jd0f7w1ge7v9q2w3k5n8x4yz`, with one blank between.

    Raises:
        TooLargeError: they are over 1 KiB together.
        PermanentError: one has another shape (code `bus-wake`); what it holds is not repeated.
    """
    if len(routing_key.encode()) + len(reference.encode()) > SIZE_LIMIT_BYTES:
        raise TooLargeError(f"a wake-up holds at most {SIZE_LIMIT_BYTES} bytes of references")
    if not _KEY.fullmatch(routing_key) or not _REFERENCES.fullmatch(reference):
        raise PermanentError("a wake-up is a routing key and identifiers of ours, nothing else", code="bus-wake")


def check_pattern(pattern: str) -> None:
    """Return if *pattern* is one that every bus understands alike.

    Shape: a routing key; or one followed by `.#`, which matches it and everything below it; or `#`, which matches
    everything. These mean the same to an AMQP topic exchange.

    Raises:
        PermanentError: it uses a wildcard in any other way (code `bus-pattern`).
    """
    if pattern != ANYTHING and not _KEY.fullmatch(pattern.removesuffix(_ALL_BELOW)):
        raise PermanentError("a pattern is a routing key, one followed by .#, or #", code="bus-pattern")


def is_match(pattern: str, routing_key: str) -> bool:
    """Tell whether *routing_key* is one of those *pattern* stands for."""
    if pattern == ANYTHING:
        return True
    if not pattern.endswith(_ALL_BELOW):
        return routing_key == pattern
    stem = pattern.removesuffix(_ALL_BELOW)
    return routing_key == stem or routing_key.startswith(stem + ".")


def have_common(one: str, other: str) -> bool:
    """Tell whether there is a routing key that both patterns stand for."""
    stems = (one.removesuffix(_ALL_BELOW), other.removesuffix(_ALL_BELOW))
    return ANYTHING in stems or is_match(one, stems[1]) or is_match(other, stems[0])
