"""What happens in the demo? Documents come in by their real channels, partners answer, people decide."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files

import httpx

from gateway.demo.stage import Stage
from gateway.flows.store.rows import Delivery, State
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group
from gateway.simulators.school import superstar_report

_OPEN = frozenset({State.ORDERED, State.HANDED_OVER})
_DROPPED_DOCTYPE = (
    b'<?xml version="1.0"?><!DOCTYPE SuperStarReport [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<SuperStarReport><Record><primary_id>1</primary_id><Forename>&b;</Forename></Record></SuperStarReport>"
)
NAMES = (
    "Nobodyson",
    "Makebelieve",
    "Inventedson",
    "Fictional",
    "Exampleton",
    "Pretendman",
    "1 Nowhere Lane",
    "Imaginary Court",
    "Mockteacher",
    "injuries and may be hurt",
)
"""Invented names and words of the demo's documents, which must be readable nowhere but at their addressees."""


@dataclass(slots=True, kw_only=True)
class Told:
    """What the demo remembers of its scenes.

    Shape: `receipts` by message; `rejected` are the inputs that were refused: kind, sender and reason each.
    """

    receipts: dict[str, str] = field(default_factory=dict)
    rejected: list[Group] = field(default_factory=list)


def play(stage: Stage) -> Told:
    """Play every scene and return what there is to tell."""
    told = Told()
    _safeguarding(stage, told)
    _early_help(stage, told)
    _refused(stage, told)
    _siblings_from_a_school(stage, told)
    _school_report(stage, told)
    _rejected(stage, told)
    _withdrawn_while_partner_is_down(stage, told)
    _silence(stage)
    stage.until("every delivery to settle", lambda: not _unsettled(stage))
    return told


def _safeguarding(stage: Stage, told: Told) -> None:
    """8:55 on a Monday: a child nobody knows, in immediate danger. It is with the MASH at once."""
    message = _post(stage, told, "mash/govuk-forms-1", _input("safeguarding-unknown-child.json"))
    stage.until("the MASH to have the referral", lambda: _is(stage, message, State.ACKNOWLEDGED))
    stage.mash("decide", {"reference": "K7RD9WPA", "outcome": "MO7", "reason": "Strategy discussion called."})


def _early_help(stage: Stage, told: Told) -> None:
    """Early help with the family's consent: the MASH gets it whole, the eCAF what the family agreed to."""
    message = _post(stage, told, "mash/govuk-forms-1", _with_agencies("early-help-with-consent.json", "Early help"))
    stage.until("the MASH to have the request", lambda: _is(stage, message, State.ACKNOWLEDGED))
    stage.mash("decide", {"reference": "Q4TZ6LNB", "outcome": "MO3", "advice": "A CAF coordinator will call."})
    stage.until("the eCAF to have it", lambda: len(stage.effects("barnet-ecaf")) == 1)


def _refused(stage: Stage, told: Told) -> None:
    """The family said no: the MASH still reads what it was sent, and nothing of it goes further."""
    message = _post(stage, told, "mash/govuk-forms-1", _input("early-help-refused.json"))
    stage.until("the MASH to have the request", lambda: _is(stage, message, State.ACKNOWLEDGED))
    stage.mash("decide", {"reference": "W9JB3CKF", "outcome": "MO3", "advice": "Ask the family again in January."})
    stage.until("the refusal", lambda: any(one.reason == "D-REFUSED" for one in _deliveries(stage)))


def _siblings_from_a_school(stage: Stage, told: Told) -> None:
    """A school refers siblings by the borough's flat form, dropped as a file; the folder is empty afterwards."""
    before = len(stage.effects("barnet-mash"))
    folder = stage.folder / "drop" / "school-example" / "mash" / "flat-1"
    (folder / "referral.form").write_bytes(_input("school-referral.form"))
    stage.until("the MASH to have the school's referral", lambda: len(stage.effects("barnet-mash")) > before)
    del told


def _school_report(stage: Stage, told: Told) -> None:
    """A SIMS report of two pupils: one is new, one may be a child we know, and a person says so."""
    folder = stage.folder / "drop" / "school-example" / "sims" / "superstar-1"
    (folder / "caf.xml").write_bytes(superstar_report(_PUPILS))
    stage.until("a question about who a pupil is", lambda: bool(_reviews(stage, "H-MATCH-CONF")))
    review = _reviews(stage, "H-MATCH-CONF")[0]
    rationale = "The school confirmed by telephone: the day of birth was mistyped."
    stage.order("reviews.decide", {"review": str(review["review"]), "choice": "same", "rationale": rationale})
    del told


def _rejected(stage: Stage, told: Told) -> None:
    """Two inputs that cannot be what they claim: a report with entities, and half a form."""
    folder = stage.folder / "drop" / "school-example" / "sims" / "superstar-1"
    (folder / "entities.xml").write_bytes(_DROPPED_DOCTYPE)
    refused = folder / "entities.xml.refused.json"
    stage.until("the report with entities to be refused", refused.exists)
    told.rejected.append(_refusal("sims.form.received", "school-example", json.loads(refused.read_text())["problem"]))
    half = _input("early-help-with-consent.json")[:900]
    problem = _send(stage, "mash/govuk-forms-1", half).json()
    told.rejected.append(_refusal("mash.referral.submitted", "referral-portal", problem))


def _refusal(message: str, sender: str, problem: Group) -> Group:
    """Return what the sender of a refused input reads: a code, and words with the place."""
    told = problem.get("message") or problem.get("detail") or problem.get("title")
    place = ", ".join(f"{name} {problem[name]}" for name in ("path", "row", "line") if name in problem)
    words = f"{told} ({place})" if place else str(told)
    return {"message": message, "from": sender, "reason": str(problem["code"]), "words": words}


def _withdrawn_while_partner_is_down(stage: Stage, told: Told) -> None:
    """The eCAF is away, the family withdraws meanwhile, the eCAF comes back: only a notice is sent."""
    stage.mood("barnet-ecaf", {"behaviour": "unavailable"})
    form = _with_agencies(
        "early-help-with-consent.json", "Early help", reference="R2D2TEST", child="Ida", born="05/05/2015"
    )
    message = _post(stage, told, "mash/govuk-forms-1", form)
    stage.until("the MASH to have the request", lambda: _is(stage, message, State.ACKNOWLEDGED))
    stage.mash("decide", {"reference": "R2D2TEST", "outcome": "MO3", "advice": "A CAF coordinator will call."})
    stage.until("a delivery that waits", lambda: any(_waits_for_ecaf(one) for one in _deliveries(stage)))
    waiting = next(one for one in _deliveries(stage) if _waits_for_ecaf(one))
    stage.order("consents.withdraw", {"child": str(waiting.subjects[0])})
    stage.mood("barnet-ecaf", {"behaviour": "ok"})
    stage.until("the withdrawal to stop it", lambda: any(one.state is State.WITHDRAWN for one in _deliveries(stage)))


def _silence(stage: Stage) -> None:
    """Nobody decides the school's referral for three days: the clock warns, breaks, and a person is told."""
    stage.pass_time(timedelta(days=1, hours=6))
    stage.pass_time(timedelta(days=2))


def _post(stage: Stage, told: Told, format_name: str, body: bytes) -> MessageId:
    answer = _send(stage, format_name, body)
    answer.raise_for_status()
    accepted = answer.json()
    told.receipts[accepted["message_id"]] = accepted["receipt"]
    return MessageId(accepted["message_id"])


def _send(stage: Stage, format_name: str, body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {stage.tokens['referral-portal']}", "Content-Type": "application/json"}
    return httpx.post(f"{stage.url}/v1/intake/{format_name}", content=body, headers=headers)


def _input(name: str) -> bytes:
    return (files("gateway.demo") / "inputs" / name).read_bytes()


def _with_agencies(
    name: str, agency: str, *, reference: str | None = None, child: str | None = None, born: str | None = None
) -> bytes:
    """Return an input whose family agrees to one more agency; about another child, if one is named."""
    form = json.loads(_input(name))
    form["submission_reference"] = reference or form["submission_reference"]
    for answer in form["answers"]:
        match answer["question_id"]:
            case "consent_agencies":
                answer["answer_text"] = f"{answer['answer_text']}, {agency}"
                answer.get("selections", []).append(agency)
            case "child_name" if child:
                answer.update(first_name=child, answer_text=f"{child} {answer['last_name']}")
            case "child_dob" if born:
                answer["answer_text"] = born
            case _:
                continue
    return json.dumps(form).encode()


def _is(stage: Stage, message: MessageId, state: State) -> bool:
    found = stage.application.store.read(lambda uow: uow.delivery_lists.of_message(message))
    return bool(found) and all(one.state is state for one in found)


def _deliveries(stage: Stage) -> list[Delivery]:
    return list(stage.application.store.read(lambda uow: uow.delivery_lists.find(limit=1000)))


def _unsettled(stage: Stage) -> list[Delivery]:
    return [one for one in _deliveries(stage) if one.state in _OPEN]


def _waits_for_ecaf(delivery: Delivery) -> bool:
    return delivery.recipient == "barnet-ecaf" and delivery.state in _OPEN and delivery.attempt > 0


def _reviews(stage: Stage, reason: str) -> list[Group]:
    answer = stage.order("reviews.list", {})
    listed = answer["reviews"]
    rows = listed if isinstance(listed, list) else []
    return [row for row in rows if isinstance(row, dict) and row.get("reason") == reason]


_PUPIL = {
    "School Name": "Nowhere Lane Primary School",
    "Contact Relationship": "Mother",
    "Contact Parental Responsibility": "True",
    "CAF Consent Given": "Yes",
    "CAF Consent Date": "2026-10-02T00:00:00+01:00",
    "CAF Consent Mode": "In writing, signed",
    "CAF Consent Signatory Capacity": "Parent with parental responsibility",
    "CAF Consent Agencies": "School; Early help",
}
_PUPILS = (
    {
        **_PUPIL,
        "primary_id": "2001",
        "Forename": "Testina",
        "Surname": "Exampleton",
        "DOB": "2016-06-15T00:00:00+01:00",
        "Gender": "F",
        "Address Line 1": "1 Nowhere Lane",
        "Postcode": "ZZ99 3AA",
        "Contact Forename": "Mona",
        "Contact Surname": "Exampleton",
    },
    {
        **_PUPIL,
        "primary_id": "2002",
        "Forename": "Zoë",
        "Surname": "Pretendman",
        "UPN": "R201100018042",
        "DOB": "2014-06-14T00:00:00+01:00",
        "Gender": "F",
        "Address Line 1": "7 Imaginary Court",
        "Postcode": "ZZ99 3AC",
        "Contact Forename": "Olga",
        "Contact Surname": "Pretendman",
    },
)
