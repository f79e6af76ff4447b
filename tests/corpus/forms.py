"""How do referrers' forms tell of a child? Each builder's way, by the answers to our published questions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from gateway.simulators.forms import moj_payload, start_request
from tests.corpus import noise, rates
from tests.corpus.noise import Habit
from tests.corpus.people import Child, Family

_VECTORS = Path(__file__).parents[1] / "vectors" / "examples" / "mash"
_FORM = json.loads((_VECTORS / "govuk-forms-early-help-consent.json").read_text(encoding="utf-8"))
_SUBMITTED = "2026-11-18T09:15:30.000Z"
_UK = "%d/%m/%Y"
_WORRY = "Mornings are hard, and reading falls behind; the family asks for help."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Of whom a document tells, by whose habit, under which reference."""

    family: Family
    child: Child
    habit: Habit
    reference: str


def govuk_form(chance: Random, told: Told) -> bytes:
    """Return a GOV.UK Forms submission."""
    answers = _answers(chance, told)
    form = json.loads(json.dumps(_FORM))
    form["submission_reference"] = told.reference
    for answer in form["answers"]:
        _fill(answer, answers)
    return json.dumps(form, ensure_ascii=False).encode()


def moj_form(chance: Random, told: Told) -> bytes:
    """Return a MoJ Forms payload."""
    answers = {name: text for name, text in _in_boxes(chance, _answers(chance, told)).items() if text}
    return moj_payload(told.reference, "2026-11-18T09:15:30.000+00:00", answers)


def flat_post(chance: Random, told: Told) -> bytes:
    """Return a form post with Hackney's names, and a few of our own for what Hackney does not ask."""
    answers = _answers(chance, told)
    given, family_name = noise.names(chance, told.child)
    due = f"Due {told.child.expected:%d/%m/%Y}" if told.child.expected else answers["child_dob"]
    post: dict[str, str | list[str]] = {
        "reference": told.reference,
        "submitted_at": _SUBMITTED,
        "worker_email": "mo.mockteacher@nowhere-primary.example",
        "full_name": "Mo Mockteacher",
        "referrer_relationship": "Class teacher",
        "position_agency": "Designated safeguarding lead, Nowhere Primary School",
        "first_name": [given],
        "last_name": [family_name],
        "date_of_birth": [due],
        "gender": [answers["child_sex"]],
        "ethnicity": [answers["child_ethnicity"]],
        "address_1": [f"{told.family.house} {told.family.street}"],
        "post_code": [noise.postcode(chance, told.family)],
        "mother_details": "Y",
        "mother_fullname": told.family.mother,
        "mother_address": [f"{told.family.house} {told.family.street}", "Exampleton", ""],
        "childSupport": chance.choice(("Safeguarding", "Early help family support")),
        "consentSupport": answers["consent_to_share"] or "No",
        "referralReason": _WORRY,
        "Your Involvemnt": "Every day.",
    }
    return urlencode(post, doseq=True).encode()


def start(chance: Random, told: Told) -> bytes:
    """Return a request to start early help."""
    answers = _answers(chance, told)
    given, family_name = noise.names(chance, told.child)
    post: dict[str, str | list[str]] = {
        "submitted_at": _SUBMITTED,
        "Requester name": "Mo Mockteacher",
        "requester_role": "Head of year",
        "child_forename": given,
        "child_surname": family_name,
        "child_dob": answers["child_dob"],
        "gender": answers["child_sex"],
        "ethnicity": answers["child_ethnicity"],
        "address_line_1": f"{told.family.house} {told.family.street}",
        "post_code": noise.postcode(chance, told.family),
        "parent_carer_name": told.family.mother,
        "parental_responsibility": "Yes",
        "parent_aware": "Yes",
        "consent_to_support": "Yes",
        "consent_to_share": answers["consent_to_share"],
        "consent_signatory_capacity": answers["consent_signatory_capacity"],
        "consent_mode": answers["consent_mode"],
        "date_of_consent": answers["consent_date"],
        "tier": answers["perceived_level"],
        "Summary of needs": _WORRY,
    }
    return start_request(told.reference, {name: text for name, text in post.items() if text})


def consent(chance: Random, habit: Habit) -> dict[str, str]:
    """Return the consent block as it was answered: often not at all."""
    blank = dict.fromkeys(("consent_to_share", "consent_signatory_capacity", "consent_mode", "consent_date"), "")
    if chance.random() < rates.NO_CONSENT_BLOCK:
        return blank
    if chance.random() < rates.CONSENT_REFUSED:
        return {**blank, "consent_to_share": noise.label(chance, noise.NO, habit.yes)}
    return {
        "consent_to_share": noise.label(chance, noise.YES, habit.yes),
        "consent_signatory_capacity": noise.label(chance, noise.CAPACITY, habit.capacity),
        "consent_mode": noise.label(chance, noise.MODE, habit.mode),
        "consent_date": "17/11/2026",
    }


def _answers(chance: Random, told: Told) -> dict[str, str]:
    child, habit = told.child, told.habit
    level = "" if chance.random() < rates.LEVEL_OF_NEED_MISSING else noise.label(chance, noise.LEVEL, habit.level)
    given, family = noise.names(chance, child)
    return {
        "request_type": "I want early help for a family",
        "immediate_danger": noise.label(chance, noise.NO, habit.yes),
        "perceived_level": level,
        "child_name": " ".join(part for part in (given, family) if part),
        "child_given": given,
        "child_family": family,
        "child_dob": noise.birthday(chance, child.born, kind=_UK),
        "child_expected_date": f"{child.expected:%d/%m/%Y}" if child.expected else "",
        "child_sex": noise.label(chance, noise.SEX[child.sex], habit.sex),
        "child_ethnicity": noise.label(chance, noise.ETHNICITY[child.ethnicity], habit.ethnicity),
        "child_upn": child.upn if chance.random() < rates.UPN_ON_A_FORM else "",
        "child_nhs_number": child.nhs if chance.random() < rates.NHS_ON_A_FORM else "",
        "child_address": f"{told.family.house} {told.family.street}, Exampleton, {noise.postcode(chance, told.family)}",
        "parent_name": told.family.mother,
        "worry": _WORRY,
        **consent(chance, habit),
        **_restricted(chance),
    }


def _in_boxes(chance: Random, answers: dict[str, str]) -> dict[str, str]:
    """Return *answers* as boxes for texts have them: names and postcode by themselves, as our questions ask, or not."""
    given, family = answers.pop("child_given"), answers.pop("child_family")
    if chance.random() < rates.NAME_IN_ONE_BOX:
        return answers
    del answers["child_name"]
    street, _, postcode = answers["child_address"].rpartition(", ")
    return answers | {
        "child_first_name": given,
        "child_last_name": family,
        "child_address": street,
        "child_postcode": postcode,
    }


def _restricted(chance: Random) -> dict[str, str]:
    if chance.random() >= rates.CONSENT_RESTRICTED:
        return {"consent_agencies_excluded": "", "consent_information_excluded": ""}
    return {
        "consent_agencies_excluded": chance.choice(("CAMHS", "Police", "My ex-partner's employer")),
        "consent_information_excluded": chance.choice(("", "Mental health", "Money and benefits")),
    }


def _fill(answer: dict[str, object], answers: Mapping[str, str]) -> None:
    question = str(answer["question_id"])
    if question not in answers:
        return
    answer["answer_text"] = answers[question]
    if question == "child_name":
        answer.update(first_name=answers["child_given"], middle_names="", last_name=answers["child_family"])
    if "selections" in answer:
        answer["selections"] = [answers[question]] if answers[question] else []
    if "address1" in answer:
        street, _, postcode = answers[question].partition(", Exampleton, ")
        answer.update(address1=street, town_or_city="Exampleton", postcode=postcode)
