"""A webhook is called in bounded time, and its status is the answer, whatever else it says or does."""

from collections.abc import Iterator

import pytest

from gateway.adapters.http.webhook import Webhook
from gateway.errors import TransientError
from tests.integration.http.scripted_partner import Answer, ScriptedPartner, drips, says_raw

HOOK = Webhook(seconds=0.4)


@pytest.fixture
def hook(answer: Answer) -> Iterator[ScriptedPartner]:
    partner = ScriptedPartner([answer])
    yield partner
    partner.close()


@pytest.mark.parametrize("answer", [drips(b"HTTP/1.1 204 Said\r\nX-Said: dripping\r\n\r\n", every_seconds=0.05)])
def test_a_hook_that_drips_is_given_up_in_time_and_holds_up_nobody_else(hook: ScriptedPartner) -> None:
    with pytest.raises(TransientError) as told:
        HOOK.call(hook.url, {"reference": "rev_1"}, key="cal_1")

    assert told.value.code == "hook-unreachable"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says_raw(b"HTTP/1.1 200 Said\r\nContent-Length: 9\r\n\r\nO"), id="cut off"),
        pytest.param(says_raw(b"HTTP/1.1 200 Said\r\nContent-Encoding: gzip\r\n\r\nno gzip"), id="rubbish"),
        pytest.param(drips(b"HTTP/1.1 200 Said\r\n\r\n" + b"x" * 100, every_seconds=0.01), id="longer than we wait"),
    ],
)
def test_a_hook_that_took_it_is_not_called_again_for_what_it_says_besides(hook: ScriptedPartner) -> None:
    HOOK.call(hook.url, {"reference": "rev_1"}, key="cal_1")

    assert len(hook.requests) == 1
