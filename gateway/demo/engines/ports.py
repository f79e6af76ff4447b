"""Which port of loopback is free, and still will be when whoever asked listens there?"""

import random
import socket
from typing import Final

_LOOPBACK: Final = "127.0.0.1"
_GIVEN_BY_HAND: Final = range(15_000, 32_000)
"""Below those that the system gives to connections: one of them may be taken by any connection in the next moment."""
_given: set[int] = set()


def free_port() -> int:
    """Return a port of loopback that nobody listens on, and that this process was not told before.

    Raises:
        OSError: every port it looked at is taken.
    """
    # Not the generator that tests seed: two processes of one run would look at the same ports.
    for port in random.SystemRandom().sample(_GIVEN_BY_HAND, k=200):
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise OSError(f"no port from {_GIVEN_BY_HAND.start} to {_GIVEN_BY_HAND.stop} is free; end what listens there")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind((_LOOPBACK, port))
        except OSError:
            return False
    return True
