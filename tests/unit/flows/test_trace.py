import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flows.trace import read_trace_id, traceparent

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
WRITTEN = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_a_sound_header_tells_its_trace() -> None:
    assert read_trace_id(WRITTEN) == TRACE


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(WRITTEN.upper(), id="capitals"),
        pytest.param(WRITTEN + "-more", id="more behind"),
        pytest.param(WRITTEN + "\n", id="a line end"),
        pytest.param(WRITTEN + ", " + WRITTEN, id="twice"),
        pytest.param(WRITTEN.replace("00-", "01-", 1), id="a later version"),
        pytest.param(WRITTEN.replace("00-", "ff-", 1), id="the version that is none"),
        pytest.param(f"00-{'0' * 32}-00f067aa0ba902b7-01", id="trace of noughts"),
        pytest.param(f"00-{TRACE}-{'0' * 16}-01", id="parent of noughts"),
        pytest.param(WRITTEN.replace("4bf9", "\uff14bf", 1), id="digits of another alphabet"),
        pytest.param("00-Testina Exampleton of 1 Nowhere-00f067aa0ba902b7-01", id="words"),
    ],
)
def test_anything_else_is_dropped(written: str | None) -> None:
    assert read_trace_id(written) is None


@given(st.text())
def test_whatever_is_read_is_thirty_two_digits_or_nothing(written: str) -> None:
    assert read_trace_id(written) is None


def test_what_goes_out_can_be_read_and_is_the_same_for_a_retry() -> None:
    sent = traceparent(TRACE, "dlv_1")

    assert read_trace_id(sent) == TRACE
    assert sent == traceparent(TRACE, "dlv_1") != traceparent(TRACE, "dlv_2")
    assert "00f067aa0ba902b7" not in sent
