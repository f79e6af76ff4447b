"""What of work that ends the process, so that nobody is left to say that it failed?"""

from typing import Any

import pytest

from gateway.app.operations.story import story_of
from gateway.errors import PartnerUnavailableError, StoreUnavailableError
from gateway.flows.delivering.dead_letters import DeadLetters
from gateway.flows.receiving import process
from gateway.flows.store.rows import TOGETHER, State
from tests.acceptance.forms import LEVEL_4, form
from tests.integration.flows.house import MASH, SCHOOL, House, sims

LIMIT = 4
LIVES = LIMIT + 1
"""So often the process is started: after the last start the killer is known."""


class KilledError(BaseException):
    """The process is gone: nothing of ours gets to see this."""


def live(house: House) -> None:
    """Work as one process does, until nothing is due or it is killed; then let its leases run out."""
    try:
        while messages := house.leased_messages():
            house.app.process.work_all(messages)
        while deliveries := house.leased():
            for delivery in deliveries:
                house.app.deliver.attempt(delivery)
    except KilledError:
        house.clock.move(minutes=2)


def plant(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, kills: Any) -> None:
    """Let what *owner* does under *name* end the process whenever *kills* says so of its arguments."""
    does = getattr(owner, name)

    def deadly(*args: Any, **named: Any) -> Any:
        if kills(*args):
            raise KilledError
        return does(*args, **named)

    monkeypatch.setattr(type(owner), name, lambda _self, *args, **named: deadly(*args, **named))


def states(house: House) -> list[State]:
    found = house.app.store.read(lambda uow: uow.messages.find())
    return [message.state for message in sorted(found, key=lambda one: one.message_id)]


def plant_form(house: House, monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
    def kills(_name: str, _kind: str, source: Any) -> bool:
        return reference in str(source)

    plant(monkeypatch, house.app.process._normalizer, "normalize", kills)


@pytest.mark.parametrize("killer", [0, 2, 4], ids=["the first", "one in the middle", "the last"])
def test_a_form_that_ends_the_process_is_set_aside_and_its_neighbours_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch, killer: int
) -> None:
    plant_form(house, monkeypatch, f"FORM-{killer}")
    messages = [house.accept(form("single-child", f"FORM-{number}")) for number in range(5)]

    for _ in range(LIVES):
        live(house)

    expected = [State.ORDERED] * 5
    expected[killer] = State.DEAD_LETTER
    assert states(house) == expected
    assert house.message(messages[killer]).reason == "ends-the-process"
    assert [task.subject_id for task in house.reviews("H-CORRECT:ends-the-process")] == [messages[killer]]
    assert len(house.outlet.to(MASH)) == 4


def test_while_the_killer_kills_its_neighbours_are_counted_no_further_than_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_form(house, monkeypatch, "FORM-0")
    messages = [house.accept(form("single-child", f"FORM-{number}")) for number in range(3)]

    for _ in range(LIMIT):
        live(house)

    assert [house.message(name).lost for name in messages] == [LIMIT + 1, TOGETHER, TOGETHER]


def test_a_delivery_that_ends_the_process_is_set_aside_and_its_neighbours_arrive(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, house.app.deliver, "_translate", lambda due, _cleared: due.tree["reference"] == "FORM-1")
    for number in range(3):
        other = {"child_name": f"Nr{number} Unreal", "child_dob": f"0{number + 1}/02/2012"}
        house.accept(form("single-child", f"FORM-{number}", **other))

    for _ in range(LIVES):
        live(house)

    assert [(one.state, one.reason) for one in house.deliveries(MASH)] == [
        (State.ACKNOWLEDGED, "P-CONVEY"),
        (State.DEAD_LETTER, "ends-the-process"),
        (State.ACKNOWLEDGED, "P-CONVEY"),
    ]
    assert [task.kind for task in house.reviews("H-NOT-DELIVERED")].count("undelivered") == 1


def test_a_report_that_goes_on_a_little_in_each_life_is_never_set_aside(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file in the hands of a process that is ended again and again is no killer: it gets on."""
    object.__setattr__(house.app.desk.settings, "records_a_transaction", 1)
    lives = iter([False, True, False, True, False, True, False, False, False, False, False])
    plant(monkeypatch, house.app.process._normalizer, "normalize", lambda *_: next(lives))
    message = house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, form="sims/superstar-1")

    for _ in range(4):
        live(house)

    assert house.message(message).state is State.ORDERED
    assert len(house.app.store.read(lambda uow: uow.records.of_message(message))) == 3


def test_what_was_given_back_unworked_does_not_count(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that fails for a while makes a message wait; those behind it were leased and never touched."""

    def failing(*_: Any, **__: Any) -> None:
        raise StoreUnavailableError("no room")

    messages = [house.accept(form("single-child", f"FORM-{number}")) for number in range(2)]
    for way in ("open_original", "sources_of"):
        monkeypatch.setattr(process, way, failing)

    for _ in range(LIVES):
        house.app.process.work_all(house.leased_messages())
        house.clock.move(hours=1)

    assert [(house.message(name).lost, house.message(name).attempt) for name in messages] == [(0, LIVES), (0, 0)]


def test_a_replayed_killer_is_tried_again_and_set_aside_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    plant_form(house, monkeypatch, "FORM-0")
    message = house.accept(form("single-child", "FORM-0"))
    for _ in range(LIVES):
        live(house)

    DeadLetters(house.app.desk).replay(message, actor="usr_1")
    assert house.message(message).lost == 0
    for _ in range(LIVES):
        live(house)

    assert house.message(message).state is State.DEAD_LETTER


def story(house: House) -> str:
    (message,) = house.app.store.read(lambda uow: [one for one in uow.messages.find() if one.channel == "http"])
    steps = house.app.store.read(lambda uow: list(story_of(house.app.desk, uow, message)))
    return "\n".join(str(step["text"]) for step in steps)


def fail_unrecorded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a send fail, and then the store that should keep that it did; then let the lease run out."""
    house.outlet.fails.append(PartnerUnavailableError("no answer", code="timeout"))
    with monkeypatch.context() as broken:
        broken.setattr(type(house.app.deliver), "_store_failure", _no_store)
        with pytest.raises(StoreUnavailableError):
            house.work()
    house.clock.move(minutes=2)


def _no_store(*_: Any) -> None:
    raise StoreUnavailableError("the disk failed")


def test_a_failure_nobody_could_store_is_told_before_there_is_another_try(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.accept(form("single-child", "UNTOLD1"))
    fail_unrecorded(house, monkeypatch)

    house.work()

    assert [(one.state, one.attempt) for one in house.deliveries(MASH)] == [(State.ACKNOWLEDGED, 2)]
    told = story(house)
    unknown = told.index("Try 1 to reach Example MASH of Barnet failed: nobody knows what became of the try before")
    assert unknown < told.rindex("Being sent to")


def test_failures_nobody_could_store_count_as_tries(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    object.__setattr__(house.app.desk.settings, "attempts_limit", 2)
    house.accept(form("single-child", "UNTOLD2", perceived_level=LEVEL_4))
    fail_unrecorded(house, monkeypatch)
    fail_unrecorded(house, monkeypatch)

    house.work()

    assert [(one.state, one.reason) for one in house.deliveries(MASH)] == [(State.DEAD_LETTER, "outcome-unknown")]
    assert [task.kind for task in house.reviews("H-NOT-DELIVERED")].count("undelivered") == 1
    assert len(house.outlet.sent) == 2
