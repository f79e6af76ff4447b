"""Which documents does a campaign send? Referrals and SIMS reports about invented children, each told from the next."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gateway.simulators.school import superstar_report

_ONSETS = ("b", "br", "d", "dr", "f", "g", "gl", "h", "k", "kr", "l", "m", "n", "p", "r", "s", "st", "t", "v", "z")
_VOWELS = ("a", "e", "i", "o", "u", "au", "ei", "oo")
_ENDS = ("", "l", "m", "n", "r", "s", "x")
_GIVEN = ("Testina", "Ada", "Bo", "Cleo", "Dov", "Esme", "Finn", "Gwen", "Hal", "Ines", "Jude", "Kit", "Lior", "Mabel")
_AREAS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One invented child. `family` is a made-up word that is found nowhere else, so that it can be searched for."""

    given: str
    family: str
    born: str
    street: str
    postcode: str

    @property
    def day(self) -> str:
        """Return the birthday as a form has it."""
        year, month, day = self.born.split("-")
        return f"{day}/{month}/{year}"


def some_children(chance: random.Random, count: int) -> list[Child]:
    """Return *count* children that no matching could take for one another."""
    families: dict[str, None] = {}
    while len(families) < count:
        families[_word(chance).title()] = None
    return [_child(chance, family) for family in families]


def a_referral(
    reference: str, children: Sequence[Child], *, is_urgent: bool = False, size_bytes: int | None = None
) -> bytes:
    """Return a GOV.UK Forms submission about one child or two siblings; padded to *size_bytes*, if said."""
    form = json.loads(_template(len(children)))
    form["submission_reference"] = reference
    answers = {answer["question_id"]: answer for answer in form["answers"]}
    for prefix, child in zip(("child", "child_2"), children, strict=False):
        _tell_child(answers, prefix, child)
    first = children[0]
    for question in ("parent_name", "consent_signatory"):
        answers[question].update(last_name=first.family, answer_text=f"Mary {first.family}", first_name="Mary")
    _tell_place(answers["parent_address"], first)
    answers["consent_agencies"].update(selections=["School", "Early help"], answer_text="School, Early help")
    answers["consent_agencies_excluded"].update(selections=[], answer_text="")
    if is_urgent:
        answers["immediate_danger"]["answer_text"] = "Yes"
        answers["perceived_level"]["answer_text"] = "Level 4: acute need"
    return _of_size(form, size_bytes)


def a_report(pupils: Sequence[tuple[str, Child]]) -> bytes:
    """Return a SIMS report with one row for each of *pupils* (primary id, child)."""
    return superstar_report([_pupil(primary_id, child) for primary_id, child in pupils])


def a_decision(reference: str, outcome: str) -> bytes:
    """Return what the MASH says about the referral called *reference*."""
    told = {
        "reference": reference,
        "step": "decided",
        "mash_reference": f"M-{reference}",
        "at": "2026-11-23T09:00:00+00:00",
        "outcome": outcome,
        "reason": "Decided by the campaign.",
    }
    return json.dumps(told).encode()


@cache
def _template(children: int) -> str:
    name = "early-help-with-consent.json" if children == 1 else "two-siblings.json"
    return (files("gateway.demo") / "inputs" / name).read_text(encoding="utf-8")


def _word(chance: random.Random) -> str:
    return "".join(chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_ENDS) for _ in range(3)) + "qu"


def _child(chance: random.Random, family: str) -> Child:
    return Child(
        given=chance.choice(_GIVEN),
        family=family,
        born=f"{chance.randint(2010, 2022)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        street=f"{chance.randint(1, 400)} {_word(chance).title()} Nowhere",
        postcode=f"ZZ{chance.randint(10, 99)} {chance.randint(1, 9)}{chance.choice(_AREAS)}{chance.choice(_AREAS)}",
    )


def _tell_child(answers: dict[str, Any], prefix: str, child: Child) -> None:
    answers[f"{prefix}_name"].update(
        first_name=child.given, last_name=child.family, answer_text=f"{child.given} {child.family}"
    )
    answers[f"{prefix}_dob"]["answer_text"] = child.day
    answers[f"{prefix}_sex"]["answer_text"] = "Female"
    answers[f"{prefix}_upn"]["answer_text"] = ""
    answers[f"{prefix}_nhs_number"]["answer_text"] = ""
    _tell_place(answers[f"{prefix}_address"], child)


def _tell_place(answer: dict[str, Any], child: Child) -> None:
    answer.update(address1=child.street, postcode=child.postcode)
    answer["answer_text"] = f"{child.street}, {answer['town_or_city']}, {child.postcode}"


def _of_size(form: dict[str, Any], size_bytes: int | None) -> bytes:
    """Return *form* as JSON, without unanswered questions and filled up to *size_bytes*, where that is asked for."""
    if size_bytes is None:
        return json.dumps(form, ensure_ascii=False).encode()
    form["answers"] = [answer for answer in form["answers"] if answer["answer_text"]]
    worry = next(answer for answer in form["answers"] if answer["question_id"] == "worry")
    lacking = size_bytes - len(_compact(form))
    worry["answer_text"] += " " + "x" * (lacking - 1) if lacking > 0 else ""
    return _compact(form)


def _compact(form: dict[str, Any]) -> bytes:
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()


def _pupil(primary_id: str, child: Child) -> dict[str, str]:
    return {
        "primary_id": primary_id,
        "Forename": child.given,
        "Surname": child.family,
        "DOB": f"{child.born}T00:00:00+00:00",
        "Gender": "F",
        "Address Line 1": child.street,
        "Postcode": child.postcode,
        "School Name": "Nowhere Lane Primary School",
        "Contact Relationship": "Mother",
        "Contact Parental Responsibility": "True",
        "Contact Forename": "Mona",
        "Contact Surname": child.family,
        "CAF Consent Given": "Yes",
        "CAF Consent Date": "2026-10-02T00:00:00+01:00",
        "CAF Consent Mode": "In writing, signed",
        "CAF Consent Signatory Capacity": "Parent with parental responsibility",
        "CAF Consent Agencies": "School; Early help",
    }
