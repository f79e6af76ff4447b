"""What did the gate notice that is no reason to refuse?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GateWarning:
    """One thing a person may want to look at.

    Shape: `path` says where, `code` is stable: `schema` (not the agreed shape, taken because a referral must never be
    stopped), `no-pupil-id`, `empty-report`, `attribute-ignored`, `file-not-carried`, `encoding-guessed`,
    `secret-dropped`. The message never repeats a value.
    """

    path: str
    code: str
    message: str
