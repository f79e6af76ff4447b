"""How does the outbox peer publish what was committed? Row by row, confirmed by the broker, then the row is deleted."""

import os

import uvloop
from faststream import FastStream
from faststream.rabbit import Channel, RabbitBroker, RabbitExchange
from faststream_outbox import ConstantRetry, OutboxBroker, OutboxMessage
from faststream_outbox.annotations import OutboxMessage as Message
from sqlalchemy.ext.asyncio import create_async_engine
from tables import OUTBOX, QUEUE

WORKERS, ROWS = 16, 100
RABBIT = RabbitBroker(os.environ["PEER_BROKER"], default_channel=Channel(on_return_raises=True), logger=None)
BROKER = OutboxBroker(create_async_engine(os.environ["PEER_DATABASE"], pool_size=WORKERS + 2), outbox_table=OUTBOX)
PUBLISHER = RABBIT.publisher(
    exchange=RabbitExchange(os.environ["PEER_EXCHANGE"], declare=False),
    routing_key=os.environ["PEER_KEY"],
    persist=True,
    mandatory=True,
)


async def as_it_is(message: OutboxMessage) -> bytes:
    """Return the bytes unread: they were read before they were committed."""
    return message.body


@PUBLISHER
@BROKER.subscriber(
    QUEUE,
    max_workers=WORKERS,
    fetch_batch_size=ROWS,
    min_fetch_interval=0.01,
    max_fetch_interval=0.5,
    terminal_flush_batch_size=WORKERS,
    retry_strategy=ConstantRetry(delay_seconds=1),
    decoder=as_it_is,
)
async def relay(message: Message) -> bytes:
    """Return what is to be published."""
    return message.body


app = FastStream(BROKER, on_startup=[RABBIT.start], after_startup=[lambda: print("ready", flush=True)])

if __name__ == "__main__":
    uvloop.run(app.run())
