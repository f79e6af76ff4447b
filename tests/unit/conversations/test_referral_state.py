import json

import pytest

from gateway.conversations.referral_state import referral_from_json, referral_to_json
from gateway.errors import IntegrityError
from tests.unit.conversations.referral_stage import ACKNOWLEDGED, DECIDED, FED_BACK, HANDED_OVER, RECEIVED, after


def test_a_state_comes_back_as_it_was_kept() -> None:
    state = after(RECEIVED, HANDED_OVER, ACKNOWLEDGED, DECIDED, FED_BACK)

    assert referral_from_json(referral_to_json(state)) == state


def test_nothing_of_the_case_is_kept() -> None:
    assert DECIDED.reason is not None

    kept = referral_to_json(after(RECEIVED, DECIDED))

    assert DECIDED.reason not in kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("stage", "forgotten", id="no such stage"),
        pytest.param("decide_by", "soon", id="no time"),
        pytest.param("records", "rec_1", id="text for a list"),
        pytest.param("colour", "red", id="an unknown field"),
    ],
)
def test_a_state_that_was_tampered_with_halts(name: str, value: str) -> None:
    kept = json.loads(referral_to_json(after(RECEIVED)))

    with pytest.raises(IntegrityError):
        referral_from_json(json.dumps(kept | {name: value}))


def test_a_state_cut_short_halts() -> None:
    with pytest.raises(IntegrityError):
        referral_from_json(referral_to_json(after(RECEIVED))[:-5])
