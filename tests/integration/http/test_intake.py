import asyncio
import hashlib
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.errors import (
    BusyError,
    ConflictError,
    GatewayError,
    IntegrityError,
    MalformedMessageError,
    Place,
    SchemaViolationError,
    StoreFullError,
    StoreUnavailableError,
    TooLargeError,
    UnsupportedFormatError,
)
from gateway.flows.receiving.envelope import Accepted
from gateway.flows.store.rows import Lane
from gateway.model.identifiers import MessageId
from tests.integration.http.house import (
    PORTAL,
    SCHOOL,
    SECRET,
    HoldingReceiver,
    House,
    an_organisation,
    change,
    opened_house,
)

REFERRAL = "/v1/intake/mash/flat-1"
BODY = b'{"first_name":"Testina"}'
_OFFER = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA")
"""What Java's own client says in its first request without TLS."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened_house(tmp_path_factory.mktemp("house"), body_limit_bytes=200_000, body_seconds=0.5) as house:
        yield house


@pytest.fixture
def house(shared: House) -> House:
    shared.receive.__init__()  # type: ignore[misc]  # as good as new for each test
    return shared


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("/docs#problem-")
    return problem


def test_an_accepted_document_gets_its_receipt(house: House) -> None:
    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    assert answer.status_code == 202
    assert answer.json() == {"message_id": "msg_00000000000000000000000001", "receipt": "signed"}
    assert answer.headers["location"] == "/v1/messages/msg_00000000000000000000000001"
    assert answer.headers["cache-control"] == "no-store"


def test_the_document_goes_in_byte_for_byte_with_what_came_beside_it(house: House) -> None:
    headers = house.headers(**{"Idempotency-Key": "FORM-1", "Content-Type": "application/json; charset=utf-8"})

    house.client.post(REFERRAL, content=BODY, headers=headers)

    incoming = house.receive.held[0]
    assert incoming.body == BODY
    assert incoming.organisation == "school-example"
    assert incoming.format.name == "mash/flat-1"
    assert incoming.content_type == "application/json; charset=utf-8"
    assert incoming.idempotency_key == "FORM-1"
    assert incoming.channel == "http"
    assert incoming.file_name is None


def test_a_body_in_chunks_is_put_together(house: House) -> None:
    answer = house.client.post(REFERRAL, content=iter([b"{", b'"a":', b"1}"]), headers=house.headers())

    assert answer.status_code == 202
    assert house.receive.held[0].body == b'{"a":1}'


def test_a_long_body_is_checked_off_the_event_loop(house: House) -> None:
    long = b" " * 150_000 + BODY

    answer = house.client.post(REFERRAL, content=long, headers=house.headers())

    assert answer.status_code == 202
    assert house.receive.held[0].body == long


def test_the_sender_hears_nothing_before_the_document_is_durable(house: House) -> None:
    durable: Future[Accepted] = Future()
    house.receive.answers = [durable]

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(house.client.post, REFERRAL, content=BODY, headers=house.headers())
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        durable.set_result(Accepted(message_id=MessageId("msg_1"), receipt="signed", repeated=True))

    assert waiting.result().json()["message_id"] == "msg_1"


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("Basic c2Nob29sOnNlY3JldA==", id="basic"),
        pytest.param(f"Bearer {SCHOOL}", id="no secret"),
        pytest.param(f"Bearer {SCHOOL}.{'x' * 43}", id="another secret"),
        pytest.param(f"Bearer {SCHOOL[:-1]}9.{SECRET}", id="unknown credential"),
        pytest.param(f"Bearer {SCHOOL}.{SECRET}x", id="too long"),
        pytest.param(f"Bearer {SCHOOL}.{SECRET}, Bearer {SCHOOL}.{SECRET}", id="twice"),
        pytest.param(f"Bearer crd_' OR 1=1.{SECRET}", id="SQL"),
    ],
)
def test_who_has_not_shown_who_they_are_is_turned_away(house: House, authorization: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})

    answer = house.client.post(REFERRAL, content=BODY, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert problem_of(answer)["code"] == "unauthenticated"
    assert house.receive.held == []


def test_two_authorization_headers_are_none(house: House) -> None:
    shown = ("Authorization", f"Bearer {SCHOOL}.{SECRET}")

    answer = house.client.post(REFERRAL, content=BODY, headers=[shown, shown])

    assert answer.status_code == 401


def test_a_disabled_credential_lets_nobody_in_from_the_next_request_on(house: House) -> None:
    before = house.client.post(REFERRAL, content=BODY, headers=house.headers())
    change(house.store, SCHOOL, is_enabled=False)

    after = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    change(house.store, SCHOOL, is_enabled=True)
    assert (before.status_code, after.status_code) == (202, 401)


def test_a_new_secret_takes_the_place_of_the_old_one_from_the_next_request_on(house: House) -> None:
    house.client.post(REFERRAL, content=BODY, headers=house.headers())
    change(house.store, SCHOOL, secret_sha256="0" * 64)

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    change(house.store, SCHOOL, secret_sha256=hashlib.sha256(SECRET.encode()).hexdigest())
    assert answer.status_code == 401


def test_a_scope_that_was_taken_away_is_gone_from_the_next_request_on(house: House) -> None:
    house.client.post(REFERRAL, content=BODY, headers=house.headers())
    change(house.store, SCHOOL, scopes=("sims/superstar",))

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    change(house.store, SCHOOL, scopes=("sims/superstar", "mash/flat"))
    assert answer.status_code == 403


def test_a_disabled_organisation_is_let_in_by_none_of_its_credentials(house: House) -> None:
    school = an_organisation("school-example")
    house.store.write(lambda uow: uow.directory.put_organisation(replace(school, is_enabled=False)))

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    house.store.write(lambda uow: uow.directory.put_organisation(school))
    assert answer.status_code == 401


def test_a_credential_sends_only_what_its_scopes_name(house: House) -> None:
    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers(PORTAL))

    assert answer.status_code == 403
    assert problem_of(answer)["code"] == "scope"
    assert house.receive.held == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/intake/mash/unknown-1",
        "/v1/intake/mash/flat-99",
        "/v1/intake/nobody/flat-1",
        "/v1/intake/mash/feedback-1",
        "/v1/intake/mash/..%2Fflat-1",
        "/v1/intake/mash/%00",
        "/v1/intake/Testina/Exampleton",
    ],
)
def test_what_nobody_here_reads_is_not_found(house: House, path: str) -> None:
    answer = house.client.post(path, content=BODY, headers=house.headers())

    assert answer.status_code == 404
    assert "Exampleton" not in answer.text
    assert problem_of(answer)["code"] in {"unknown-format", "not-found"}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_way_in_takes_post_only(house: House, method: str) -> None:
    answer = house.client.request(method, REFERRAL, headers=house.headers())

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert problem_of(answer)["code"] == "method-not-allowed"


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"x" * 201, id="too long"),
        pytest.param(b"a b", id="a blank"),
        pytest.param(b"caf\xc3\xa9", id="not ASCII"),
    ],
)
def test_an_idempotency_key_is_visible_ascii(house: House, key: bytes) -> None:
    headers = [(name.encode(), value.encode()) for name, value in house.headers().items()]

    answer = house.client.post(REFERRAL, content=BODY, headers=[*headers, (b"Idempotency-Key", key)])

    assert answer.status_code == 400
    assert problem_of(answer)["code"] == "idempotency-key"


def test_two_idempotency_keys_are_refused(house: House) -> None:
    headers = [*house.headers().items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]

    answer = house.client.post(REFERRAL, content=BODY, headers=headers)

    assert answer.status_code == 400


def test_a_packed_body_is_not_unpacked(house: House) -> None:
    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers(**{"Content-Encoding": "gzip"}))

    assert answer.status_code == 415
    assert problem_of(answer)["code"] == "content-encoding"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (MalformedMessageError("cut off", place=Place(line=7)), 400, "malformed"),
        (MalformedMessageError("UTF-7", code="encoding"), 400, "encoding"),
        (TooLargeError("101 levels"), 413, "too-large"),
        (UnsupportedFormatError("text/plain", code="unsupported-media-type"), 415, "unsupported-media-type"),
        (SchemaViolationError("no name", place=Place(path="answers[3]", row=2)), 422, "schema"),
        (ConflictError("another body", code="idempotency-conflict"), 409, "idempotency-conflict"),
        (StoreFullError("no space"), 503, "store-full"),
        (StoreUnavailableError("slow disk", code="store-busy"), 503, "store-busy"),
        (BusyError("later", retry_after_seconds=7), 503, "busy"),
    ],
)
@pytest.mark.parametrize("when", ["at once", "later"])
def test_an_error_of_ours_is_a_problem_with_its_reason(
    house: House, error: GatewayError, status: int, code: str, when: str
) -> None:
    failed: Future[Accepted] = Future()
    failed.set_exception(error)
    house.receive.raises = error if when == "at once" else None
    house.receive.answers = [failed]

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    problem = problem_of(answer)
    assert answer.status_code == status
    assert problem["code"] == code
    assert problem["detail"] == error.message
    assert {key: problem.get(key) for key in error.place.as_json()} == error.place.as_json()


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (StoreFullError("x"), "2"),
        (BusyError("x", retry_after_seconds=7.2), "8"),
        (BusyError("x", code="your-share"), "2"),
    ],
)
def test_who_may_come_back_is_told_when(house: House, error: GatewayError, seconds: str) -> None:
    house.receive.raises = error

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    assert answer.status_code in {429, 503}
    assert answer.headers["retry-after"] == seconds


def test_of_a_broken_promise_nothing_is_told(house: House) -> None:
    house.receive.raises = IntegrityError("Testina", expected="Exampleton", found="Testina")

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    assert answer.status_code == 503
    assert "Testina" not in answer.text
    assert "Exampleton" not in answer.text


def test_of_a_bug_nothing_is_told(house: House) -> None:
    house.receive.raises = KeyError("Testina Exampleton")

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    assert answer.status_code == 500
    assert problem_of(answer) == {
        "type": "/docs#problem-internal",
        "title": "The gateway made a mistake; nothing was accepted",
        "status": 500,
        "code": "internal",
    }


@pytest.mark.parametrize("length", [200_001, 10**15])
def test_a_body_said_to_be_too_long_is_refused_before_it_is_read(house: House, length: int) -> None:
    head = _head(house, f"Content-Length: {length}", "Expect: 100-continue")

    answer = _raw(house, head)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer
    assert house.receive.held == []


def test_a_client_that_offers_another_protocol_is_answered_in_ours_and_its_body_is_read(house: House) -> None:
    length = f"Content-Length: {len(BODY)}"

    answer = _raw(house, _head(house, *_OFFER, length) + BODY + _head(house, "Connection: close", length) + BODY)

    assert answer.count(b"HTTP/1.1 202 ") == 2
    assert [incoming.body for incoming in house.receive.held] == [BODY, BODY]


def test_so_it_is_when_the_body_comes_in_chunks_after_its_head(house: House) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (BODY[:9], BODY[9:])) + b"0\r\n\r\n"

    with socket.create_connection(_address(house), timeout=5) as connection:
        connection.sendall(_head(house, *_OFFER, "Transfer-Encoding: chunked"))
        time.sleep(0.1)
        connection.sendall(chunks)
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert [incoming.body for incoming in house.receive.held] == [BODY]


def test_a_client_that_wants_a_tunnel_gets_none(house: House) -> None:
    answer = _raw(house, b"CONNECT partner.example:443 HTTP/1.1\r\nHost: partner.example\r\n\r\n\x16\x03\x01")

    assert answer.startswith(b"HTTP/1.1 4")
    assert house.receive.held == []


def test_a_body_that_turns_out_too_long_is_refused_and_the_sender_can_read_why(house: House) -> None:
    answer = house.client.post(REFERRAL, content=iter([b"x" * 50_000] * 7), headers=house.headers())

    assert answer.status_code == 413
    assert problem_of(answer)["code"] == "too-large"
    assert house.receive.held == []


def test_a_body_of_exactly_the_limit_is_taken(house: House) -> None:
    answer = house.client.post(REFERRAL, content=b"x" * 200_000, headers=house.headers())

    assert answer.status_code == 202


def test_a_sender_who_stops_in_the_middle_is_told_so(house: House) -> None:
    answer = _raw(house, _head(house, "Content-Length: 100") + b'{"first_name":')

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert house.receive.held == []


def test_a_sender_who_goes_away_in_the_middle_leaves_nothing(house: House) -> None:
    with socket.create_connection(_address(house)) as connection:
        connection.sendall(_head(house, "Content-Length: 100") + b'{"first_name":')

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    assert answer.status_code == 202
    assert [incoming.body for incoming in house.receive.held] == [BODY]


def test_nothing_is_taken_in_before_everything_runs(house: House) -> None:
    house.readiness.close()

    answer = house.client.post(REFERRAL, content=BODY, headers=house.headers())

    house.readiness.open()
    assert answer.status_code == 503
    assert problem_of(answer)["code"] == "not-ready"
    assert "retry-after" in answer.headers


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(b"\x00\x01\x02\r\n\r\n", 400, id="not HTTP"),
        pytest.param(b"GET /%zz HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n", 400, id="two lengths in one"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, id="two lengths"),
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, id="length and chunks"
        ),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 101 + b"\r\n", 431, id="too many headers"),
        pytest.param(b"GET / HTTP/1.1\r\nX-A: " + b"a" * 40_000 + b"\r\n\r\n", 431, id="a header too long"),
        pytest.param(b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n", 431, id="an address too long"),
    ],
)
def test_what_is_no_sound_request_is_a_problem_too(house: House, request_bytes: bytes, status: int) -> None:
    answer = _raw(house, request_bytes)

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == status


def _address(house: House) -> tuple[str, int]:
    url = house.client.base_url
    return url.host, url.port or 0


def _head(house: House, *more: str) -> bytes:
    lines = [f"POST {REFERRAL} HTTP/1.1", "Host: x", *(f"{k}: {v}" for k, v in house.headers().items()), *more, "", ""]
    return "\r\n".join(lines).encode()


def _raw(house: House, sent: bytes) -> bytes:
    """Return everything the server says to these bytes until it closes, or two seconds."""
    answer = b""
    with socket.create_connection(_address(house), timeout=2) as connection:
        connection.sendall(sent)
        while piece := connection.recv(65536):
            answer += piece
    return answer


async def _crowd(house: House, *, size: int, path: str, credential: str) -> list[int]:
    async with httpx.AsyncClient(base_url=house.client.base_url, trust_env=False, timeout=5) as client:
        asked = [client.post(path, content=BODY, headers=house.headers(credential)) for _ in range(size)]
        return [answer.status_code for answer in await asyncio.gather(*asked)]


class _Slow(HoldingReceiver):
    """Hands out promises that are kept only when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.promises: list[Future[Accepted]] = []

    def submit(self, incoming: Any, admit: Any = None) -> Future[Accepted]:
        admit(self.reads)
        self.held.append(incoming)
        self.promises.append(Future())
        return self.promises[-1]

    def keep(self) -> None:
        _ = [
            one.set_result(Accepted(message_id=MessageId("msg_1"), receipt="r", repeated=False))
            for one in self.promises
        ]


@pytest.fixture
def small_house(tmp_path: Path) -> Iterator[House]:
    with opened_house(
        tmp_path, intake_waiting_limit=6, intake_reserved=2, intake_share_limit=3, intake_memory_bytes=100_000
    ) as house:
        house.receive = _Slow()
        yield house


def _statuses(house: House, *, size: int, path: str, credential: str) -> list[int]:
    """Send *size* documents at once, and keep every promise when the first refusal is in."""

    async def run() -> list[int]:
        crowd = asyncio.create_task(_crowd(house, size=size, path=path, credential=credential))
        await asyncio.sleep(0.5)
        house.receive.keep()  # type: ignore[attr-defined]
        return await crowd

    return sorted(asyncio.run(run()))


def test_one_organisation_gets_no_more_than_its_share(small_house: House) -> None:
    statuses = _statuses(small_house, size=5, path=REFERRAL, credential=SCHOOL)

    assert statuses == [202, 202, 202, 429, 429]


@pytest.fixture
def crowded_house(tmp_path: Path) -> Iterator[House]:
    with opened_house(tmp_path, intake_waiting_limit=5, intake_reserved=4, intake_share_limit=3) as house:
        house.receive = _Slow()
        house.receive.reads = Lane.URGENT
        yield house


def test_in_a_house_full_of_reports_there_is_still_room_for_referrals(crowded_house: House) -> None:
    async def run() -> tuple[list[int], list[int]]:
        reports = asyncio.create_task(
            _crowd(crowded_house, size=2, path="/v1/intake/sims/superstar-1", credential=SCHOOL)
        )
        await asyncio.sleep(0.3)
        referrals = asyncio.create_task(_crowd(crowded_house, size=2, path=REFERRAL, credential=SCHOOL))
        await asyncio.sleep(0.3)
        crowded_house.receive.keep()  # type: ignore[attr-defined]
        return sorted(await reports), await referrals

    assert asyncio.run(run()) == ([202, 503], [202, 202])


def test_a_place_is_free_again_when_its_document_is_durable(small_house: House) -> None:
    first = _statuses(small_house, size=3, path=REFERRAL, credential=SCHOOL)
    small_house.receive = _Slow()

    second = _statuses(small_house, size=3, path=REFERRAL, credential=SCHOOL)

    assert first == second == [202, 202, 202]


def test_documents_that_need_too_much_memory_together_are_asked_to_come_back(small_house: House) -> None:
    answer = small_house.client.post(REFERRAL, content=b"x" * 100_001, headers=small_house.headers())

    assert answer.status_code == 503
    assert problem_of(answer)["code"] == "busy"
