"""How does the outbox peer bring a document to its partner? From the queue, acknowledged once the partner has it."""

import os

import aiohttp
import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

AT_ONCE = 32
RABBIT = RabbitBroker(os.environ["PEER_BROKER"], default_channel=Channel(prefetch_count=AT_ONCE), logger=None)
SINK = os.environ["PEER_SINK"]
app = FastStream(RABBIT, after_startup=[lambda: print("ready", flush=True)])


@app.on_startup
async def connect() -> None:
    """Make the client once, inside the loop it will live in."""
    app.context.set_global("partner", aiohttp.ClientSession(raise_for_status=True))


async def as_it_is(message: RabbitMessage) -> bytes:
    """Return the bytes unread."""
    return message.body


@RABBIT.subscriber(
    RabbitQueue(os.environ["PEER_QUEUE"], declare=False), ack_policy=AckPolicy.NACK_ON_ERROR, decoder=as_it_is
)
async def deliver(message: RabbitMessage) -> None:
    """Return when the partner has the document."""
    partner: aiohttp.ClientSession = app.context.get("partner")
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.correlation_id,
        "X-Correlation-Id": message.correlation_id,
        "X-Gateway-Message": "mash.referral.submitted",
    }
    async with partner.post(f"{SINK}/", data=message.body, headers=headers) as answer:
        await answer.read()


if __name__ == "__main__":
    uvloop.run(app.run())
