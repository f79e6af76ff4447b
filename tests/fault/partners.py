"""Who is on the other side of a campaign? MASH, eCAF and the referrers' feedback box, with bad days at random.

A program of its own, because partners outlive a gateway that is killed: `python -m tests.fault.partners FOLDER SEED`.
Each partner's journal is a file in FOLDER, fsynced before it answers. The first line written is a JSON object of their
addresses; the word `calm` on standard input ends all bad days.
"""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx

from gateway.simulators.ecaf import ecaf_app
from gateway.simulators.journal import Journal
from gateway.simulators.mash import mash_app
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import run
from tests.fault.installation import ECAF, MASH, PORTAL, ROOT

_MOODS: tuple[tuple[int, dict[str, Any]], ...] = (
    (8, {"behaviour": "ok"}),
    (3, {"behaviour": "delay", "seconds": 0.2}),
    (3, {"behaviour": "unavailable", "count": 5}),
    (1, {"behaviour": "unavailable", "count": 1, "seconds": 1}),
    (2, {"behaviour": "repeat", "count": 3}),
    (2, {"behaviour": "nonsense", "count": 3}),
    (1, {"behaviour": "half-close", "count": 2}),
    (1, {"behaviour": "hang", "count": 1, "seconds": 1}),
    (1, {"behaviour": "hang", "count": 1, "seconds": 1, "takes_effect": False}),
)
_PAUSE_SECONDS = (0.05, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partners:
    """The partners, running: where they answer, and where they write down what they got."""

    folder: Path
    urls: Mapping[str, str]
    orders: IO[bytes]

    def calm(self) -> None:
        """End all bad days."""
        self.orders.write(b"calm\n")
        self.orders.flush()

    def journal(self, partner: str) -> Path:
        """Return the file of what a partner got."""
        return self.folder / f"{partner}.journal"


@contextmanager
def partners_running(folder: Path, seed: int) -> Iterator[Partners]:
    """Run the partners for the length of a `with`, in a process of their own."""
    command = [sys.executable, "-m", "tests.fault.partners", str(folder), str(seed)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield Partners(folder=folder, urls=json.loads(process.stdout.readline()), orders=process.stdin)
    finally:
        process.kill()
        process.wait(10)
        process.stdin.close()
        process.stdout.close()


class BadDays:
    """Changes partners' behaviour again and again, the same way for the same seed."""

    def __init__(self, urls: Mapping[str, str], seed: int) -> None:
        self._urls = urls
        self._chance = random.Random(seed)  # noqa: S311 - it only has to be the same again
        self._over = threading.Event()

    def go_on(self) -> None:
        """Change one partner's behaviour after another, until `end`."""
        weights = [weight for weight, _ in _MOODS]
        while not self._over.wait(self._chance.uniform(*_PAUSE_SECONDS)):
            mood = self._chance.choices(_MOODS, weights)[0][1]
            _behave(self._chance.choice(sorted(self._urls.values())), mood)
        for url in self._urls.values():
            _behave(url, {"behaviour": "ok"})

    def end(self) -> None:
        """Let every partner be well from now on."""
        self._over.set()


def _behave(url: str, mood: dict[str, Any]) -> None:
    httpx.post(f"{url}/_simulator/behaviour", json=mood).raise_for_status()


def main(folder: Path, seed: int) -> None:
    """Run until told to end."""
    journals = {name: Journal(file=folder / f"{name}.journal") for name in (MASH, ECAF, PORTAL)}
    apps = {
        MASH: mash_app(journals[MASH]),
        ECAF: ecaf_app(journals[ECAF]),
        PORTAL: partner_app(Partner(prefix="IN", journal=journals[PORTAL])),
    }
    with ExitStack() as opened:
        urls = {name: opened.enter_context(run(app)).url for name, app in apps.items()}
        days = BadDays(urls, seed)
        threading.Thread(target=days.go_on, daemon=True).start()
        print(json.dumps(urls), flush=True)
        for line in sys.stdin:
            if line.strip() == "calm":
                days.end()
        time.sleep(3600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
