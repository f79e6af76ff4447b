"""What happens to a gateway of several processes when one of them, the broker or the database fails?"""

import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ClassVar

from gateway.demo.engines.postgres import PostgresServer
from gateway.demo.engines.rabbitmq import Node
from tests.fault.split_gateway import TWO_OF_EACH, SplitTrouble, Team, Watch
from tests.fault.trouble import Stage, Told


class ProcessKills(SplitTrouble):
    """kill -9 of any process, ready or still starting; another is started in its place at once.

    Units: *alive_seconds* is the range between two kills.
    """

    crew: ClassVar[Mapping[str, int]] = TWO_OF_EACH

    def __init__(self, times: int, alive_seconds: tuple[float, float] = (0.2, 4.0)) -> None:
        super().__init__()
        self._times = times
        self._alive_seconds = alive_seconds

    def _trouble(self, stage: Stage, team: Team, told: Told) -> None:
        chance = stage.chance("kills")
        for _ in range(self._times):
            time.sleep(chance.uniform(*self._alive_seconds))
            for place in chance.sample(range(len(team.processes)), 2 if chance.random() < 0.2 else 1):
                team.kill(place)
                told.troubles += 1
            if chance.random() < 0.2:
                told.ready_seconds += team.wait_until_ready()


class BrokerTroubles(SplitTrouble):
    """The one broker is killed, stands still, or has no memory or disk left; the store and the sweep go on.

    Units: *away_seconds* is the range for which it is away.
    """

    def __init__(self, rounds: int, away_seconds: tuple[float, float] = (5.0, 10.0)) -> None:
        super().__init__()
        self._rounds = rounds
        self._away_seconds = away_seconds

    def _trouble(self, stage: Stage, team: Team, told: Told) -> None:
        del team
        chance, watch, node = stage.chance("broker"), Watch(self.database, stage), self.brokers.nodes[0]
        for _ in range(self._rounds):
            for what, (begin, end) in chance.sample(sorted(_ENDS_OF.items()), len(_ENDS_OF)):
                time.sleep(chance.uniform(1, 4))
                begin(node)
                with watch.away(f"the broker, {what}"):
                    time.sleep(chance.uniform(*self._away_seconds))
                end(node)
                told.troubles += 1
        told.notes, self._wrong = str(watch), watch.faults


def _memory(share: str, node: Node) -> None:
    node.control("set_vm_memory_high_watermark", share)


def _disk(room: str, node: Node) -> None:
    node.control("set_disk_free_limit", room)


_ENDS_OF: Mapping[str, tuple[Callable[[Node], object], Callable[[Node], object]]] = {
    "killed": (Node.kill, Node.start),
    "standing still": (Node.pause, Node.resume),
    "without memory": (partial(_memory, "0.0001"), partial(_memory, "0.4")),
    "without disk": (partial(_disk, "1000000GB"), partial(_disk, "50MB")),
}


class ClusterKills(SplitTrouble):
    """Of a cluster of three nodes the leader of a queue, a follower, or all are killed, and started again."""

    nodes: ClassVar[int] = 3

    def __init__(self, rounds: int, away_seconds: tuple[float, float] = (4.0, 10.0)) -> None:
        super().__init__()
        self._rounds = rounds
        self._away_seconds = away_seconds

    def _trouble(self, stage: Stage, team: Team, told: Told) -> None:
        del team
        chance, watch = stage.chance("cluster"), Watch(self.database, stage)
        for _ in range(self._rounds):
            for what in chance.sample(("leader", "follower", "all"), 3):
                time.sleep(chance.uniform(1, 4))
                victims = self._victims(what, chance)
                with watch.away(f"of the cluster: {what}"):
                    for node in victims:
                        node.kill()
                    time.sleep(chance.uniform(*self._away_seconds))
                    for node in victims:
                        node.launch()
                    for node in victims:
                        node.wait()
                told.troubles += 1
        told.notes, self._wrong = str(watch), watch.faults

    def _victims(self, what: str, chance: random.Random) -> list[Node]:
        nodes, leader = list(self.brokers.nodes), self._a_leader(chance)
        if what == "leader":
            return [node for node in nodes if node.node_name == leader]
        if what == "follower":
            return [chance.choice([node for node in nodes if node.node_name != leader])]
        return nodes


class DatabaseKills(SplitTrouble):
    """PostgreSQL is killed, all of it, one connection's process, or told to end at once, and started again."""

    crew: ClassVar[Mapping[str, int]] = TWO_OF_EACH

    def __init__(self, times: int, away_seconds: tuple[float, float] = (0.5, 5.0)) -> None:
        super().__init__()
        self._times = times
        self._away_seconds = away_seconds

    def _trouble(self, stage: Stage, team: Team, told: Told) -> None:
        chance = stage.chance("database")
        for _ in range(self._times):
            time.sleep(chance.uniform(1, 8))
            how = chance.choice(("all", "all", "one", "at once"))
            if how == "one":
                _kill_one(self.postgres, chance)
            else:
                _kill_all(self.postgres, signal.SIGKILL if how == "all" else signal.SIGQUIT)
                time.sleep(chance.uniform(*self._away_seconds))
                self.postgres.start()
            told.troubles += 1
        self.postgres.wait_until_it_answers()
        del team


def _children(server: PostgresServer) -> list[int]:
    assert server.process is not None
    number = server.process.pid
    return [int(word) for word in Path(f"/proc/{number}/task/{number}/children").read_text().split()]


def _kill_one(server: PostgresServer, chance: random.Random) -> None:
    """Kill one of its processes: PostgreSQL then ends all the others, and recovers as from a crash."""
    with suppress(ProcessLookupError):
        os.kill(chance.choice(_children(server)), signal.SIGKILL)


def _kill_all(server: PostgresServer, how: signal.Signals) -> None:
    """End the server by *how*, and with SIGKILL each process that works for it; return when all are gone."""
    children = _children(server)
    server.stop(how)
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    while any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.05)
