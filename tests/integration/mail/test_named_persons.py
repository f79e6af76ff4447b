"""Is a named person told of what is due soon or late, without content, and does nothing wait for the server?"""

import email
import json
from collections.abc import Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.engines.ports import free_port
from gateway.flows.store.call_repository import Call
from gateway.flows.store.rows import State
from tests.acceptance.forms import LEVEL_4, form
from tests.integration.flows.house import MASH, House, profile
from tests.integration.http.scripted_partner import ScriptedPartner
from tests.integration.mail.conftest import Post

PERSONS = """
[[person]]
key = "duty-manager"
roles = ["MASH_MANAGER"]
{ways}
"""
EMAIL = 'email = "duty@nowhere.example"'


@pytest.fixture
def houses() -> Iterator[list[House]]:
    """Every gateway a test builds, closed at its end."""
    built: list[House] = []
    yield built
    for house in built:
        house.app.bus.close()
        house.app.store.close()


def a_house(houses: list[House], folder: Path, ways: str, **chosen: Any) -> House:
    file = folder / "persons.toml"
    file.write_text(PERSONS.format(ways=ways))
    told = {
        "smtp_security": "none",
        "smtp_sender": "gateway@nowhere.example",
        "console_url": "https://c.example/console",
    }
    house = House.build(folder, named_persons_file=file, **{**told, **chosen})
    houses.append(house)
    return house


def ask_within_the_hour(house: House) -> None:
    """Let a child in danger be referred to a MASH whose channel is not secure: a person must see that at once."""
    house.enrol(profile("barnet-mash", secure_channel=False))
    house.accept(form("s47-unknown-child", "SOON1", perceived_level=LEVEL_4))
    house.work()


def calls(house: House) -> list[Call]:
    return list(house.app.store.read(lambda uow: uow.calls.find(limit=100)))


def test_what_is_due_within_the_hour_is_told_at_once_by_mail(
    houses: list[House], tmp_path: Path, plain_port: int, post: Post
) -> None:
    house = a_house(houses, tmp_path, EMAIL, smtp_host="127.0.0.1", smtp_port=plain_port)
    ask_within_the_hour(house)

    house.app.teller.sweep()

    ((to, text, _),) = post.letters
    (question,) = house.reviews("D-CHANNEL")
    assert to == ["duty@nowhere.example"]
    told = email.message_from_string(text, policy=policy.default).get_content()
    assert "Why: D-CHANNEL" in told
    assert f"https://c.example/console/reviews/{question.review_id}" in told
    assert "person.called" in events(house)


def test_a_mail_says_nothing_of_a_family(houses: list[House], tmp_path: Path, plain_port: int, post: Post) -> None:
    house = a_house(houses, tmp_path, EMAIL, smtp_host="127.0.0.1", smtp_port=plain_port)
    ask_within_the_hour(house)

    house.app.teller.sweep()

    (child,) = house.deliveries(MASH)[0].subjects
    assert [word for word in ("SOON1", child, "Nowhere Lane", "barnet", "child_") if word in post.letters[0][1]] == []


def test_a_question_that_waited_too_long_is_told_again(
    houses: list[House], tmp_path: Path, plain_port: int, post: Post
) -> None:
    house = a_house(houses, tmp_path, EMAIL, smtp_host="127.0.0.1", smtp_port=plain_port)
    ask_within_the_hour(house)
    house.app.teller.sweep()

    house.clock.move(hours=1)
    house.app.clocks.tick()
    house.app.teller.sweep()

    assert len(post.letters) >= 2
    assert (
        house.app.store.read(lambda uow: uow.reviews.get(house.reviews("D-CHANNEL")[0].review_id)).status == "escalated"
    )


def test_a_mail_server_that_is_down_holds_nothing_up_and_is_tried_again(
    houses: list[House], tmp_path: Path, post: Post
) -> None:
    house = a_house(houses, tmp_path, EMAIL, smtp_host="127.0.0.1", smtp_port=free_port())
    ask_within_the_hour(house)
    house.app.teller.sweep()
    (call,) = calls(house)
    assert (call.state, call.attempt, call.reason) == ("due", 1, "mail-unreachable")

    house.enrol(profile("barnet-mash"))
    house.accept(form("single-child", "GOES1"))
    house.work()

    assert house.deliveries(MASH)[-1].state is State.ACKNOWLEDGED
    assert post.letters == []
    assert call.ready_at is not None
    assert call.ready_at > house.clock.now()


def test_nobody_is_told_twice_of_the_same(houses: list[House], tmp_path: Path, plain_port: int, post: Post) -> None:
    house = a_house(houses, tmp_path, EMAIL, smtp_host="127.0.0.1", smtp_port=plain_port)
    ask_within_the_hour(house)

    house.app.teller.sweep()
    house.clock.move(minutes=5)
    house.app.teller.sweep()

    assert len(post.letters) == 1


def an_answer(status: int) -> Any:
    return lambda connection: connection.sendall(
        f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )


@pytest.fixture
def hook() -> Iterator[ScriptedPartner]:
    partner = ScriptedPartner([an_answer(503), an_answer(204)])
    yield partner
    partner.close()


def test_a_webhook_is_called_until_it_takes_it_and_told_no_more_than_a_mail(
    houses: list[House], tmp_path: Path, hook: ScriptedPartner
) -> None:
    (tmp_path / "pager.token").write_text("pager-secret")
    ways = f'webhook = "{hook.url}"\ntoken_file = "pager.token"'
    house = a_house(houses, tmp_path, ways, partner_tokens_folder=tmp_path)
    ask_within_the_hour(house)

    house.app.teller.sweep()
    assert [call.reason for call in calls(house)] == ["hook-later"]
    house.clock.move(hours=1)
    house.app.teller.sweep()

    first, second = hook.requests
    head, _, body = second.partition(b"\r\n\r\n")
    assert first.partition(b"\r\n\r\n")[2] == body
    assert b"Bearer pager-secret" in head
    assert sorted(json.loads(body)) == ["console", "due_at", "heading", "reference"]
    assert [call.state for call in calls(house)] == ["told"]


def test_whose_mail_is_refused_is_told_by_their_webhook_all_the_same(
    houses: list[House], tmp_path: Path, hook: ScriptedPartner, plain_port: int, post: Post
) -> None:
    hook.answers.pop(0)
    post.says = "550 no such box"
    ways = f'{EMAIL}\nwebhook = "{hook.url}"'
    house = a_house(houses, tmp_path, ways, smtp_host="127.0.0.1", smtp_port=plain_port)
    ask_within_the_hour(house)

    house.app.teller.sweep()

    assert len(hook.requests) == 1
    assert [call.state for call in calls(house)] == ["told"]


def events(house: House) -> list[str]:
    """Return the kind of every event in the log, in order."""
    return [str(json.loads(one.header)["kind"]) for one in house.app.store.log_store.pending(10_000)]
