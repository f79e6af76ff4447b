"""How did the team around the child meet, review, and in the end close?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.assessment import Elements, LocalHeading
from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.family import Answer
from gateway.model.plan import ActionStatus
from gateway.model.provenance import Provenance


class MeetingKind(StrEnum):
    """What a team meets for."""

    INITIAL = "INITIAL"
    REVIEW = "REVIEW"
    CLOSURE = "CLOSURE"
    STEP_UP = "STEP_UP"
    STEP_DOWN = "STEP_DOWN"
    TRANSFER = "TRANSFER"


class Report(StrEnum):
    """How somebody reported to a meeting they could not come to."""

    VERBAL = "VERBAL"
    WRITTEN = "WRITTEN"
    NONE = "NONE"


class ReviewDecision(StrEnum):
    """What a review decided."""

    CONTINUE = "CONTINUE"
    CLOSE_NEEDS_MET = "CLOSE_NEEDS_MET"
    CLOSE_OTHER = "CLOSE_OTHER"
    STEP_UP = "STEP_UP"
    TRANSFER = "TRANSFER"
    NEW_EPISODE = "NEW_EPISODE"
    REFER_TO_SUPPORT_PANEL = "REFER_TO_SUPPORT_PANEL"


class ClosureReason(StrEnum):
    """Why an episode is closed."""

    NEEDS_MET = "C01"
    NO_LONGER_RELEVANT = "C02"
    MOVED = "C03"
    ADULT = "C04"
    CONSENT_OR_CONTACT_LOST = "C05"
    STEPPED_UP = "C06"
    """Only once social care has decided, never when it was merely asked."""
    YOUTH_JUSTICE = "C07"
    INPATIENT_MENTAL_HEALTH = "C08"
    SUPERSEDED = "C09"
    SINGLE_AGENCY = "C10"
    MERGED = "C11"
    DIED = "C12"
    OPENED_IN_ERROR = "C13"


class ContactLost(StrEnum):
    """What C05 means: consent withdrawn, the family turned away, or nobody can find them."""

    WITHDRAWN = "a"
    DISENGAGED = "b"
    NOT_TRACEABLE = "c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody who was asked to a meeting."""

    name: str | None = told(Category.OPINION, Sensitivity.S1, locates=True, tells=(Tells.STAFF,))
    role: str | None = told(Category.OPINION, locates=True)
    organisation: str | None = told(Category.OPINION, locates=True)
    attended: Answer | None = told(Category.OPINION, locates=True)
    apologies: Answer | None = told(Category.OPINION, locates=True)
    report: Report | None = told(Category.OPINION, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMeeting:
    """One meeting of the team around the child or family."""

    reference: str | None = told(Category.OPINION, Sensitivity.S0)
    kind: MeetingKind | None = told(Category.OPINION)
    held_on: date | None = told(Category.OPINION)
    place: str | None = told(Category.OPINION, locates=True)
    chair: str | None = told(Category.OPINION, Sensitivity.S1, locates=True, tells=(Tells.STAFF,))
    invited: tuple[Invited, ...] = told(Category.OPINION, default=())
    child_present: Answer | None = told(Category.OPINION)
    child_absent_because: str | None = written(Category.OPINION, Sensitivity.S3, tells=(Tells.CHILD,))
    parent_present: Answer | None = told(Category.OPINION)
    discussion: str | None = written(Category.OPINION, Sensitivity.S3)
    decisions: tuple[str, ...] = written(Category.PLAN, Sensitivity.S3, default=())
    lead_professional: str | None = told(Category.OPINION, Sensitivity.S1, locates=True, tells=(Tells.STAFF,))
    """Whom the meeting confirmed, or chose."""
    unmet_needs: tuple[str, ...] = written(Category.PLAN, Sensitivity.S3, default=())
    next_on: date | None = told(Category.PLAN)
    minutes_shared_with: tuple[str, ...] = told(Category.OPINION, locates=True, default=())
    headings: tuple[LocalHeading, ...] = told(Category.OPINION, Sensitivity.S3, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionProgress:
    """How an action of the plan has come on. `action` is its reference."""

    action: str | None = told(Category.PLAN, Sensitivity.S0)
    status: ActionStatus | None = told(Category.PLAN)
    note: str | None = written(Category.PLAN, Sensitivity.S3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review of plan and assessment. The scores of a review stand with the others, under its number."""

    reference: str | None = told(Category.OPINION, Sensitivity.S0)
    number: int | None = told(Category.OPINION, Sensitivity.S0)
    since: date | None = told(Category.OPINION)
    """The day of the assessment or review before it."""
    started_on: date | None = told(Category.OPINION)
    completed_on: date | None = told(Category.OPINION)
    meeting_held: Answer | None = told(Category.OPINION)
    meeting: str | None = told(Category.OPINION, Sensitivity.S0)
    elements: Elements | None = told(Category.OPINION)
    progress: tuple[ActionProgress, ...] = told(Category.PLAN, default=())
    new_needs: tuple[str, ...] = written(Category.OPINION, Sensitivity.S3, default=())
    consent_reconfirmed: Answer | None = told(Category.CONSENT)
    consent_changes: str | None = written(Category.CONSENT, Sensitivity.S3)
    child_view: str | None = written(Category.OPINION, Sensitivity.S3, tells=(Tells.CHILD,))
    parent_view: str | None = written(Category.OPINION, Sensitivity.S3)
    lead_professional_changes: Answer | None = told(Category.OPINION)
    decision: ReviewDecision | None = told(Category.PLAN)
    next_review_on: date | None = told(Category.PLAN)
    headings: tuple[LocalHeading, ...] = told(Category.OPINION, Sensitivity.S3, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """How an episode ended; reason and summary are the lead professional's to write."""

    closed_on: date | None = told(Category.OPINION)
    reason: ClosureReason | None = told(Category.OPINION, Sensitivity.S3)
    contact_lost: ContactLost | None = told(Category.OPINION, Sensitivity.S3)
    summary: str | None = written(Category.OPINION, Sensitivity.S3)
    decided_at_meeting: Answer | None = told(Category.OPINION)
    family_agreed: Answer | None = told(Category.OPINION)
    onward_support: str | None = written(Category.PLAN, Sensitivity.S3)
    records_given_to_family: Answer | None = told(Category.OPINION)
    moved_to: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    survivor: str | None = told(Category.OPINION, Sensitivity.S0)
    """The episode that goes on, where two were one."""
    headings: tuple[LocalHeading, ...] = told(Category.OPINION, Sensitivity.S3, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
