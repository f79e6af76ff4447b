"""What happens to a gateway whose power fails again and again? Nothing it gave a receipt for may be missing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

from tests.fault.gateway_process import GatewayProcess
from tests.fault.power import pick_up
from tests.fault.trouble import Stage, Told, Trouble, last_gateway


class PowerCuts(Trouble):
    """Power loss: every write since the last sync of its file is kept, dropped or torn, as chance has it.

    Args:
        times: how often.
        alive_seconds: the range from when a process takes documents until the power may fail.
        is_sick: until then the disk also fails single calls, and is full for moments.
        is_lax: plant a fault: the store syncs as `synchronous=NORMAL` does.
    """

    settings: ClassVar[Mapping[str, object]] = {"lease_seconds": 12, "partner_total_seconds": 6}

    def __init__(
        self,
        times: int,
        alive_seconds: tuple[float, float] = (0.1, 3.0),
        *,
        is_sick: bool = False,
        is_lax: bool = False,
    ) -> None:
        self._times = times
        self._alive_seconds = alive_seconds
        self._more = [word for word, is_said in (("sick", is_sick), ("lax", is_lax)) if is_said]

    @contextmanager
    def _happening(self, stage: Stage) -> Iterator[Told]:
        told, chance = Told(troubles=self._times), stage.chance("power")
        data, files = stage.installation.database.parent, 0
        for number in range(self._times):
            alive = chance.uniform(*self._alive_seconds) if chance.random() < 0.9 else 0.0
            words = [str(stage.seed + number), f"{alive:.3f}", str(chance.randint(1, 40)), *self._more]
            process = GatewayProcess(stage.installation, program=["-m", "tests.fault.lossy_gateway", *words])
            try:
                ready = process.wait_until_gone()
            finally:
                process.kill()
            told.ready_seconds += [ready] if ready else []
            files += len(pick_up(data))
        told.notes = f", {files} files as the disk had them"
        with last_gateway(stage.installation, told):
            yield told
