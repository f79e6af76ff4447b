"""What is asked, for what purpose, and how urgent is it?

Every public function here is a condition that a policy row may name; see `gateway.consent.predicates`.
"""

from gateway.consent.case import Case
from gateway.consent.question import Mode, Purpose
from gateway.model.category import Category


def conveying(case: Case) -> bool:
    """It is the sender's own document, for the addressee the sender named."""
    return case.question.mode is Mode.CONVEY


def disclosing(case: Case) -> bool:
    """It is content from our store."""
    return case.question.mode is Mode.DISCLOSE


def emergency(case: Case) -> bool:
    """It is an emergency: by purpose, by level, or because somebody says so. The three are one condition."""
    question = case.question
    return question.purpose is Purpose.EMERGENCY or question.level == "IMMEDIATE" or question.emergency is True


def not_emergency(case: Case) -> bool:
    """It is not said to be an emergency."""
    return not emergency(case)


def level_is_4(case: Case) -> bool:
    """The need is at level 4."""
    return case.question.level == "L4"


def no_significant_harm(case: Case) -> bool:
    """It is not known to be about significant harm: neither by purpose nor by level 4."""
    return case.question.purpose is not Purpose.SAFEGUARD_S47 and not level_is_4(case)


def content_purpose(case: Case) -> bool:
    """The document carries content that may go only with the family's consent."""
    return case.content


def inbound(case: Case) -> bool:
    """It comes into the authority's own systems."""
    return case.question.direction == "in"


def no_consent_block(case: Case) -> bool:
    """The form is known to have no consent block."""
    return case.question.no_consent_block is True


def more_than_existence(case: Case) -> bool:
    """More is asked for than whether there is a record."""
    return case.question.purpose is not Purpose.CHECK_EXISTS or bool(case.beyond_minimum)


def asks_for_third_party(case: Case) -> bool:
    """What is asked for includes information about somebody else."""
    return Category.THIRD in case.asked


def asks_for_sensitive_health(case: Case) -> bool:
    """What is asked for includes sensitive health information."""
    return Category.HEALTH_S in case.asked


def asks_for_immigration(case: Case) -> bool:
    """What is asked for includes immigration status."""
    return Category.IMM in case.asked


def asks_for_police(case: Case) -> bool:
    """What is asked for includes what the police told."""
    return Category.POLICE in case.asked


def asks_for_confidence(case: Case) -> bool:
    """What is asked for includes what young people tell in confidence."""
    return not case.asked.isdisjoint(case.tables.confidential)


def asks_beyond_minimum(case: Case) -> bool:
    """More is asked for than the purpose needs."""
    return bool(case.beyond_minimum)


def sections_listed(case: Case) -> bool:
    """The sections that are wanted are listed."""
    return bool(case.asked)


def no_recorded_concern(case: Case) -> bool:
    """No concern about the child's safety is known to be recorded."""
    return case.question.recorded_concern is not True


def statutory_episode_open(case: Case) -> bool:
    """The child has an open statutory episode."""
    return case.question.statutory_episode_open is True


def no_statutory_episode(case: Case) -> bool:
    """The child is not known to have an open statutory episode."""
    return case.question.statutory_episode_open is not True


def caller_verified(case: Case) -> bool:
    """Whoever asks was called back or otherwise verified."""
    return case.question.caller_verified is True


def child_in_need(case: Case) -> bool:
    """It concerns a child in need: by purpose, or because it steps up at level 3."""
    question = case.question
    return question.purpose is Purpose.SAFEGUARD_S17 or (question.purpose is Purpose.STEP_UP and question.level == "L3")


def caller_not_verified(case: Case) -> bool:
    """Whoever asks is not known to have been verified."""
    return case.question.caller_verified is not True


def agreement_comes_first(case: Case) -> bool:
    """In this area a form for early help alone is looked at only once the family has agreed."""
    areas = case.tables.agreement_first
    return bool(areas) if case.question.area is None else case.question.area in areas


def early_help_alone(case: Case) -> bool:
    """The form is known to ask for early help and to tell of no harm."""
    return case.question.early_help_alone is True


def agreement_not_on_form(case: Case) -> bool:
    """The form is known not to say that the family agreed."""
    return case.question.agreement_on_form is False


def step_down_not_allowed_here(case: Case) -> bool:
    """In this area a case is not known to be allowed to step down from where it stands."""
    limits, area = case.tables.step_down_from, case.question.area
    allowed = limits.values() if area is None else [limits[area]] if area in limits else []
    return any(case.question.steps_down_from not in one for one in allowed)


def can_go_back(case: Case) -> bool:
    """Whoever sent the form can be told what is missing, and nobody is at work on an earlier one."""
    return case.question.can_go_back is True
