"""Which names does a test get? The same ones every time, in order."""


class CountedIds:
    """Fresh identifiers such as `msg_000001`: sortable by age, never used twice, easy to read in a failure."""

    def __init__(self) -> None:
        self._last = 0

    def fresh(self, kind: str) -> str:
        """Return the next identifier of *kind*."""
        self._last += 1
        return f"{kind}_{self._last:06d}"
