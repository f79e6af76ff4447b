"""Does accepting a document wait for nothing but the disk?"""

import subprocess
import sys
import threading
from dataclasses import fields
from pathlib import Path

import pytest

from gateway.app.http.served import Served
from gateway.flows.context import Desk
from gateway.flows.store.rows import Message
from tests.contract.rows import a_message
from tests.fakes.stores import a_store

ROOT = Path(__file__).parents[2]
_REACHED = """
import sys, gateway.flows.receiving.receive, gateway.app.http.intake
print([name for name in sys.modules if name.startswith(("pika", "gateway.adapters.embedded", "gateway.adapters.amqp"))])
"""


@pytest.mark.parametrize("kind", [Desk, Served], ids=lambda kind: kind.__name__)
def test_what_accepting_reaches_has_no_bus(kind: type) -> None:
    reached = {field.name for field in fields(kind)} if kind is Desk else set(vars(kind))

    assert not {name for name in reached if "bus" in name or "broker" in name or "outlet" in name}


def test_the_way_in_loads_no_bus() -> None:
    told = subprocess.run([sys.executable, "-c", _REACHED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_a_bus_that_hangs_keeps_nobody_waiting_for_what_is_durable(tmp_path: Path) -> None:
    hangs, ends = threading.Event(), threading.Event()

    def hang(_wakes: list[tuple[str, str]]) -> None:
        hangs.set()
        ends.wait(10)

    def accept(uow: object) -> Message:
        message = a_message(1)
        uow.messages.claim(message)  # type: ignore[attr-defined]
        uow.wake("message.normal", message.message_id)  # type: ignore[attr-defined]
        return message

    store = a_store(tmp_path, on_wake=hang)
    accepted = store.submit(accept).result(timeout=5)

    is_hanging = hangs.wait(5)
    there = store.read(lambda uow: uow.messages.get(accepted.message_id))
    ends.set()
    store.close()
    assert is_hanging
    assert there.message_id == accepted.message_id
