"""What happens when the broker's nodes do not reach one another? Real partitions, in network namespaces."""

import random
import time
from collections.abc import Mapping
from functools import partial
from http.client import HTTPException
from pathlib import Path

from gateway.demo.engines.rabbitmq import Brokers
from tests.engines.certificates import make_certificates
from tests.engines.network import ADDRESSES, Network
from tests.fault.installation import Installation
from tests.fault.split_gateway import SplitTrouble, Team, Watch
from tests.fault.trouble import Stage, Told

_TICK_SECONDS = 8
_HEAL_SECONDS = 150.0
_PATIENCE_SECONDS = 40.0
_KINDS = ("leader cut off", "leader unplugged", "two cut off from one another", "all cut off")


class Partitions(SplitTrouble):
    """Of a cluster of three nodes some do not reach others for a while; the minority pauses, and comes back.

    Shape: each node has an address of its own, so it is spoken to over TLS.
    Units: *away_seconds* is the range for which a partition lasts.
    """

    def __init__(self, times: int, away_seconds: tuple[float, float] = (13.0, 17.0)) -> None:
        super().__init__()
        self._times = times
        self._away_seconds = away_seconds
        self._network = Network()
        self.started_again: list[str] = []

    def install(self, folder: Path, urls: Mapping[str, str], settings: Mapping[str, object]) -> Installation:
        """Return a fresh installation that speaks to the nodes over TLS."""
        certificates = self.brokers.nodes[0].certificates
        assert certificates is not None
        tls = {"broker_tls": True, "broker_authority_file": certificates.authority}
        return super().install(folder, urls, {**settings, **tls})

    def _hosts(self) -> str:
        return ",".join(f"{node.place.host}:{node.amqps}" for node in self.brokers.nodes)

    def _brokers(self) -> Brokers:
        self._opened.enter_context(self._network)
        brokers = Brokers(
            places=self._network.places,
            make_certificates=partial(make_certificates, addresses=ADDRESSES),
            tick_seconds=_TICK_SECONDS,
        )
        self._opened.callback(brokers.stop)
        self.brokers = brokers.start()
        self._wait_until_whole()
        return brokers

    def _trouble(self, stage: Stage, team: Team, told: Told) -> None:
        del team
        chance, watch = stage.chance("partitions"), Watch(self.database, stage)
        for number in range(self._times):
            what = _KINDS[number % len(_KINDS)]
            time.sleep(chance.uniform(1, 4))
            with watch.away(what):
                self._part(what, chance)
                time.sleep(chance.uniform(*self._away_seconds))
            self._network.heal()
            self._wait_until_whole()
            told.troubles += 1
        by_hand = f", {len(self.started_again)} nodes started by hand {self.started_again or ''}".rstrip()
        told.notes, self._wrong = f"{watch}{by_hand}", watch.faults

    def _part(self, what: str, chance: random.Random) -> None:
        hosts = {node.node_name: node.place.host for node in self.brokers.nodes}
        leader = hosts[self._a_leader(chance)]
        first, second = (host for host in hosts.values() if host != leader)
        if what == "leader unplugged":
            self._network.unplug(leader)
            return
        cuts = {
            "leader cut off": ((leader, first), (leader, second)),
            "two cut off from one another": ((leader, first),),
            "all cut off": ((leader, first), (leader, second), (first, second)),
        }
        for one, other in cuts[what]:
            self._network.cut(one, other)

    def _wait_until_whole(self) -> None:
        """Return when every node says that it sees all; one that does not come back is started again, as it would be.

        Raises:
            AssertionError: they do not come together even so; the message is what each says of each.
        """
        began, late = time.monotonic(), False
        while len(self._missing()) > 0:
            waited = time.monotonic() - began
            assert waited < _HEAL_SECONDS, f"the cluster did not come together again: {self._missing()}"
            if waited > _PATIENCE_SECONDS and not late:
                late = True
                self._start_again(self._missing())
            time.sleep(0.5)

    def _start_again(self, missing: Mapping[str, str]) -> None:
        for node in self.brokers.nodes:
            if node.node_name in missing:
                self.started_again.append(f"{node.node_name}: {missing[node.node_name]}")
                node.kill()
                node.start()

    def _missing(self) -> Mapping[str, str]:
        """Return the nodes that do not answer, or that one which answers does not see, or not as its peer."""
        missing = {}
        for node in self.brokers.nodes:
            try:
                seen = node.call("GET", "/nodes")
            except (OSError, RuntimeError, HTTPException) as error:
                missing[node.node_name] = f"does not answer: {type(error).__name__}"
                continue
            there = {one["name"] for one in seen if one["running"]}
            for other in self.brokers.nodes:
                if other.node_name not in there:
                    missing.setdefault(other.node_name, f"is not seen by {node.node_name}")
            if any(one.get("partitions") for one in seen):
                missing.setdefault(node.node_name, "sees a partition")
        return missing
