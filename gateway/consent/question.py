"""What is asked when somebody wants to know whether a document may go to somebody?

An absent fact is *not known*: it never counts as yes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.model.category import Category


class Mode(StrEnum):
    """Whose document it is."""

    CONVEY = "CONVEY"
    """The sender's own document, to the addressee the sender named."""
    DISCLOSE = "DISCLOSE"
    """Content from our store."""


class Purpose(StrEnum):
    """What the document is for."""

    CHECK_EXISTS = "CHECK_EXISTS"
    REQUEST_EH = "REQUEST_EH"
    COORDINATE = "COORDINATE"
    SAFEGUARD_S17 = "SAFEGUARD_S17"
    SAFEGUARD_S47 = "SAFEGUARD_S47"
    EMERGENCY = "EMERGENCY"
    STEP_UP = "STEP_UP"
    STEP_DOWN = "STEP_DOWN"
    TRANSFER = "TRANSFER"
    SCHOOL_EXPORT = "SCHOOL_EXPORT"
    PULL_THROUGH = "PULL_THROUGH"
    FEEDBACK = "FEEDBACK"
    STATUTORY_OTHER = "STATUTORY_OTHER"
    SAR = "SAR"
    REPORTING = "REPORTING"
    AUDIT = "AUDIT"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asks for it to go."""

    organisation: str | None = None
    type: str | None = None
    role: str | None = None
    authenticated: bool | None = None
    training_valid: bool | None = None
    agreement_signed: bool | None = None
    listed_safeguarding_person: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The sharing agreement with the recipient. `status` is `in_force`, `expired` or `missing`.

    Shape: the lawful basis of the flow is recorded with the decision, and decides nothing.
    """

    id: str | None = None
    version: str | None = None
    status: str | None = None
    expired_days: int | None = None
    lawful_basis: str | None = None
    special_category_basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who would get it."""

    organisation: str | None = None
    type: str | None = None
    in_directory: bool | None = None
    secure_channel: bool | None = None
    listed_safeguarding_person: bool | None = None
    could_reidentify: bool | None = None
    held_content: bool | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One giver's word about one child: what may be shared, why, with whom, from when until when.

    Shape: `purposes`, `agencies_*` and `categories_*` hold codes; an agency is an organisation or a type of one. Where
    `categories_allowed` names any, no other goes. `persons_excluded` are people it may not reach, and
    `withdrawn_purposes` what was taken back of it. `effective_from` is included and `expires_on` is not (UTC).
    """

    consent_id: str
    giver_capacity: str | None = None
    kinds: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    status: str | None = None
    mode: str | None = None
    agencies_allowed: tuple[str, ...] = ()
    agencies_denied: tuple[str, ...] = ()
    categories_denied: tuple[str, ...] = ()
    categories_allowed: tuple[str, ...] = ()
    persons_excluded: tuple[str, ...] = ()
    withdrawn_purposes: tuple[str, ...] = ()
    effective_from: datetime | None = None
    expires_on: datetime | None = None
    conflict: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody's reasoned word that it must go without consent."""

    asserted: bool | None = None
    basis: str | None = None
    rationale: str | None = None
    authoriser_role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionFlag:
    """A mark on a person that protects somebody. `need_list` names the organisations that may see behind it."""

    flag: str
    person: str | None = None
    need_list: tuple[str, ...] = ()
    whole_payload: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFact:
    """How sure we are whose content this is: MATCH, POTENTIAL, LOW, MANY, NONE or NEW."""

    status: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detriment:
    """Whether telling would harm the child more than not telling."""

    assessed: bool | None = None
    harmful: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtOrder:
    """What a court said. `kind` is `requires_disclosure` or `prohibits_disclosure`."""

    kind: str | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDecision:
    """What the responsible person answered when a row handed the question to them.

    Shape: `reason` is the code of the row that asked, such as `H-RECIP`; `choice` is `permit` or `refuse`; `role` is
    the role they answered in. `earlier` holds the reasons of earlier reviews of the same document that a person
    permitted, so that two rows that both ask do not ask for ever.
    """

    choice: str | None = None
    role: str | None = None
    review_id: str | None = None
    reason: str | None = None
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything a decision may look at; two equal questions have equal answers under one policy version.

    Shape: `categories` are what is asked for; for a pull-through they are the listed sections.
    Units: `at` is UTC. `joined_by_match` tells whether the content was found by the match that `match` reports;
    only then do the identity rows apply. `early_help_alone`, `agreement_on_form` and `can_go_back` are about a sender's
    own form: that it asks for early help and tells of no harm, that it says that the family agreed, and that it may go
    back to its sender. `steps_down_from` is what social care did for the child until now.
    """

    purpose: Purpose
    at: datetime
    mode: Mode = Mode.DISCLOSE
    direction: str | None = None
    level: str | None = None
    area: str | None = None
    requester: Requester = Requester()
    recipient: Recipient = Recipient()
    categories: tuple[Category, ...] = ()
    consents: tuple[Consent, ...] = ()
    override: Override | None = None
    flags: tuple[ProtectionFlag, ...] = ()
    match: MatchFact | None = None
    joined_by_match: bool = True
    emergency: bool | None = None
    deemed_relevant: bool | None = None
    detriment: Detriment | None = None
    court_order: CourtOrder | None = None
    statutory_episode_open: bool | None = None
    caller_verified: bool | None = None
    consent_mode_satisfied: bool | None = None
    family_agreement: bool | None = None
    recorded_concern: bool | None = None
    no_consent_block: bool | None = None
    early_help_alone: bool | None = None
    agreement_on_form: bool | None = None
    can_go_back: bool | None = None
    steps_down_from: str | None = None
    person_decision: PersonDecision | None = None
    switches: Mapping[str, bool] = field(default_factory=dict)
