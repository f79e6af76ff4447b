"""Is everything that was acknowledged still there after kill -9, whenever it comes?"""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef
from tests.fakes.stores import a_store

ROOT = Path(__file__).parents[3]


def killed_after(folder: Path, seconds: float) -> set[str]:
    """Let a process write from eight threads, kill it *seconds* after it began; return what it acknowledged."""
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    first = writer.stdout.readline()
    time.sleep(seconds)
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read()
    writer.wait()
    writer.stdout.close()
    whole_lines = (first + rest).decode().rpartition("\n")[0]
    return set(whole_lines.splitlines()) - {"begin"}


def state_of(work: UnitOfWork) -> tuple[set[str], int, list[int | None]]:
    """Return the messages that are whole, how often the epoch was raised, and the numbers of the child's chain."""
    messages = work.messages.find(limit=10**9)
    assert all(work.originals.get(message.message_id).chunks for message in messages)
    chain = work.audit.of_child(ChildRef("child_1"))
    return (
        {message.message_id for message in messages},
        work.epochs.current(["policy"])["policy"],
        [event.subject_seq for event in chain],
    )


def check_rounds(folder: Path, rounds: int, seed: int) -> None:
    """Kill and reopen again and again; what was acknowledged is there, and what is there is whole."""
    chance = random.Random(seed)  # noqa: S311 - it only has to be the same again
    acknowledged: set[str] = set()
    for number in range(rounds):
        acknowledged |= killed_after(folder, chance.uniform(0, 0.4))
        with a_store(folder) as store:
            messages, epoch, chain = store.read(state_of)
            waiting = store.log_store.pending(10**9)
        history = f"seed {seed}, round {number}: {len(acknowledged)} acknowledged, {len(messages)} there"
        assert acknowledged <= messages, history
        assert epoch == len(messages) == len(chain) == len(waiting), history
        assert chain == list(range(len(chain))), history
        connection = sqlite3.connect(folder / "store.db")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], history
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == [], history
        connection.close()
    assert acknowledged, "nothing was written at all"


def test_ten_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    check_rounds(tmp_path, 10, seed=20261123)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    check_rounds(tmp_path, 25, seed=seed)


_WRITER = """
import os, sys, threading
from pathlib import Path
from gateway.model.identifiers import ChildRef
from tests.contract.rows import a_message, an_event, an_original
from tests.fakes.stores import a_store

store = a_store(Path(sys.argv[1]))
run = os.urandom(4).hex()

def accept(name):
    def _accept(work):
        work.messages.claim(a_message(message_id="msg_" + name, idempotency_key=name))
        work.originals.put(an_original(message_id="msg_" + name, chunks=(os.urandom(8192),)))
        work.epochs.lift(["policy"])
        number, _ = work.audit.chain("child_1")
        work.audit.append(an_event(event_id="event_" + name, child_ref=ChildRef("child_1"), subject_seq=number))
    return _accept

def serve(thread):
    for number in range(10**9):
        name = f"{run}_{thread}_{number}"
        store.write(accept(name))
        os.write(1, f"msg_{name}\\n".encode())

os.write(1, b"begin\\n")
threads = [threading.Thread(target=serve, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
