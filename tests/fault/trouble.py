"""What goes wrong in a campaign? One kind of trouble each; this page has what they share, and kill -9."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tests.fault.checker import Fault
from tests.fault.gateway_process import GatewayProcess, running
from tests.fault.installation import Installation, install
from tests.fault.partners import Partners


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a trouble happens to: an installation that does not run yet, and its partners, who do."""

    installation: Installation
    partners: Partners
    seed: int

    def chance(self, what: str) -> random.Random:
        """Return the chance by which *what* is chosen, the same for the same seed."""
        return random.Random(f"{self.seed}/{what}")  # noqa: S311 - it only has to be the same again


@dataclass(slots=True, kw_only=True)
class Told:
    """What a trouble tells of itself: how long each restart took, how many faults there were, and what else."""

    ready_seconds: list[float] = field(default_factory=list)
    troubles: int = 0
    notes: str = ""


class Trouble:
    """Nothing goes wrong; each kind of trouble replaces what it needs.

    Shape: opened before the installation is made and closed when all is over; `settings` differ from a campaign's.
    `documents_a_fault` is how many must be accepted for each fault, or there was hardly any load.
    """

    settings: ClassVar[Mapping[str, object]] = {}
    documents_a_fault: ClassVar[float] = 4.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind."""

    def install(self, folder: Path, urls: Mapping[str, str], settings: Mapping[str, object]) -> Installation:
        """Return a fresh installation in *folder*, of the parts this trouble needs."""
        return install(folder, urls, **settings)

    def folders(self, installation: Installation) -> Sequence[Path]:
        """Return where no child's name may lie in clear."""
        return (installation.folder,)

    def way_out(self, urls: Mapping[str, str], seed: int) -> Mapping[str, str]:
        """Return where the gateway reaches the partners that are at *urls*."""
        del seed
        return urls

    def way_in(self, installation: Installation, seed: int) -> Installation:
        """Return *installation* as its senders reach it."""
        del seed
        return installation

    def happening(self, stage: Stage) -> AbstractContextManager[Told]:
        """Make trouble while the senders send; then yield, once, with a gateway that runs and nothing wrong."""
        return self._happening(stage)

    def faults_in(self, installation: Installation) -> Sequence[Fault]:
        """Return what is wrong that only who made this trouble looks for; everything has stopped."""
        del installation
        return ()

    @contextmanager
    def _happening(self, stage: Stage) -> Iterator[Told]:
        told = Told()
        with last_gateway(stage.installation, told):
            yield told


@contextmanager
def last_gateway(installation: Installation, told: Told) -> Iterator[GatewayProcess]:
    """Run the gateway that is left alive, with nothing wrong."""
    with running(installation) as last:
        told.ready_seconds.append(time.monotonic() - last.began)
        yield last


class Kills(Trouble):
    """kill -9 of the gateway, nine times of ten while it works and else while it starts.

    Units: *alive_seconds* is the range a process may live once it is ready.
    """

    def __init__(self, times: int, alive_seconds: tuple[float, float] = (0.1, 3.0)) -> None:
        self._times = times
        self._alive_seconds = alive_seconds

    @contextmanager
    def _happening(self, stage: Stage) -> Iterator[Told]:
        told, chance = Told(troubles=self._times), stage.chance("kills")
        for _ in range(self._times):
            process = GatewayProcess(stage.installation)
            try:
                if chance.random() < 0.9:
                    told.ready_seconds.append(process.wait_until_ready())
                    time.sleep(chance.uniform(*self._alive_seconds))
                else:
                    time.sleep(chance.uniform(0, 2))
            finally:
                process.kill()
        with last_gateway(stage.installation, told):
            yield told
