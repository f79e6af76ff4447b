"""What can a sender check of the log? The newest checkpoint, and a proof for each of its own receipts."""

from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse

from gateway.app.http.answers import json_response
from gateway.app.http.authentication import CallingOrganisation, Doorkeeper
from gateway.app.http.messages import caller_of, own_message
from gateway.app.http.people import session_of
from gateway.app.http.served import People, S, Served
from gateway.audit.log import LogStore
from gateway.audit.merkle import inclusion_path
from gateway.audit.proof import InclusionProof
from gateway.errors import NotFoundError, UnauthenticatedError
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import AuditRow, Message
from gateway.formats.json import write_json


def audit_routes(served: Served, doorkeeper: Doorkeeper, people: People[S] | None) -> APIRouter:
    """Return `GET /v1/audit/checkpoint` and `GET /v1/audit/receipts/{message_id}`."""
    router = APIRouter(tags=["audit"])

    @router.get("/v1/audit/checkpoint", summary="The newest signed head of the log", response_class=PlainTextResponse)
    def checkpoint(request: Request) -> Response:
        _known(doorkeeper, people, request)
        head = served.store.log_store.head()
        if head is None:
            raise NotFoundError("nothing has been logged yet")
        return PlainTextResponse(head.note, headers={"Cache-Control": "no-store"})

    @router.get("/v1/audit/receipts/{message_id}", summary="A receipt, and the proof that it was honoured")
    def receipt(message_id: str, request: Request) -> Response:
        caller = caller_of(doorkeeper, request)
        if caller is None:
            raise UnauthenticatedError("receipts belong to the organisation that sent the document")
        message, event = served.store.read(lambda uow: _receipt_of(uow, caller, message_id))
        proof = _proof(served.store.log_store, event)
        return json_response(write_json({"message_id": message.message_id, "receipt": message.receipt, "proof": proof}))

    return router


def _known(doorkeeper: Doorkeeper, people: People[S] | None, request: Request) -> None:
    """Return if an organisation or a person asks; the log's heads are for everybody who works with us."""
    if caller_of(doorkeeper, request) is not None:
        return
    if people is None:
        raise UnauthenticatedError("show your credential")
    session_of(people, request)


def _receipt_of(uow: UnitOfWork, caller: CallingOrganisation, message_id: str) -> tuple[Message, AuditRow]:
    """Return the caller's message and the event its receipt promised: the first that was recorded about it."""
    message = own_message(uow, caller, message_id)
    return message, uow.audit.of_message(message.message_id)[0]


def _proof(log: LogStore, event: AuditRow) -> str | None:
    """Return the proof, as a C2SP tlog-proof, that the event is in the log; None while its leaf is still to come."""
    leaf, head = log.leaf_of(event.event_id), log.head()
    if leaf is None or head is None or leaf.index >= head.size:
        return None
    path = tuple(inclusion_path(leaf.index, head.size, log.node))
    return InclusionProof(header=event.header, index=leaf.index, path=path, checkpoint=head.note).text
