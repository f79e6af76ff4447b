"""What did the gate notice that is no reason to refuse?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GateWarning:
    """One thing a person may want to look at.

    Shape: `path` says where, `code` is stable: `schema` (not the agreed shape, taken because a referral must never be
    stopped), `no-pupil-id`, `empty-report`, `attribute-ignored`, `file-not-carried`, `encoding-guessed`,
    `secret-dropped`, `more-warnings` (there are too many to list). The message never repeats a value.
    """

    path: str
    code: str
    message: str


class FewWarnings(dict[str, GateWarning]):
    """What is noticed of a document of any length: the first so many, and the rest counted."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__()
        self._most = most
        self._left_out = 0

    def __setitem__(self, key: str, warning: GateWarning) -> None:
        if key in self or len(self) < self._most:
            super().__setitem__(key, warning)
        else:
            self._left_out += 1

    def setdefault(self, key: str, default: GateWarning) -> GateWarning:
        """Return what is known under *key*, which is *default* if nothing was."""
        if key not in self:
            self[key] = default
        return self.get(key, default)

    def told(self) -> tuple[GateWarning, ...]:
        """Return what was noticed, and how much more there would be to tell."""
        if not self._left_out:
            return tuple(self.values())
        message = f"{self._left_out} more warnings of this document are not listed"
        return (*self.values(), GateWarning(path="", code="more-warnings", message=message))
