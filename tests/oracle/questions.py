"""What is an ordinary question, and how is one like it asked that differs in a few facts?"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

AT = "2026-11-23T09:00:00Z"
SCHOOL: Json = {
    "organisation": "school-1",
    "type": "school",
    "role": "SCHOOL_USER",
    "authenticated": True,
    "training_valid": True,
    "agreement_signed": True,
    "listed_safeguarding_person": False,
}
CAMHS: Json = {
    "organisation": "camhs-1",
    "type": "health",
    "in_directory": True,
    "secure_channel": True,
    "listed_safeguarding_person": False,
    "could_reidentify": False,
    "held_content": False,
    "agreement": {"id": "dsa-7", "version": "3", "status": "in_force", "expired_days": 0},
}
CONSENT: Json = {
    "consent_id": "c1",
    "giver_capacity": "PARENT_PR",
    "kinds": ["SHARE"],
    "purposes": ["COORDINATE"],
    "status": "GIVEN",
    "mode": "WRITTEN_SIGNED",
    "agencies_allowed": [],
    "agencies_denied": [],
    "categories_denied": [],
    "effective_from": "2026-09-01T00:00:00Z",
    "expires_on": "2027-09-01T00:00:00Z",
    "conflict": False,
}
ORDINARY: Json = {
    "purpose": "COORDINATE",
    "mode": "DISCLOSE",
    "direction": "out",
    "level": "L2",
    "at": AT,
    "area": "E09000003",
    "requester": SCHOOL,
    "recipient": CAMHS,
    "categories": ["CAT-ID", "CAT-EDU"],
    "match": {"status": "MATCH", "score": 0.98},
}
OVERRIDE: Json = {"asserted": True, "basis": "safeguarding", "rationale": "given", "authoriser_role": "DSL"}


def question(**facts: Any) -> Json:
    """The ordinary question with other facts; a record given for requester or recipient is laid over theirs."""
    laid_over = {
        key: without_none({**ORDINARY[key], **value}) if key in {"requester", "recipient"} else value
        for key, value in facts.items()
    }
    return without_none({**ORDINARY, **laid_over})


def consent(**facts: Any) -> Json:
    """A parent's written consent to share for coordination, with other facts."""
    return without_none({**CONSENT, **facts})


def without_none(facts: Mapping[str, Any]) -> Json:
    """The facts that are known."""
    return {key: value for key, value in facts.items() if value is not None}
