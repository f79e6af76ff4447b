"""Does the second opinion say what the prose says? Cases its author wrote before seeing the engine it judges."""

import re

import pytest

from tests.oracle.questions import OVERRIDE, consent, question
from tests.oracle.second_opinion import Question, confirm_by, policy_text, second_opinion

LISTED = {"listed_safeguarding_person": True}
WITHDRAWN = consent(status="WITHDRAWN")
REFUGE = {"flag": "ADDRESS_WITHHELD", "person": "p1", "need_list": ["csc-1"]}
ORDER = {"kind": "requires_disclosure", "verified": True}
FORBIDDING_ORDER = {"kind": "prohibits_disclosure", "verified": True}
DUTY = {"switches": {"s16LA": True}, "deemed_relevant": True, "requester": LISTED, "recipient": LISTED}
SPOKEN = consent(purposes=["REQUEST_EH"], mode="VERBAL_WITNESSED", effective_from="2026-11-10T00:00:00Z")
MOVE = consent(kinds=["TRANSFER"], purposes=["TRANSFER"], agencies_allowed=["camhs-1"])

PERMITTED = {
    "consent covers purpose and recipient": question(consents=[consent()]),
    "withdrawn, but level 4 to a listed recipient": question(consents=[WITHDRAWN], level="L4", recipient=LISTED),
    "emergency without match, training or consent": question(
        emergency=True, match=None, requester={"training_valid": False}
    ),
    "emergency to a listed recipient who could find a refuge": question(
        emergency=True, flags=[REFUGE], recipient={**LISTED, "could_reidentify": True}
    ),
    "a refuge address to the one on the need-list": question(
        consents=[consent()], flags=[REFUGE], recipient={"organisation": "csc-1", "could_reidentify": True}
    ),
    "a verified order": question(court_order=ORDER),
    "the duty, with no detriment": question(**DUTY, detriment={"assessed": True, "harmful": False}),
    "level 3 step-up with consent": question(purpose="STEP_UP", level="L3", consents=[consent(purposes=["STEP_UP"])]),
    "child in need, refused, overridden": question(
        purpose="SAFEGUARD_S17", consents=[consent(status="REFUSED", purposes=["SAFEGUARD_S17"])], override=OVERRIDE
    ),
    "a request for early help on someone's word": question(purpose="REQUEST_EH", consents=[SPOKEN]),
    "conveyed without consent, match or agreement": question(
        mode="CONVEY", purpose="REQUEST_EH", match=None, recipient={"agreement": None}
    ),
    "a transfer to a named receiver": question(purpose="TRANSFER", consents=[MOVE]),
    "a step-down the family agrees to": question(purpose="STEP_DOWN", family_agreement=True),
    "a school's form as a draft": question(purpose="SCHOOL_EXPORT", direction="in", no_consent_block=True),
    "a pull-through with an open case": question(
        purpose="PULL_THROUGH", requester={"role": "SOCIAL_WORKER"}, statutory_episode_open=True
    ),
    "feedback, which is routing data": question(purpose="FEEDBACK"),
    "a notice to one who holds copies": question(purpose="ADMIN", recipient={"held_content": True}),
    "an answered check": question(purpose="CHECK_EXISTS", consent_mode_satisfied=True, caller_verified=True),
    "a report of codes": question(purpose="REPORTING", categories=[]),
    "an auditor's query": question(purpose="AUDIT", requester={"role": "AUDITOR"}, categories=[]),
    "written confirmation of an old spoken consent": question(
        consents=[consent(mode="VERBAL_WITNESSED"), consent(consent_id="c2")]
    ),
}

NOT_PERMITTED = {
    "nobody agreed to anything": question(),
    "unknown sender, emergency": question(emergency=True, requester={"authenticated": False}),
    "insecure channel, conveyed": question(mode="CONVEY", recipient={"secure_channel": False}),
    "a court forbids it, level 4": question(level="L4", recipient=LISTED, court_order=FORBIDDING_ORDER),
    "untrained sender": question(consents=[consent()], requester={"training_valid": False}),
    "a low match": question(consents=[consent()], match={"status": "LOW"}),
    "a potential match": question(consents=[consent()], match={"status": "POTENTIAL"}),
    "no match told": question(consents=[consent()], match=None),
    "a refuge, and a recipient who could find it": question(
        emergency=True, flags=[REFUGE], recipient={"could_reidentify": True}
    ),
    "the whole of it is held by the police": question(
        emergency=True, flags=[{"flag": "POLICE_HOLD", "person": "p1"}], categories=["CAT-POLICE"]
    ),
    "an order nobody verified": question(consents=[consent()], court_order={**ORDER, "verified": False}),
    "level 4 to a charity": question(level="L4", consents=[consent()]),
    "the duty, harmful": question(**DUTY, consents=[consent()], detriment={"assessed": True, "harmful": True}),
    "the duty, detriment not weighed": question(**DUTY, consents=[consent()]),
    "child in need, no consent": question(purpose="SAFEGUARD_S17"),
    "child in need, overridden by a teacher": question(
        purpose="SAFEGUARD_S17", override={**OVERRIDE, "authoriser_role": "SCHOOL_USER"}
    ),
    "no agreement with the recipient": question(consents=[consent()], recipient={"agreement": None}),
    "a step-parent's signature": question(consents=[consent(giver_capacity="PARENT_NO_PR")]),
    "two parents differ": question(consents=[consent(conflict=True)]),
    "one gave and one withdrew": question(consents=[consent(), consent(consent_id="c2", status="WITHDRAWN")]),
    "consent ended this instant": question(consents=[consent(expires_on="2026-11-23T09:00:00Z")]),
    "consent begins tomorrow": question(consents=[consent(effective_from="2026-11-24T00:00:00Z")]),
    "someone's word, for coordination": question(consents=[{**SPOKEN, "purposes": ["COORDINATE"]}]),
    "someone's word, eleven working days ago": question(
        purpose="REQUEST_EH", consents=[{**SPOKEN, "effective_from": "2026-11-06T12:00:00Z"}]
    ),
    "a denied agency, by its type": question(consents=[consent(agencies_denied=["health"])]),
    "an agency not on the list": question(consents=[consent(agencies_allowed=["school-2"])]),
    "consent to something else": question(consents=[consent(purposes=["TRANSFER"])]),
    "a transfer the consent does not name": question(
        purpose="TRANSFER", consents=[{**MOVE, "agencies_allowed": ["barnet"]}]
    ),
    "a step-up at level 2 with a concern only": question(purpose="STEP_UP", recorded_concern=True),
    "a notice to a stranger": question(purpose="ADMIN"),
    "a check by an unverified caller": question(purpose="CHECK_EXISTS", consent_mode_satisfied=True),
    "one's own record": question(purpose="SAR"),
    "all of it kept back by consent": question(consents=[consent(categories_denied=["CAT-ID", "CAT-EDU"])]),
    "early help alone in Southwark, nobody asked": question(
        mode="CONVEY",
        purpose="REQUEST_EH",
        area="E09000028",
        early_help_alone=True,
        agreement_on_form=False,
        can_go_back=True,
    ),
}


@pytest.mark.parametrize("asked", PERMITTED.values(), ids=PERMITTED.keys())
def test_what_the_prose_permits_is_permitted(asked: Question) -> None:
    assert second_opinion()(asked).permits


@pytest.mark.parametrize("asked", NOT_PERMITTED.values(), ids=NOT_PERMITTED.keys())
def test_what_the_prose_does_not_permit_is_not_permitted(asked: Question) -> None:
    assert not second_opinion()(asked).permits


def test_a_refuge_address_is_cut_from_what_goes_to_one_off_the_need_list() -> None:
    opinion = second_opinion()(
        question(consents=[consent()], flags=[REFUGE], categories=["CAT-ID", "CAT-ADDR", "CAT-CONTACT"])
    )

    assert opinion.permits
    assert opinion.cut == {"CAT-ADDR", "CAT-CONTACT"}


FATHER = {"flag": "THIRD_PARTY", "person": "p1", "need_list": ["csc-1"]}
HIDES = {
    "by consent": question(consents=[consent()], flags=[FATHER]),
    "a child in need, by consent": question(
        purpose="SAFEGUARD_S17", consents=[consent(purposes=["SAFEGUARD_S17"])], flags=[FATHER]
    ),
}
TELLS = {
    "to one on the need-list": question(consents=[consent()], flags=[FATHER], recipient={"organisation": "csc-1"}),
    "where it is relevant": question(consents=[consent()], flags=[FATHER], deemed_relevant=True),
    "in an emergency": question(flags=[FATHER], emergency=True),
    "at level 4, to a listed recipient": question(flags=[FATHER], level="L4", recipient=LISTED),
    "by a verified order": question(flags=[FATHER], court_order=ORDER),
    "conveyed": question(mode="CONVEY", purpose="REQUEST_EH", flags=[FATHER]),
    "where everybody has agreed": question(consents=[consent()]),
}


@pytest.mark.parametrize("asked", HIDES.values(), ids=HIDES.keys())
def test_whoever_has_not_agreed_is_not_told_of(asked: Question) -> None:
    assert second_opinion()(asked).hides


@pytest.mark.parametrize("asked", TELLS.values(), ids=TELLS.keys())
def test_whoever_has_not_agreed_is_told_of_all_the_same(asked: Question) -> None:
    opinion = second_opinion()(asked)

    assert (opinion.permits, opinion.hides) == (True, False)


def test_a_spoken_consent_holds_over_easter_to_the_end_of_its_tenth_working_day() -> None:
    assert confirm_by("2026-04-01T10:00:00Z").isoformat() == "2026-04-18T00:00:00+01:00"


def test_every_label_a_policy_looks_for_is_given_by_some_policy() -> None:
    text = re.sub(r"//.*", "", policy_text())
    given = set(re.findall(r'@id\("([^"]+)"\)', text))

    looked_for = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+|[PH]-[A-Z0-9-]+)"', text))

    assert looked_for - given == set()
