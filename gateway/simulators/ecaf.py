"""How does a borough's eCAF system look from outside?

It takes episodes and acknowledges them, holds them whole, and gives them back: one by one, or all as a history.
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

    @router.get("/_simulator/history")
    async def history() -> Response:
        records = _held(partner, saved)
        head = {**_head(partner, "ecaf/history-1", "history"), "episodes": len(records)}
        lines = [head, *({"document": record} for record in records.values())]
        return Response("".join(f"{json.dumps(line)}\n" for line in lines), media_type=_LINES)

    return router


def _held(partner: Partner, saved: dict[str, Group]) -> dict[str, Group]:
    """Return every record by its reference: what was delivered as JSON, and over it what its users saved."""
    delivered: dict[str, Group] = {}
    for message_id, effect in partner.journal.effects.items():
        envelopes = effect.get("document")
        for envelope in envelopes if isinstance(envelopes, list) else [envelopes]:
            record = envelope.get("document") if isinstance(envelope, dict) else None
            if isinstance(record, dict):
                delivered[str(record.get("reference", message_id))] = record
    return delivered | saved


def _head(partner: Partner, form: str, message_id: str) -> Group:
    return {
        "format": form,
        "message": "caf.history.imported" if form == "ecaf/history-1" else "caf.episode.opened",
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
