"""What does a notice without content say, and what does an answer to it settle?

The words are the same whatever made the notice necessary: a withdrawal and a new protection read alike.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from gateway.conversations.duties import CORRECTED, PURGED, STOPPED
from gateway.model.notice import NoticeAnswer, NoticeStep
from gateway.model.tree import Group

WHAT_TO_DO: Mapping[NoticeStep, str] = MappingProxyType(
    {
        NoticeStep.STOP_SHARING: (
            "From now on pass on nothing of the documents listed, to anybody, and take them out of any report or feed. "
            "Keep them as your own duties ask. If a child may be in danger, do what protects the child first. Ask us "
            "before you share any of it again."
        ),
        NoticeStep.PURGE: (
            "The documents listed were not meant for you. Do not read, use or pass them on. Destroy every copy, also "
            "in backups as they run out, tell us who has seen them, and send us your certificate that it is done."
        ),
        NoticeStep.CORRECTION: (
            "Something in the documents listed is not right or is disputed. Mark them so, and pass that on to whoever "
            "has them from you. A correction follows where it may; if none comes, ask us."
        ),
    }
)

DUTY_OF: Mapping[NoticeStep, str] = MappingProxyType(
    {NoticeStep.STOP_SHARING: STOPPED, NoticeStep.PURGE: PURGED, NoticeStep.CORRECTION: CORRECTED}
)
"""What somebody here has to see to until whoever got a notice has done what it asks."""

SETTLED_BY_ARRIVAL = frozenset({STOPPED, CORRECTED})
"""What the receiver's acknowledgement settles; a purge is settled by its certificate alone."""

SETTLED_BY_ANSWER: Mapping[NoticeAnswer, frozenset[str]] = MappingProxyType(
    {
        NoticeAnswer.STOPPED: frozenset({STOPPED}),
        NoticeAnswer.PURGED: frozenset({PURGED}),
        NoticeAnswer.CORRECTED: frozenset({CORRECTED}),
        NoticeAnswer.ACCEPTED: frozenset({"O-ACK"}),
        NoticeAnswer.CANNOT: frozenset(),
    }
)
"""Which duties an answer settles."""


def notice(step: NoticeStep, documents: Sequence[str], *, at: datetime, answer_by: datetime) -> Group:
    """Return the `ecaf.notice` document that asks for *step* with the *documents* of these message ids."""
    return {
        "step": step.value,
        "documents": [*documents],
        "at": at.isoformat(),
        "answer_by": answer_by.isoformat(),
        "what_to_do": WHAT_TO_DO[step],
    }
