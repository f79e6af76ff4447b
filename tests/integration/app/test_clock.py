"""Does time go on over a restart, when the machine's clock was set back meanwhile?"""

from pathlib import Path

from gateway.app.bootstrap import World, assemble
from gateway.app.clock import SteadyClock
from gateway.app.ids import SortableIds
from tests.fakes.clock import MONDAY_MORNING, SteppedClock
from tests.integration.app.test_sequencer import record
from tests.integration.flows.house import House, ScriptedOutlet


def test_a_process_goes_on_from_the_newest_time_that_is_recorded(tmp_path: Path) -> None:
    house = House.build(tmp_path)
    recorded = house.clock.move(hours=2)
    record(house.app)
    house.app.store.close()
    clock = SteadyClock(SteppedClock(MONDAY_MORNING), lambda: 0.0)

    again = assemble(house.app.settings, World(clock=clock, ids=SortableIds(clock), outlet=ScriptedOutlet()))

    assert again.desk.clock.now() == recorded
    again.store.close()
