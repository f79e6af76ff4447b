"""What do others reach on the same machine, with the same sender, bodies, queue and partner? Two, from the registries.

Neither does what the gateway does: they know no sender, no child, no consent and no order, and keep no audit. They are
what a team could have set up instead, and the least that a comparison must be fair to.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import CalledProcessError

import httpx

from tests.bench.flow import PATH, Sink, a_sink, measure_flow
from tests.bench.peers.environment import FILES, NotMeasuredError, node_red, python
from tests.bench.peers.running import Peer, Program, running_peer

Rows = dict[str, float | str]


def outbox(folder: Path, sink: str) -> AbstractContextManager[Peer]:
    """Run FastStream with its transactional outbox on PostgreSQL, a relay, and a consumer."""
    interpreter = str(python())
    ready = {"receive": "Application startup complete"}
    programs = [
        Program(
            kind=kind,
            command=[interpreter, "-u", str(FILES / "outbox" / f"{kind}.py")],
            ready=ready.get(kind, "ready"),
        )
        for kind in ("receive", "relay", "deliver")
    ]
    return running_peer("FastStream with outbox", programs, folder, sink, has_database=True)


def node_red_flows(folder: Path, sink: str) -> AbstractContextManager[Peer]:
    """Run Node-RED twice: a flow that receives and publishes, and one that consumes and delivers."""
    modules, files = node_red(), FILES / "nodered"
    programs = []
    for kind in ("receive", "deliver"):
        home = folder / f"{kind}-home"
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"name": "peer", "private": true}\n', encoding="utf-8")
        options = ("--userDir", str(home), "--settings", str(files / "settings.js"))
        programs.append(
            Program(
                kind=kind,
                command=["node", str(modules / "node-red" / "red.js"), *options, str(files / f"{kind}.json")],
                ready="Started flows",
                environment={"NODE_PATH": str(modules)},
            )
        )
    return running_peer("Node-RED", programs, folder, sink, has_database=False)


PEERS: Mapping[str, tuple[Callable[[Path, str], AbstractContextManager[Peer]], str]] = {
    "FastStream 0.7.8, faststream-outbox 0.19.0": (outbox, "in the database, with its outbox row"),
    "Node-RED 4.1.15, amqplib 2.3.1": (node_red_flows, "confirmed by the broker, stored nowhere else"),
}
"""By name and version: how it is run, and what its 202 means."""


def measure_peers(out: Path) -> dict[str, Rows]:
    """Return the rows of each peer, or why it was not measured. *out* is on the disk to be measured."""
    with a_sink() as sink:
        return {name: _rows(out / str(number), name, sink) for number, name in enumerate(PEERS)}


def _rows(folder: Path, name: str, sink: Sink) -> Rows:
    run, accepted = PEERS[name]
    try:
        with run(folder, sink.url) as peer:
            _refuses_what_is_no_form(peer)
            return {"accepted_means": accepted, **measure_flow(peer, sink)}
    except (NotMeasuredError, AssertionError, CalledProcessError) as why:
        return {"not_measured": str(why)}


def _refuses_what_is_no_form(peer: Peer) -> None:
    """Fail for a peer that takes what the schema forbids: it would be measured at less work than it is said to do."""
    answer = httpx.post(f"{peer.installation.url}{PATH}", json={"answers": []}, timeout=30)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY, f"it answers {answer.status_code} to what is no form"
