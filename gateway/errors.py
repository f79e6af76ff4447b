"""What can go wrong, and what becomes of the message when it does.

    GatewayError
    ├── PermanentError               the same input will fail again: dead letter, or a 4xx
    │   ├── MalformedMessageError        bytes that are not the format they claim
    │   ├── TooLargeError                over a stated limit
    │   ├── UnsupportedFormatError       nobody here speaks this partner/message/version
    │   │   └── ByMailError                  a letter: forms are not taken by e-mail
    │   ├── SchemaViolationError         well-formed, but not the agreed shape
    │   ├── TranslationError             a value no mapping can carry
    │   ├── MappingError                 a mapping file of ours is wrong (found at load)
    │   ├── PolicyError                  a policy file of ours is wrong (found at load)
    │   ├── ConflictError                another body under the same key; a step out of turn
    │   │   └── OvertakenError               our lease ran out, and somebody else has the work
    │   ├── NotFoundError
    │   ├── UnauthenticatedError
    │   ├── NotAllowedError
    │   └── PartnerRefusedError          the partner said no, and will say it again
    ├── TransientError               the same input may succeed later: retry, then dead letter
    │   ├── PartnerUnavailableError
    │   ├── StoreUnavailableError
    │   │   └── StoreFullError
    │   └── BusyError                    too much at once: come back in a moment
    └── IntegrityError               something that cannot be true is true: halt and alarm

Messages name the thing, what was expected and what was found, and never hold a personal value.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in an input something is wrong.

    Shape: any of `path` (a tree path such as `answers[3].question_id`), `row` (1-based, without header) and
    `line` (1-based).
    """

    path: str | None = None
    row: int | None = None
    line: int | None = None

    def as_json(self) -> dict[str, str | int]:
        """Return the parts that are known."""
        known = {"path": self.path, "row": self.row, "line": self.line}
        return {name: value for name, value in known.items() if value is not None}


class GatewayError(Exception):
    """The root of every error the gateway raises on purpose.

    Shape: `code` is stable and documented in docs/errors.md; `place` says where in the input.
    """

    code = "gateway"

    def __init__(self, message: str, *, place: Place | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place or Place()
        if code is not None:
            self.code = code

    def as_json(self) -> dict[str, str | int]:
        """Return `{"code", "message"}` and the place, as the command line and the API print it."""
        return {"code": self.code, "message": self.message, **self.place.as_json()}


class PermanentError(GatewayError):
    """The same input will fail again."""

    code = "permanent"


class MalformedMessageError(PermanentError):
    """The bytes are not the format they claim to be."""

    code = "malformed"


class TooLargeError(PermanentError):
    """The input is over a stated limit."""

    code = "too-large"


class UnsupportedFormatError(PermanentError):
    """No format of this partner, message and version is known here."""

    code = "unsupported-format"


class ByMailError(UnsupportedFormatError):
    """It is an e-mail. Nothing of it is kept, not even sealed."""

    code = "e-mail"


class SchemaViolationError(PermanentError):
    """Well-formed, but not the agreed shape."""

    code = "schema"


class TranslationError(PermanentError):
    """A value that the mapping says must be carried cannot be."""

    code = "translation"


class MappingError(PermanentError):
    """One of our mapping files or code lists is wrong."""

    code = "mapping"


class PolicyError(PermanentError):
    """One of our policy files is wrong."""

    code = "policy"


class ConflictError(PermanentError):
    """The key, or the state, is already taken by something else."""

    code = "conflict"


class OvertakenError(ConflictError):
    """Our lease on this work ran out, and somebody else has taken it: what we would save is refused."""

    code = "overtaken"


class NotFoundError(PermanentError):
    """There is no such thing, or not for this caller."""

    code = "not-found"


class UnauthenticatedError(PermanentError):
    """The caller has not shown who they are."""

    code = "unauthenticated"


class NotAllowedError(PermanentError):
    """The caller is known and may not do this."""

    code = "not-allowed"


class PartnerRefusedError(PermanentError):
    """The partner answered that it will not take this document."""

    code = "partner-refused"


class TransientError(GatewayError):
    """The same input may succeed later.

    Shape: `retry_after_seconds` is how long whoever failed us asked to be left alone, if they said.
    """

    code = "transient"

    def __init__(
        self,
        message: str,
        *,
        place: Place | None = None,
        code: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, place=place, code=code)
        self.retry_after_seconds = retry_after_seconds


class PartnerUnavailableError(TransientError):
    """The partner did not answer, or answered that it cannot now, or its answer made no sense."""

    code = "partner-unavailable"


class StoreUnavailableError(TransientError):
    """The store could not make the change durable."""

    code = "store-unavailable"


class StoreFullError(StoreUnavailableError):
    """The disk under the store is full, or nearly so."""

    code = "store-full"


class BusyError(TransientError):
    """More work than this process takes on at one time; the sender is asked to come back."""

    code = "busy"


class IntegrityError(GatewayError):
    """Something that cannot be true is true: a proof fails, a guard is missing, a head has forked.

    Shape: `expected` and `found` hold the two signed states or values, never personal data.
    """

    code = "integrity"

    def __init__(self, message: str, *, expected: str = "", found: str = "") -> None:
        super().__init__(message)
        self.expected = expected
        self.found = found


def code_of(error: BaseException) -> str:
    """Return the stable code of an error of ours, and the class of anybody else's."""
    return error.code if isinstance(error, GatewayError) else type(error).__name__


class Fate(StrEnum):
    """What becomes of a piece of work whose attempt failed."""

    RETRY = "retry"
    DEAD_LETTER = "dead_letter"
    HALT = "halt"


def fate_of(error: BaseException, *, attempt: int, limit: int) -> Fate:
    """Return what becomes of work that failed with *error* at its *attempt*-th try of at most *limit*.

    Anything that is not ours is a bug, and a bug goes to the dead letters, where a person sees it.
    """
    match error:
        case IntegrityError():
            return Fate.HALT
        case TransientError() if attempt < limit:
            return Fate.RETRY
        case _:
            return Fate.DEAD_LETTER
