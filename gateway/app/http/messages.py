"""What became of a message? `GET /v1/messages/{id}`, and of each of its records, `GET /v1/messages/{id}/records`.

An organisation sees its own messages, and of them only what does not depend on anything it may not know: no recipients,
no state and no reason but those of the gate, which looked at nothing but the document itself. People see more, by
permission.
"""

import re

from fastapi import APIRouter, Request, Response

from gateway.app.http.answers import json_response
from gateway.app.http.authentication import CallingOrganisation, Doorkeeper, is_credential
from gateway.app.http.people import session_of
from gateway.app.http.served import People, S, Served
from gateway.errors import NotFoundError, UnauthenticatedError
from gateway.flows.ports import UnitOfWork
from gateway.flows.receiving.acknowledge import require_told
from gateway.flows.receiving.message_state import state_for_sender
from gateway.flows.store.rows import Message, State
from gateway.formats.json import write_json
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What an id of ours may be; a database cannot even be asked for some other texts."""


def message_routes(served: Served, doorkeeper: Doorkeeper, people: People[S] | None) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["documents"])

    @router.get("/v1/messages/{message_id}/records", summary="Was each record of a file taken, and if not, why?")
    def records(message_id: str, request: Request) -> Response:
        caller = caller_of(doorkeeper, request)
        if caller is None:
            raise UnauthenticatedError("show your credential")
        message = served.store.read(lambda uow: own_message(uow, caller, message_id))
        return json_response(require_told(served.acknowledge.told(message.message_id)).text)

    @router.get("/v1/messages/{message_id}", summary="Where does a message stand?")
    def message(message_id: str, request: Request) -> Response:
        caller = caller_of(doorkeeper, request)
        if caller is not None:
            return json_response(write_json(_shown(served, caller, message_id)))
        if people is None:
            raise UnauthenticatedError("show your credential")
        session = session_of(people, request)
        return json_response(write_json(people.execute(session, "messages.show", {"message": message_id})))

    return router


def caller_of(doorkeeper: Doorkeeper, request: Request) -> CallingOrganisation | None:
    """Return the organisation that asks, or None when what is shown is not an organisation's credential.

    Raises:
        UnauthenticatedError: it is one, and not in force.
    """
    shown = request.headers.get("authorization", "").encode("latin-1", "replace")
    return doorkeeper.organisation(shown) if is_credential(shown) else None


def own_message(uow: UnitOfWork, caller: CallingOrganisation, message_id: str) -> Message:
    """Return a message the caller sent.

    Raises:
        NotFoundError: there is none, or it is somebody else's; the two look alike.
    """
    try:
        message = uow.messages.get(MessageId(message_id)) if _ID.fullmatch(message_id) else None
    except NotFoundError:
        message = None
    if message is None or message.organisation != caller.organisation:
        raise NotFoundError("you sent no message of that id")
    return message


def _shown(served: Served, caller: CallingOrganisation, message_id: str) -> Group:
    message = served.store.read(lambda uow: own_message(uow, caller, message_id))
    answer: Group = {
        "message_id": message.message_id,
        "format": message.format,
        "state": state_for_sender(message).value,
        "received_at": message.received_at.isoformat().replace("+00:00", "Z"),
        "size_bytes": message.size_bytes,
        "body_sha256": message.body_sha256,
        "receipt": message.receipt,
    }
    if message.state is State.QUARANTINED and message.reason:
        answer["reason"] = message.reason
    if documents := served.acknowledge.documents(message):
        answer["documents"] = documents
    return answer
