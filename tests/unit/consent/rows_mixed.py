"""Questions in which facts pull two ways, or somebody said no where others are silent."""

from dataclasses import replace
from typing import Final

from gateway.consent.question import CourtOrder, Detriment
from tests.unit.consent.questions import COURT_REQUIRES, DUTY, LISTED, a_consent, a_flag, a_question
from tests.unit.consent.row_parts import (
    CHECK,
    CONFIDED,
    INSISTS,
    MOVE,
    NEED,
    OTHERS,
    SPOKEN_NEW,
    SPOKEN_OLD,
    STEP_UP,
    YES,
    C,
    P,
    Told,
    a_consent_for,
    a_referral,
    a_transfer_consent,
)

BY_CARER: Final = a_consent(consent_id="c2", giver_capacity="CARER")
S17_YES: Final = a_consent_for("SAFEGUARD_S17")

FIRES: Final[tuple[Told, ...]] = (
    Told("47b", "whoever has not agreed", a_question(**OTHERS)),
    Told("47b", "nothing recorded of others asked for", a_question(**OTHERS, categories=(C.ID, C.FAMILY))),
    Told("47b", "a child in need, by consent", a_question(**{**NEED, **OTHERS}, consents=(S17_YES,))),
    Told(
        "16", "a weighing that never took place", a_question(**DUTY, detriment=Detriment(assessed=False, harmful=False))
    ),
    Told("19", "a yes beside a refusal", a_question(**NEED, consents=(S17_YES, replace(S17_YES, status="REFUSED")))),
    Told(
        "19", "a yes beside a withdrawal", a_question(**NEED, consents=(S17_YES, replace(S17_YES, status="WITHDRAWN")))
    ),
    Told(
        "19", "a yes beside a word nobody knows", a_question(**NEED, consents=(S17_YES, replace(S17_YES, status=None)))
    ),
    Told("19", "a carer's yes", a_question(**NEED, consents=(replace(S17_YES, giver_capacity="CARER"),))),
    Told("19", "a yes the family disagrees about", a_question(**NEED, consents=(replace(S17_YES, conflict=True),))),
    Told("19", "a spoken yes of long ago", a_question(**NEED, consents=(replace(S17_YES, mode="VERBAL_WITNESSED"),))),
    Told("34", "a step-down the family declined", a_question(purpose=P.STEP_DOWN, family_agreement=False)),
    Told("30", "a check the family declined", a_question(**CHECK, caller_verified=True, consent_mode_satisfied=False)),
    Told("30", "a caller who failed", a_question(**CHECK, caller_verified=False, consent_mode_satisfied=True)),
    Told("24c", "a step-up, expired", a_question(**STEP_UP, consents=(a_consent_for("STEP_UP", status="EXPIRED"),))),
    Told("25", "a consent to nobody knows what", a_question(consents=(a_consent(kinds=()),))),
    Told("25", "a step-up, unreadable", a_question(**STEP_UP, consents=(a_consent_for("STEP_UP", status=None),))),
    Told("25", "a step-up, without end", a_question(**STEP_UP, consents=(a_consent_for("STEP_UP", expires_on=None),))),
    Told("27", "two kinds it may be one of", a_question(consents=(a_consent(agencies_denied=("police", "gp")),))),
    Told("28", "two lists, and it is on one", a_question(consents=(YES, a_consent(agencies_allowed=("school",))))),
    Told(
        "32",
        "two consents, and one names another authority",
        a_question(
            **MOVE,
            consents=(
                a_transfer_consent(agencies_allowed=("borough-2",)),
                a_transfer_consent(agencies_allowed=("borough-3",)),
            ),
        ),
    ),
    Told("26b", "a parent's word beside a carer's signature", a_question(consents=(SPOKEN_NEW, BY_CARER))),
    Told("26", "a parent's old word beside a carer's signature", a_question(consents=(SPOKEN_OLD, BY_CARER))),
    Told("43", "a spoken consent beside a written one", a_question(consents=(SPOKEN_NEW, YES))),
    Told(
        "43",
        "a surgery, where health is on the list",
        a_question(recipient={"type": "gp"}, consents=(a_consent(agencies_allowed=("health",)),)),
    ),
)

MISSES: Final[tuple[Told, ...]] = (
    Told("47b", "a referral", a_referral(**{**OTHERS, "recipient": {}})),
    Told("47b", "nobody who has not agreed", a_question(**{**OTHERS, "flags": ()})),
    Told("47b", "a recipient on the need-list", a_question(**{**OTHERS, "recipient": LISTED})),
    Told("47b", "relevant to the child's safety", a_question(**OTHERS, deemed_relevant=True)),
    Told("47b", "an emergency", a_question(**OTHERS, emergency=True)),
    Told("47b", "significant harm, to a listed recipient", a_question(**OTHERS, level="L4")),
    Told("47b", "an order that was verified", a_question(**OTHERS, court_order=COURT_REQUIRES)),
    Told("9", "a hold that is said to be partial", a_question(flags=(a_flag("POLICE_HOLD", whole_payload=False),))),
    Told(
        "11",
        "an order found not to be real",
        a_question(court_order=CourtOrder(kind="requires_disclosure", verified=False)),
    ),
    Told("49", "a sender who says not", a_question(**CONFIDED, override=replace(INSISTS, asserted=False))),
)
