"""Who is this?"""

import base64
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from gateway.app.operations.caller import Door
from gateway.app.operations.sign_in_brake import FREE_TRIES
from gateway.errors import BusyError, UnauthenticatedError
from tests.unit.operations.house import PASSWORD, House

WRONG = "not the right password"


def test_who_signs_in_is_known_by_the_token_again(house: House) -> None:
    house.add_administrator()
    sessions = house.sessions()

    session = sessions.sign_in("a.administrator", PASSWORD, door=Door.CONSOLE)

    assert sessions.open(session.token, door=Door.CONSOLE) == session
    assert session.caller.name == "Ada Administrator"
    assert house.events()[-1] == "user.signed_in"


@pytest.mark.parametrize(
    ("user", "password"),
    [pytest.param("a.administrator", WRONG, id="another password"), pytest.param("nobody", PASSWORD, id="no account")],
)
def test_a_wrong_sign_in_does_not_tell_what_was_wrong(house: House, user: str, password: str) -> None:
    house.add_administrator()

    with pytest.raises(UnauthenticatedError) as refused:
        house.sessions().sign_in(user, password, door=Door.API)

    assert refused.value.message == "account name or password is not right"
    assert house.events()[-1] == "user.refused"


def test_guessing_gets_slower_and_slower(house: House) -> None:
    house.add_administrator()
    sessions = house.sessions()
    _guess(sessions.sign_in, FREE_TRIES)

    with pytest.raises(BusyError) as held:
        sessions.sign_in("a.administrator", PASSWORD, door=Door.API)

    assert held.value.code == "too-many-attempts"
    assert held.value.retry_after_seconds == 2
    house.clock.move(seconds=2)
    assert sessions.sign_in("a.administrator", PASSWORD, door=Door.API)


def test_guesses_made_all_at_once_get_past_the_brake_no_more_than_one_after_the_other(house: House) -> None:
    house.add_administrator()
    sessions, guesses = house.sessions(), FREE_TRIES * 3
    together = Barrier(guesses)

    def guess(_number: int) -> type[Exception]:
        together.wait()
        with pytest.raises((UnauthenticatedError, BusyError)) as refused:
            sessions.sign_in("a.administrator", WRONG, door=Door.API)
        return refused.type

    with ThreadPoolExecutor(guesses) as pool:
        answers = Counter(pool.map(guess, range(guesses)))

    assert answers == {UnauthenticatedError: FREE_TRIES, BusyError: guesses - FREE_TRIES}


def _guess(sign_in: object, times: int) -> None:
    assert callable(sign_in)
    for _ in range(times):
        with pytest.raises(UnauthenticatedError):
            sign_in("a.administrator", WRONG, door=Door.API)


def test_a_session_ends_by_itself(house: House) -> None:
    house.add_administrator()
    sessions = house.sessions()
    token = sessions.sign_in("a.administrator", PASSWORD, door=Door.API).token

    house.clock.move(seconds=3599)
    sessions.open(token, door=Door.API)
    house.clock.move(seconds=1)

    with pytest.raises(UnauthenticatedError):
        sessions.open(token, door=Door.API)


def test_signing_out_ends_the_session_at_every_door(house: House) -> None:
    house.add_administrator()
    sessions = house.sessions()
    session = sessions.sign_in("a.administrator", PASSWORD, door=Door.CONSOLE)

    sessions.sign_out(session)

    with pytest.raises(UnauthenticatedError):
        sessions.open(session.token, door=Door.API)


def test_signing_out_of_one_process_ends_the_session_in_every_other(house: House) -> None:
    house.add_administrator()
    one, other = house.sessions(), house.sessions()
    session = one.sign_in("a.administrator", PASSWORD, door=Door.CONSOLE)
    assert other.open(session.token, door=Door.CONSOLE)

    other.sign_out(session)

    with pytest.raises(UnauthenticatedError):
        one.open(session.token, door=Door.CONSOLE)


def test_guesses_at_several_processes_are_counted_together(house: House) -> None:
    house.add_administrator()
    _guess(house.sessions().sign_in, FREE_TRIES - 1)
    _guess(house.sessions().sign_in, 1)

    with pytest.raises(BusyError):
        house.sessions().sign_in("a.administrator", PASSWORD, door=Door.API)


def test_a_name_that_was_tried_is_kept_blinded_and_for_a_day(house: House) -> None:
    store = house.application.store
    blinded = house.application.desk.vault.blind("sign-in", "testina").hex()
    with pytest.raises(UnauthenticatedError):
        house.sessions().sign_in("testina", WRONG, door=Door.API)
    kept = store.write(lambda uow: (uow.sign_ins.tries("testina"), uow.sign_ins.tries(blinded)))

    house.clock.move(days=1, seconds=1)
    with pytest.raises(UnauthenticatedError):
        house.sessions().sign_in("somebody", WRONG, door=Door.API)

    assert kept == (None, (1, house.clock.now() - timedelta(days=1, seconds=1)))
    assert store.write(lambda uow: uow.sign_ins.tries(blinded)) is None


def test_a_token_cannot_be_made_longer_or_somebody_elses(house: House) -> None:
    house.add_administrator()
    sessions = house.sessions()
    said, proof = sessions.sign_in("a.administrator", PASSWORD, door=Door.API).token.split(".")
    words = base64.urlsafe_b64decode(said + "==").decode().split("\n")
    words[2] = str(int(words[2]) + 3600)
    longer = base64.urlsafe_b64encode("\n".join(words).encode()).decode().rstrip("=")

    with pytest.raises(UnauthenticatedError):
        sessions.open(f"{longer}.{proof}", door=Door.API)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("abc", id="no proof"),
        pytest.param("YQ.YQ", id="too few parts"),
        pytest.param("\u00e9.x", id="no ASCII"),
        pytest.param("YQpiCmMKZA.YQ", id="no times"),
        pytest.param("x" * 5000, id="far too long"),
    ],
)
def test_nonsense_is_no_session(house: House, token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        house.sessions().open(token, door=Door.API)
