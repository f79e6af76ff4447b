"""Who is the child, who in it is protected from this recipient, and what does the law say?

Every public function here is a condition that a policy row may name; see `gateway.consent.predicates`.
"""

from gateway.consent.case import Case
from gateway.consent.conditions_of_request import emergency, no_significant_harm
from gateway.model.category import Category


def content_joined_by_match(case: Case) -> bool:
    """The content was found by matching the child."""
    return case.question.joined_by_match


def match_not_stated(case: Case) -> bool:
    """Nothing is said about who the child is."""
    match = case.question.match
    return match is None or match.status is None


def child_not_identified(case: Case) -> bool:
    """It is not known which child this is."""
    match = case.question.match
    return match is None or match.status not in {"MATCH", "NEW", "POTENTIAL"}


def match_only_potential(case: Case) -> bool:
    """The child is probably, not surely, the one we know."""
    match = case.question.match
    return match is not None and match.status == "POTENTIAL"


def adoption_hidden(case: Case) -> bool:
    """Somebody in it is adopted, and the recipient is not on their need-list."""
    return case.hides("ADOPTED")


def address_hidden(case: Case) -> bool:
    """Somebody's address is withheld, and the recipient is not on their need-list."""
    return case.hides("ADDRESS_WITHHELD")


def police_hold(case: Case) -> bool:
    """The police hold part of it back, and the recipient is not on the need-list."""
    return case.hides("POLICE_HOLD")


def everything_held(case: Case) -> bool:
    """What the police hold back is all there is."""
    whole = any(flag.whole_payload is True for flag in case.question.flags if flag.flag == "POLICE_HOLD")
    return whole or case.asked == {Category.POLICE}


def informant_hidden(case: Case) -> bool:
    """Somebody told us something and must not be known to have, and the recipient is not on their need-list."""
    return case.hides("INFORMANT")


def third_party_hidden(case: Case) -> bool:
    """Somebody else in it has not agreed, and the recipient is not on their need-list."""
    return case.hides("THIRD_PARTY")


def confidence_kept(case: Case) -> bool:
    """A young person who can decide told something in confidence, and no person has decided otherwise."""
    return case.hides("COMPETENT_CONFIDENTIAL") and "H-COMPETENT" not in case.settled


def sender_insists(case: Case) -> bool:
    """The sender says that the confidence must be set aside."""
    override = case.question.override
    return override is not None and override.asserted is True and override.basis == "competent-confidential"


def court_prohibits(case: Case) -> bool:
    """A court order is there and is not known to require disclosure."""
    order = case.question.court_order
    return order is not None and order.kind != "requires_disclosure"


def court_requires(case: Case) -> bool:
    """A court order or a statutory demand requires disclosure."""
    order = case.question.court_order
    return order is not None and order.kind == "requires_disclosure"


def order_verified(case: Case) -> bool:
    """The order was verified."""
    order = case.question.court_order
    return order is not None and order.verified is True


def court_does_not_prohibit(case: Case) -> bool:
    """There is no court order, or it is known to require disclosure."""
    return not court_prohibits(case)


def no_proven_order(case: Case) -> bool:
    """No order or demand that was verified requires disclosure, or it is an emergency, which waits for no order."""
    return emergency(case) or not (court_requires(case) and order_verified(case))


def not_needed_to_protect(case: Case) -> bool:
    """It does not go because of an emergency, an order, or significant harm that a listed recipient looks into."""
    at_risk = emergency(case) or (case.recipient_is_listed and not no_significant_harm(case))
    return not (case.permit_rests_on_need and (at_risk or not no_proven_order(case)))


def duty_to_share_in_force(case: Case) -> bool:
    """The duty of section 16LA of the Children Act 2004 is in force in this area."""
    return case.question.switches.get("s16LA") is True


def deemed_relevant(case: Case) -> bool:
    """The holder considers it relevant to the child's safeguarding or welfare."""
    return case.question.deemed_relevant is True


def not_deemed_relevant(case: Case) -> bool:
    """Nobody is known to consider it relevant."""
    return case.question.deemed_relevant is not True


def detriment_ruled_out(case: Case) -> bool:
    """It was assessed that disclosing does the child less harm than not disclosing."""
    detriment = case.question.detriment
    return detriment is not None and detriment.assessed is True and detriment.harmful is False


def detriment_found(case: Case) -> bool:
    """Disclosing would harm the child more than not disclosing."""
    detriment = case.question.detriment
    return detriment is not None and detriment.harmful is True


def override_complete(case: Case) -> bool:
    """Somebody of manager's rank or above says it must go without consent, on what basis, and why."""
    override = case.question.override
    if override is None or override.asserted is not True or override.authoriser_role not in case.tables.manager_roles:
        return False
    return bool((override.basis or "").strip()) and bool((override.rationale or "").strip())


def detriment_not_weighed(case: Case) -> bool:
    """Nobody is known to have weighed whether disclosing harms the child more than not disclosing."""
    return not detriment_ruled_out(case) and not detriment_found(case)


def override_incomplete(case: Case) -> bool:
    """Nobody of manager's rank or above is known to have decided, with basis and reasons, that it must go."""
    return not override_complete(case)
