"""May new work be sent here? Live says the process answers; ready says it takes documents in."""

from gateway.errors import BusyError


class Readiness:
    """Whether this process takes documents in. Set by the process, read by every request."""

    def __init__(self) -> None:
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Tell whether documents are taken in."""
        return self._is_open

    def open(self) -> None:
        """Say that everything is assembled and running."""
        self._is_open = True

    def close(self) -> None:
        """Say that the process is about to end: send elsewhere, or come back."""
        self._is_open = False

    def check(self) -> None:
        """Return if documents are taken in.

        Raises:
            BusyError: the process is starting or ending.
        """
        if not self._is_open:
            raise BusyError("the gateway is starting or stopping; send again in a moment", code="not-ready")
