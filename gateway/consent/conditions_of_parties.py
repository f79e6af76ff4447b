"""Who asks, who would get it, by what way, and what is agreed between them?

Every public function here is a condition that a policy row may name; see `gateway.consent.predicates`.
"""

from gateway.consent.case import Case


def sender_not_authenticated(case: Case) -> bool:
    """The sender is not known to be who they say."""
    return case.question.requester.authenticated is not True


def channel_not_secure(case: Case) -> bool:
    """The way to the recipient is not known to be secure."""
    return case.question.recipient.secure_channel is not True


def recipient_not_in_directory(case: Case) -> bool:
    """The recipient is not known to be in the directory."""
    recipient = case.question.recipient
    return recipient.in_directory is not True or not recipient.organisation


def training_not_shown(case: Case) -> bool:
    """The requester is not known to have valid training."""
    return case.question.requester.training_valid is not True


def agreement_not_signed(case: Case) -> bool:
    """The requester is not known to have signed the information-sharing agreement."""
    return case.question.requester.agreement_signed is not True


def recipient_listed(case: Case) -> bool:
    """The recipient is a listed safeguarding recipient."""
    return case.recipient_is_listed


def recipient_not_listed(case: Case) -> bool:
    """The recipient is not known to be a listed safeguarding recipient."""
    return not case.recipient_is_listed


def both_listed(case: Case) -> bool:
    """Requester and recipient are both listed safeguarding persons."""
    return case.question.requester.listed_safeguarding_person is True and case.recipient_is_listed


def recipient_has_held_content(case: Case) -> bool:
    """The recipient was once sent content."""
    return case.question.recipient.held_content is True


def recipient_could_reidentify(case: Case) -> bool:
    """It is not ruled out that the recipient could work out what is withheld."""
    return case.question.recipient.could_reidentify is not False


def recipient_has_no_health_need(case: Case) -> bool:
    """The recipient is not known to be a health or social-care body."""
    return case.question.recipient.type not in case.tables.health_need_types


def recipient_may_be_parent_or_school(case: Case) -> bool:
    """The recipient is a parent or a school, or it is not known what they are."""
    kind = case.question.recipient.type
    return kind is None or kind in case.tables.parent_or_school_types


def recipient_may_be_family(case: Case) -> bool:
    """The recipient is the family or one of it, or it is not known what they are."""
    kind = case.question.recipient.type
    return kind is None or kind in case.tables.family_types


def recipient_has_no_police_need(case: Case) -> bool:
    """The recipient is not known to be a MASH, or one of the bodies that act in it with the police."""
    return case.question.recipient.type not in case.tables.police_need_types


def recipient_has_no_check_need(case: Case) -> bool:
    """The recipient is not known to be a body that a MASH asks, or the MASH itself."""
    return case.question.recipient.type not in case.tables.check_need_types


def agreement_not_in_force(case: Case) -> bool:
    """The sharing agreement with the recipient is not known to be in force."""
    agreement = case.question.recipient.agreement
    return agreement is None or agreement.status != "in_force"


def agreement_long_expired(case: Case) -> bool:
    """The sharing agreement expired longer ago than the days of grace."""
    agreement = case.question.recipient.agreement
    if agreement is None or agreement.status == "in_force" or agreement.expired_days is None:
        return False
    return agreement.expired_days > case.tables.agreement_grace_days


def asked_by_social_worker(case: Case) -> bool:
    """A social worker asks."""
    return case.question.requester.role in case.tables.social_work_roles


def asked_by_auditor(case: Case) -> bool:
    """Somebody who may read the audit log asks."""
    return case.question.requester.role in case.tables.audit_roles
