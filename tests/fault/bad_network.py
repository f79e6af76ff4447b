"""What happens on a bad network, with partners that hang and lie? Nothing accepted may be missing or doubled."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

from tests.fault.history import effects_in
from tests.fault.installation import ECAF, MASH, PORTAL, Installation
from tests.fault.proxy import ANYTHING, FaultProxy, Spoiled
from tests.fault.trouble import Stage, Told, Trouble, last_gateway


class BadNetwork(Trouble):
    """Every connection, from senders and to partners, goes through a proxy that spoils it as chance has it.

    Half-way through, one partner hangs at every connection for a while, and the others must still get theirs.

    Units: *seconds* is how long the network is bad, *hanging_seconds* how long of that one partner hangs.
    """

    settings: ClassVar[Mapping[str, object]] = {
        "partner_total_seconds": 2,
        "partner_connect_seconds": 1,
        "lease_seconds": 6,
        "body_seconds": 3,
        "head_seconds": 3,
        "deliver_threads": 8,
    }

    documents_a_fault: ClassVar[float] = 0.5

    def __init__(self, seconds: float, hanging_seconds: float = 10.0) -> None:
        self._seconds = seconds
        self._hanging_seconds = hanging_seconds
        self._opened = ExitStack()
        self._to: dict[str, FaultProxy] = {}
        self._from: FaultProxy | None = None

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def way_out(self, urls: Mapping[str, str], seed: int) -> Mapping[str, str]:
        """Return where the gateway reaches the partners that are at *urls*: a proxy before each."""
        for name, url in urls.items():
            port = urlsplit(url).port or 80
            self._to[name] = self._opened.enter_context(FaultProxy(port, seed=f"{seed}/{name}"))
        return {name: f"http://127.0.0.1:{proxy.port}" for name, proxy in self._to.items()}

    def way_in(self, installation: Installation, seed: int) -> Installation:
        """Return *installation* as its senders reach it: a proxy before it."""
        self._from = self._opened.enter_context(FaultProxy(installation.port, seed=f"{seed}/senders"))
        return replace(installation, port=self._from.port, is_spoiled=True)

    @contextmanager
    def _happening(self, stage: Stage) -> Iterator[Told]:
        told = Told()
        with last_gateway(stage.installation, told):
            time.sleep((self._seconds - self._hanging_seconds) / 2)
            told.notes = self._one_hangs(stage)
            time.sleep((self._seconds - self._hanging_seconds) / 2)
            proxies = [proxy for proxy in (self._from, *self._to.values()) if proxy is not None]
            for proxy in proxies:
                proxy.calm()
            told.troubles = sum(proxy.troubles for proxy in proxies)
            yield told

    def _one_hangs(self, stage: Stage) -> str:
        """Let the MASH hang at every connection, and see that the others get their documents meanwhile."""
        before = self._arrived(stage)
        self._to[MASH].turn({Spoiled.HANG: 1})
        time.sleep(self._hanging_seconds)
        self._to[MASH].turn(ANYTHING)
        others = self._arrived(stage) - before
        assert others, "while the MASH hung nobody else got a document"
        return f", {others} documents came to others while one partner hung for {self._hanging_seconds:.0f} s"

    def _arrived(self, stage: Stage) -> int:
        return sum(len(effects_in(stage.partners.journal(name), name, ())) for name in (ECAF, PORTAL))
