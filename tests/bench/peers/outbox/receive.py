"""How does the outbox peer take a document? It commits it and its outbox row together, and only then answers 202.

Runs in the peer's own environment, as a script. Parse, JSON Schema, one transaction; nobody is asked who sends.
"""

import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import jsonschema_rs
import uvicorn
from fastapi import FastAPI, Request, Response
from faststream_outbox import OutboxBroker
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine
from tables import METADATA, OUTBOX, QUEUE, REFERRAL

ENGINE = create_async_engine(os.environ["PEER_DATABASE"], pool_size=16)
BROKER = OutboxBroker(ENGINE, outbox_table=OUTBOX, logger=None)
SCHEMA = jsonschema_rs.validator_for(json.loads(Path(os.environ["PEER_SCHEMA"]).read_bytes()))


@asynccontextmanager
async def tables(_app: FastAPI) -> AsyncIterator[None]:
    """Make the tables before the first request."""
    async with ENGINE.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield


app = FastAPI(lifespan=tables)


@app.post("/v1/intake/mash/govuk-forms-1")
async def take(request: Request) -> Response:
    """Return 202 once the document and its outbox row are committed."""
    body = await request.body()
    if not SCHEMA.is_valid(json.loads(body)):
        return Response(status_code=422)
    message_id = secrets.token_hex(15)
    async with ENGINE.begin() as transaction:
        await transaction.execute(insert(REFERRAL), {"id": message_id, "body": body})
        await BROKER.publish(body, queue=QUEUE, session=transaction, correlation_id=message_id)
    return Response(b'{"message_id":"%s"}' % message_id.encode(), 202, media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PEER_PORT"]), loop="uvloop", access_log=False)
