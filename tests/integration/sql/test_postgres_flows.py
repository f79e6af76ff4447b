"""Does the whole gateway work on PostgreSQL, and do two of them on one database not get into each other's way?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.app.bootstrap import World, assemble
from gateway.app.ids import SortableIds
from gateway.audit.log import check_head
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import State
from gateway.model.identifiers import ChildRef, MessageId
from tests.engines.postgres import Database
from tests.integration.flows.house import MASH, House
from tests.integration.flows.test_disclosure import AGREED, form


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A gateway whose settings name a database."""
    monkeypatch.setenv("GATEWAY_DATABASE_URL", database.dsn)
    house = House.build(tmp_path)
    yield house
    house.app.stop()


@pytest.fixture
def neighbour(house: House) -> Iterator[House]:
    """Another process of the same installation."""
    world = World(clock=house.clock, ids=SortableIds(house.clock), outlet=house.outlet)
    neighbour = House(app=assemble(house.app.settings, world), clock=house.clock, outlet=house.outlet)
    yield neighbour
    neighbour.app.stop()


def subjects(house: House, *messages: MessageId) -> set[ChildRef]:
    """Return the children that records of *messages* are about."""

    def _read(work: UnitOfWork) -> set[ChildRef]:
        return {ref for name in messages for record in work.records.of_message(name) for ref in record.subjects}

    return house.app.store.read(_read)


def test_a_referral_reaches_the_mash_and_every_event_gets_its_leaf(house: House) -> None:
    house.accept(form("early-help-consent", "PG-1", consent_agencies=AGREED))
    house.work()
    house.app.sequencer.give_places()

    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED]
    assert len(house.outlet.to(MASH)) == 1
    assert house.app.store.log_store.pending(1) == []
    assert check_head(house.app.store.log_store, house.app.identity) is not None


def test_two_processes_that_meet_one_new_child_make_one_child(house: House, neighbour: House) -> None:
    names = [house.accept(form("early-help-consent", f"PG-{number}", consent_agencies=AGREED)) for number in (1, 2)]
    first, second = house.leased_messages()

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(house.app.process.work, first), pool.submit(neighbour.app.process.work, second)]
    fates = [one.result() for one in done]

    assert fates == [None, None]
    assert len(subjects(house, *names)) == 1


def test_one_of_two_processes_sequences(house: House, neighbour: House) -> None:
    house.app.sequencer.give_places()
    house.accept(form("early-help-consent", "PG-1", consent_agencies=AGREED))

    assert neighbour.app.sequencer.give_places() == 0
    assert house.app.sequencer.give_places() > 0


def test_a_withdrawal_told_to_one_process_stops_the_hand_over_of_the_other(house: House, neighbour: House) -> None:
    name = house.accept(form("early-help-consent", "PG-1", consent_agencies=AGREED))
    house.work()
    house.decide("PG-1")
    house._work_messages()
    leased = house.leased()
    (child,) = subjects(house, name)

    neighbour.app.facts.withdraw_consent(child, actor="coordinator")
    sent = len(house.outlet.sent)
    disclosed = [one for one in leased if one.mode == "DISCLOSE" and one.purpose == "REQUEST_EH"]
    [house.app.deliver.attempt(one) for one in disclosed]

    assert len(disclosed) == 1
    assert len(house.outlet.sent) == sent
