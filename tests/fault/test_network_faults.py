"""Does a partner behind a bad network have each document once, and does a lie never pass for an acknowledgement?"""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.adapters.http.outlet import HttpOutlet, PartnerLimits
from gateway.app.clock import SystemClock
from gateway.errors import PartnerRefusedError, PartnerUnavailableError
from gateway.simulators.journal import Journal
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import run
from tests.fault.campaigns import SEED
from tests.fault.documents import a_referral, some_children
from tests.fault.proxy import FaultProxy, Spoiled
from tests.integration.flows.house import MASH, House
from tests.integration.http.test_outlet import a_document, a_handover

BODY = b'{"child": "Testina Exampleton", "worry": "invented"}'
WITHOUT_EFFECT = (Spoiled.RESET, Spoiled.HANG, Spoiled.STALE, Spoiled.LIE, Spoiled.GONE, Spoiled.GARBLE_REQUEST)
AND_NOT_TOLD = (Spoiled.SWALLOW, Spoiled.CUT_ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A way to a partner, and what the partner remembers."""

    outlet: HttpOutlet
    proxy: FaultProxy
    journal: Journal

    def send(self, message_id: str) -> str:
        """Send one document under that name and return the acknowledgement."""
        handover = a_handover(f"http://127.0.0.1:{self.proxy.port}/example-mash", message_id=message_id)
        return self.outlet.send(a_document(), BODY, handover)


@pytest.fixture(scope="module")
def partner() -> Iterator[tuple[Journal, int]]:
    journal = Journal()
    with run(partner_app(Partner(prefix="MASH", journal=journal))) as running:
        yield journal, running.port


@pytest.fixture
def line(partner: tuple[Journal, int], request: pytest.FixtureRequest) -> Iterator[Line]:
    journal, port = partner
    limits = PartnerLimits(connect_seconds=0.3, total_seconds=0.5)
    sound = {Spoiled.NOTHING: 1}
    with (
        FaultProxy(port, seed=f"{SEED}/{request.node.name}", faults=sound, answers=(99, 99)) as proxy,
        HttpOutlet(SystemClock(), limits=limits) as outlet,
    ):
        line = Line(outlet=outlet, proxy=proxy, journal=journal)
        line.send(f"before-{request.node.name}")
        yield line


@pytest.mark.parametrize("spoiled", WITHOUT_EFFECT, ids=lambda one: one.name)
def test_what_has_no_effect_is_not_taken_for_delivered(line: Line, spoiled: Spoiled) -> None:
    line.proxy.turn({spoiled: 1})

    with pytest.raises((PartnerUnavailableError, PartnerRefusedError)):
        line.send(f"first-{spoiled.name}")

    assert f"first-{spoiled.name}" not in line.journal.effects


@pytest.mark.parametrize("spoiled", AND_NOT_TOLD, ids=lambda one: one.name)
def test_an_effect_whose_answer_is_lost_is_not_had_again(line: Line, spoiled: Spoiled) -> None:
    line.proxy.turn({spoiled: 1})
    with pytest.raises(PartnerUnavailableError):
        line.send(f"lost-{spoiled.name}")
    line.proxy.calm()

    reference = line.send(f"lost-{spoiled.name}")

    effect = line.journal.effects[f"lost-{spoiled.name}"]
    assert (effect["times"], effect["acknowledgement"]) == (2, reference)


@pytest.mark.parametrize("spoiled", Spoiled, ids=lambda one: one.name)
def test_whatever_happened_the_next_sound_exchange_is_about_its_own_document(line: Line, spoiled: Spoiled) -> None:
    line.proxy.turn({spoiled: 1})
    with suppress(PartnerUnavailableError, PartnerRefusedError):
        line.send(f"one-{spoiled.name}")
    line.proxy.calm()

    references = {name: line.send(f"{name}-{spoiled.name}") for name in ("one", "two")}

    told = {name: line.journal.effects[f"{name}-{spoiled.name}"]["acknowledgement"] for name in references}
    assert references == told


def test_a_partner_that_only_hangs_leaves_an_urgent_referral_with_a_person_within_the_hour(tmp_path: Path) -> None:
    house = House.build(tmp_path)
    house.outlet.fails = [PartnerUnavailableError("hangs", code="timeout") for _ in range(1000)]
    began = house.clock.now()
    child = some_children(random.Random(SEED), 1)  # noqa: S311 - it only has to be the same again
    house.accept(a_referral("R1", child, is_urgent=True))

    _ = [(house.clock.move(minutes=1), house.work(), house.app.clocks.tick()) for _ in range(45)]

    asked = [task.opened_at for task in house.app.store.read(lambda uow: uow.reviews.find(status="open"))]
    assert [delivery.state.value for delivery in house.deliveries(MASH)] == ["ordered"]
    assert asked
    assert min(asked) - began <= timedelta(hours=1)
