"""Whoever may not know a secret sees the same bytes, sizes, answers, in the same order, whatever the secret is."""

import os
from collections.abc import Iterator

import pytest

from tests.interference.campaign import Outcome, play
from tests.interference.house import KNOWS, House
from tests.interference.kinds import KINDS
from tests.interference.leaks import LEAKS, Leak, hunt
from tests.interference.traffic import Player, pair_of
from tests.simulation.house import quiet

FIRST = int(os.environ.get("INTERFERENCE_SEED", "1"))
SAMPLE, SHARDS, SHARD = 48, 10, 1_000
pytestmark = pytest.mark.timeout(300)  # seconds, where nobody else is at work; two cores may be shared by many


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """One gateway for all pairs: it is put back before each world."""
    with quiet():
        built = House()
    yield built
    built.close()


@pytest.fixture
def gateway(house: House) -> Iterator[House]:
    """The same, its log silent for one test."""
    with quiet():
        yield house


@pytest.fixture(scope="session")
def sample(house: House) -> Outcome:
    """What a first few pairs came to."""
    with quiet():
        return play(house, range(FIRST, FIRST + SAMPLE))


def test_two_worlds_that_differ_in_a_secret_look_the_same(sample: Outcome) -> None:
    assert sample.differences == []


def test_the_worlds_do_differ_for_whoever_may_know(sample: Outcome) -> None:
    """Else nothing would have been compared: in most pairs the MASH sees the secret."""
    assert set(sample.told) == {kind.name for kind in KINDS}
    assert sum(sample.told.values()) > SAMPLE // 2


def test_everybody_who_may_not_know_sees_something(gateway: House) -> None:
    """Every format that leaves, every kind of answer, and the reports beside a dropped file."""
    plays = [Player(gateway, pair_of(seed).world(0)).play() for seed in range(FIRST, FIRST + SAMPLE)]
    seen = {(one.who, *one.what[:5]) for play in plays for one in play if one.who not in KNOWS}

    assert {told[3] for told in seen if told[1] == "sent"} == {
        *("ecaf/episode-1", "ecaf/history-1", "ecaf/xml-1", "ecaf/notice-1", "ecaf/correction-1"),
        *("mash/feedback-1", "mash/referral-1", "mash/referral-store-1", "mash/request-1"),
    }
    assert {told[4] for told in seen if told[1] == "answer"} >= {"200", "202", "400", "403", "404", "409"}
    assert {told[3] for told in seen if told[1] == "report"} >= {"pupils.csv.accepted.json", "pupils.csv.records.json"}


def test_no_word_of_a_secret_is_in_anything_that_whoever_may_not_know_sees(gateway: House) -> None:
    plays = [Player(gateway, pair_of(seed, kind).world(1)).play() for seed in range(4) for kind in ("refuge", "birth")]
    words = [(one.who in KNOWS, b"hid" in one.body) for play in plays for one in play]

    assert (False, True) not in words
    assert (True, True) in words


def test_a_world_comes_again(gateway: House) -> None:
    plays = [Player(gateway, pair_of(FIRST).world(0)).play() for _ in range(2)]

    assert [(one.who, one.what, one.body) for one in plays[0]] == [(one.who, one.what, one.body) for one in plays[1]]


_QUICK = {
    *("length", "list of what is withheld", "a place that is not marked", "an informant who is not marked"),
    *("the header of what is withheld", "a note beside who told"),
}


@pytest.mark.parametrize("leak", [leak for leak in LEAKS if leak.name in _QUICK], ids=lambda leak: leak.name)
def test_a_planted_leak_is_found(gateway: House, leak: Leak) -> None:
    found = hunt(gateway, leak)

    assert found is not None
    assert leak.shows in (found.told.difference or "")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_every_planted_leak_is_found(gateway: House, leak: Leak) -> None:
    found = hunt(gateway, leak)

    assert found is not None, f"{leak.name} was not found in {leak.within} pairs"
    assert leak.shows in (found.told.difference or "")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_ten_thousand_pairs_of_worlds_look_the_same(gateway: House, shard: int) -> None:
    first = FIRST + shard * SHARD

    outcome = play(gateway, range(first, first + SHARD))

    print(outcome)
    assert outcome.differences == []
    assert sum(outcome.told.values()) > SHARD // 2
