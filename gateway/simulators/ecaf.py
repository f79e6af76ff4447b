"""How does a borough's eCAF system look from outside?

It takes episodes and acknowledges them, holds them whole, and gives them back: one by one, or all as a history. It
takes enquiries and registrations too, and says of an enquiry whether one is open, and who is to be called.
"""

import json
from typing import Any, cast
from xml.parsers import expat

from fastapi import APIRouter, FastAPI, HTTPException, Response

from gateway.model.tree import Group, Tree
from gateway.simulators.clock import Clock, partner_now
from gateway.simulators.journal import Journal
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import Options, main

_SENDER = "simulated-ecaf"
_ENQUIRY, _REGISTRATION = "ecaf/enquiry-1", "ecaf/registration-1"
_ANSWER = "ecaf/enquiry-answer-1"
_MESSAGES = {"ecaf/history-1": "caf.history.imported", _ANSWER: "caf.enquiry.looked_up"}
_CLOSED = "closed"
_WHO = ("given_names", "family_name", "born")
_LINES = "application/x-ndjson"


def ecaf_app(journal: Journal | None = None, *, token: str | None = None, clock: Clock = partner_now) -> FastAPI:
    """Return the eCAF simulator: documents at any path, controls and its records under `/_simulator`."""
    partner = Partner(
        prefix="ECAF",
        journal=journal or Journal(),
        token=token,
        clock=clock,
        reads={"application/json": json.loads, "application/xml": _xml, _LINES: _lines},
    )
    return partner_app(partner, more=_records(partner))


def _records(partner: Partner) -> APIRouter:
    """Return the routes by which the system gives what it holds, and by which its own users put records into it."""
    router = APIRouter()
    saved: dict[str, Group] = {}

    @router.post("/_simulator/records", status_code=204)
    async def save(record: dict[str, Any]) -> None:
        saved[str(record["reference"])] = record

    @router.get("/_simulator/records")
    async def held() -> list[str]:
        return sorted(_held(partner, saved))

    @router.get("/_simulator/records/{reference:path}")
    async def give(reference: str) -> dict[str, Any]:
        records = _held(partner, saved)
        if reference not in records:
            raise HTTPException(404, "no such record")
        return {**_head(partner, "ecaf/episode-1", f"record-{reference}"), "document": records[reference]}

    @router.get("/_simulator/answers/{reference:path}")
    async def answer(reference: str) -> dict[str, Any]:
        enquiries = [one["document"] for one in _taken(partner) if one.get("format") == _ENQUIRY]
        asked = [one for one in enquiries if isinstance(one, dict) and one.get("reference") == reference]
        if not asked:
            raise HTTPException(404, "no such enquiry")
        told = _found(list(_held(partner, saved).values()), asked[-1])
        at = partner.clock().isoformat()
        return {
            **_head(partner, _ANSWER, f"answer-{reference}"),
            "document": {"reference": reference, "answered_at": at, **told},
        }

    @router.get("/_simulator/history")
    async def history() -> Response:
        records = _held(partner, saved)
        head = {**_head(partner, "ecaf/history-1", "history"), "episodes": len(records)}
        lines = [head, *({"document": record} for record in records.values())]
        return Response("".join(f"{json.dumps(line)}\n" for line in lines), media_type=_LINES)

    return router


def _taken(partner: Partner) -> list[Group]:
    """Return every envelope that was delivered, oldest first; a history's lines are one each."""
    documents = [effect.get("document") for effect in partner.journal.effects.values()]
    lists = [one if isinstance(one, list) else [one] for one in documents]
    return [one for many in lists for one in many if isinstance(one, dict)]


def _held(partner: Partner, saved: dict[str, Group]) -> dict[str, Group]:
    """Return every record by its reference: what was delivered as JSON, and over it what its users saved."""
    delivered: dict[str, Group] = {}
    for envelope in _taken(partner):
        record = envelope.get("document")
        if isinstance(record, dict) and envelope.get("format") not in {_ENQUIRY, _REGISTRATION}:
            name = record.get("reference", envelope.get("message_id", len(delivered)))
            delivered[str(name)] = record
    return delivered | saved


def _found(records: list[Group], enquiry: Group) -> Group:
    """Return what *records* tell of the child of an *enquiry*: whether one is open, and whom to call."""
    who = _name_of(enquiry.get("child"))
    about = [one for one in records if who is not None and _name_of(one.get("child")) == who]
    is_open = [one for one in about if one.get("state") != _CLOSED and "closed_on" not in one]
    if not is_open:
        return {"open": "N"}
    lead = is_open[-1].get("lead_professional")
    named = lead if isinstance(lead, dict) else {}
    parts = ("name", "role", "organisation", "telephones", "emails")
    return {"open": "Y", **{f"contact_{part}": named[part] for part in parts if part in named}}


def _name_of(child: Tree) -> tuple[Tree, ...] | None:
    """Return what the system tells children apart by, or None where that is not all there."""
    known = tuple(child.get(part) for part in _WHO) if isinstance(child, dict) else ()
    return known if known and all(known) else None


def _head(partner: Partner, form: str, message_id: str) -> Group:
    return {
        "format": form,
        "message": _MESSAGES.get(form, "caf.episode.opened"),
        "message_id": message_id,
        "correlation_id": message_id,
        "sent_at": partner.clock().isoformat(),
        "sender": _SENDER,
    }


def _xml(body: bytes) -> Tree:
    """Return an episode in XML as it came, if it is XML."""
    try:
        expat.ParserCreate().Parse(body, True)  # expat's own signature
    except expat.ExpatError as error:
        raise ValueError from error
    return {"xml": body.decode()}


def _lines(body: bytes) -> Tree:
    """Return the lines of a history after the first."""
    return [cast("Tree", json.loads(line)) for line in body.splitlines()[1:]]


def _build(options: Options) -> FastAPI:
    return ecaf_app(Journal(file=options.journal), token=options.token)


if __name__ == "__main__":
    main("ecaf", _build)
