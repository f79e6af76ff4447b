"""What did the family say?

Every public function here is a condition that a policy row may name; see `gateway.consent.predicates`.
"""

from typing import Final

from gateway.consent.case import Case, CheckConsent
from gateway.consent.question import Consent
from gateway.consent.statement_rules import lapses_at, may_name_agency, names_agency

_PERSONS_OR_UNKNOWN: Final = frozenset({"parent", "carer", "family", None})
"""Recipients who are people of the family, or may be: a person somebody excluded may be any of them."""


def consent_refused(case: Case) -> bool:
    """Consent for this was refused."""
    return case.standing.refused


def consent_withdrawn(case: Case) -> bool:
    """Consent for this was withdrawn."""
    return case.standing.withdrawn


def consent_expired(case: Case) -> bool:
    """Consent for this has run out, and none is in force."""
    return case.standing.expired and not case.standing.yes


def consent_absent(case: Case) -> bool:
    """Nobody has said anything about this."""
    return case.standing.is_absent


def no_usable_consent(case: Case) -> bool:
    """No consent is known to be in force for this, or there is a word whose meaning is not known."""
    return not case.standing.yes or case.standing.unknown


def giver_may_not_consent(case: Case) -> bool:
    """Nobody who said yes is known to be able to consent for the child."""
    return bool(case.standing.yes) and not _capable(case)


def givers_disagree(case: Case) -> bool:
    """Holders of parental responsibility, or a competent child and a parent, disagree, or it is not ruled out."""
    standing = case.standing
    if any(consent.conflict is True for consent in (*standing.binding, *standing.refusers)):
        return True
    if any(consent.conflict is None for consent in standing.yes):
        return True
    child = case.tables.terms.child_capacities
    return any(
        (yes.giver_capacity in child) != (no.giver_capacity in child)
        for yes in standing.yes
        for no in standing.refusers
    )


def consent_only_spoken(case: Case) -> bool:
    """Of the consents in force, by those who may give one, none is known to be in writing."""
    written, given = case.tables.terms.written_modes, _capable(case)
    return bool(given) and not any(consent.mode in written for consent in given)


def spoken_consent_lapsed(case: Case) -> bool:
    """Every consent in force, by those who may give one, was spoken, too long ago, and never confirmed in writing."""
    given = _capable(case)
    return bool(given) and not any(_still_counts(case, consent) for consent in given)


def purpose_needs_writing(case: Case) -> bool:
    """A spoken consent is not enough for this purpose."""
    return case.question.purpose not in case.tables.spoken_is_enough


def recipient_denied(case: Case) -> bool:
    """The family said: not to this recipient, or it is not ruled out that they meant it."""
    recipient, terms = case.question.recipient, case.tables.terms
    binding = case.standing.binding
    if recipient.type in _PERSONS_OR_UNKNOWN and any(consent.persons_excluded for consent in binding):
        return True
    return any(may_name_agency(consent.agencies_denied, recipient, terms) for consent in binding)


def recipient_not_among_allowed(case: Case) -> bool:
    """The family said to whom it may go, and this recipient is not among them."""
    recipient, terms = case.question.recipient, case.tables.terms
    return any(
        consent.agencies_allowed and not names_agency(consent.agencies_allowed, recipient, terms)
        for consent in case.standing.binding
    )


def consent_covers_recipient(case: Case) -> bool:
    """A valid consent covers this kind, this purpose and this recipient, and nobody said no."""
    return _sound(case) and not recipient_denied(case) and not recipient_not_among_allowed(case)


def consent_names_receiver(case: Case) -> bool:
    """A valid consent to transfer names the receiving authority, or any authority the family moves to."""
    recipient, terms = case.question.recipient, case.tables.terms
    return (
        _sound(case)
        and not recipient_denied(case)
        and all(
            names_agency(consent.agencies_allowed, recipient, terms)
            or not terms.any_receiver.isdisjoint(consent.agencies_allowed)
            for consent in case.standing.binding
        )
    )


def consent_denies_a_category(case: Case) -> bool:
    """The family said that some of what is asked for may not go."""
    return bool(case.denied_by_consent)


def permit_rests_on_consent(case: Case) -> bool:
    """What permits it is the family's consent."""
    return case.permit_rests_on_consent


def permit_not_by_need(case: Case) -> bool:
    """What permits it is neither need nor law."""
    return not case.permit_rests_on_need


def family_agrees(case: Case) -> bool:
    """The family agrees to go on with early help."""
    return case.question.family_agreement is True


def _capable(case: Case) -> list[Consent]:
    """Return the consents in force whose givers are known to be able to consent for the child."""
    if "H-CAPACITY" in case.settled:
        return case.standing.yes
    may = case.tables.terms.may_consent
    return [consent for consent in case.standing.yes if consent.giver_capacity in may]


def _still_counts(case: Case, consent: Consent) -> bool:
    lapse = lapses_at(consent, case.tables.terms)
    return lapse is None or case.question.at < lapse


def _sound(case: Case) -> bool:
    standing = case.standing
    if standing.refused or standing.withdrawn or standing.unknown or not _capable(case):
        return False
    agreed = "H-PARENT-CONFLICT" in case.settled or not givers_disagree(case)
    return agreed and not spoken_consent_lapsed(case)


def consent_does_not_cover(case: Case) -> bool:
    """No valid consent is known to cover this kind, this purpose and this recipient."""
    return not consent_covers_recipient(case)


def consent_does_not_name_receiver(case: Case) -> bool:
    """No valid consent to transfer is known to name the receiving authority."""
    return not consent_names_receiver(case)


def family_does_not_agree(case: Case) -> bool:
    """The family is not known to agree to go on with early help."""
    return case.question.family_agreement is not True


def consent_to_check_satisfied(case: Case) -> bool:
    """The consent that a check needs in this area is there."""
    if case.question.consent_mode_satisfied is not True:
        return False
    match case.tables.check_consent:
        case CheckConsent.STATED:
            return True
        case CheckConsent.RECORDED:
            return _sound(case)
        case CheckConsent.EXPRESS:
            return _sound(case) and not consent_only_spoken(case)


def consent_to_check_missing(case: Case) -> bool:
    """The consent that a check needs in this area is not known to be there."""
    return not consent_to_check_satisfied(case)
