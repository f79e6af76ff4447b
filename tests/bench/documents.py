"""What does the bench send? Referrals of about 8 KB, each about other invented children."""

import json
import random
from pathlib import Path

from gateway.model.tree import Group

_FORM = Path(__file__).parents[1] / "vectors" / "examples" / "mash" / "govuk-forms-single-child.json"
_SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ja",
    "ke",
    "li",
    "mo",
    "nu",
    "pa",
    "re",
    "si",
    "to",
    "vu",
    "wa",
    "ye",
    "zo",
)

_DANGER = {"immediate_danger": "Yes", "perceived_level": "Level 4: acute need"}

QUESTION: Group = {
    "purpose": "COORDINATE",
    "direction": "out",
    "level": "L2",
    "at": "2026-11-23T09:00:00Z",
    "requester": {"organisation": "school-1", "authenticated": True, "training_valid": True, "agreement_signed": True},
    "recipient": {
        "organisation": "camhs-1",
        "type": "health",
        "in_directory": True,
        "secure_channel": True,
        "could_reidentify": False,
        "agreement": {"id": "dsa-7", "version": "3", "status": "in_force", "expired_days": 0},
    },
    "categories": ["CAT-ID", "CAT-EDU", "CAT-HEALTH-S"],
    "consents": [
        {
            "consent_id": "c1",
            "giver_capacity": "PARENT_PR",
            "kinds": ["SHARE"],
            "purposes": ["COORDINATE"],
            "status": "GIVEN",
            "mode": "WRITTEN_SIGNED",
            "agencies_allowed": ["camhs-1"],
            "categories_denied": ["CAT-HEALTH-S"],
            "effective_from": "2026-09-01T00:00:00Z",
            "expires_on": "2027-09-01T00:00:00Z",
            "conflict": False,
        }
    ],
    "match": {"status": "MATCH"},
}


def bodies(count: int, *, seed: int = 1) -> list[str]:
    """Return *count* forms, with `@REFEREN` where each one's own reference goes."""
    chance = random.Random(seed)  # noqa: S311  # invented names, not secrets
    form = json.loads(_FORM.read_text(encoding="utf-8"))
    return [_about_others(form, chance) for _ in range(count)]


def urgent(body: str) -> str:
    """Return a form of `bodies` that tells of a child in danger, which waits for nobody."""
    told = json.loads(body)
    for answer in told["answers"]:
        answer["answer_text"] = _DANGER.get(answer["question_id"], answer["answer_text"])
    return json.dumps(told, separators=(",", ":"))


def _about_others(form: Group, chance: random.Random) -> str:
    told = json.loads(json.dumps(form))
    told["submission_reference"] = "@REFEREN"
    family, postcode = _name(chance, 4), f"ZZ{chance.randint(1, 99)} {chance.randint(1, 9)}AA"
    for answer in told["answers"]:
        if "last_name" in answer and answer["question_id"].startswith("child"):
            answer.update(first_name=_name(chance, 3), last_name=family)
        if answer["question_id"] in {"child_dob", "child_2_dob"}:
            answer["answer_text"] = (
                f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/{chance.randint(2009, 2022)}"
            )
        if answer.get("postcode"):
            answer["postcode"] = postcode
        if answer["question_id"] in {"child_upn", "child_2_upn", "child_nhs_number", "child_2_nhs_number"}:
            answer["answer_text"] = ""
    return json.dumps(told, separators=(",", ":"))


def _name(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(syllables)).title()
