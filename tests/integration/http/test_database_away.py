"""What do those who ask hear while the database is away, or slow, and is all well again when it is back?"""

import base64
import json
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.adapters.sql.postgres_schema import prepare_database
from gateway.app.bootstrap import assemble
from gateway.app.console.pages import ROUTES
from gateway.app.operations.catalogue import OPERATIONS
from gateway.app.operations.passwords import hash_password
from gateway.demo.engines.postgres import OWNER, PostgresServer
from gateway.flows.store.rows import User
from tests.engines.postgres import connect
from tests.fault.gateway_process import GatewayProcess
from tests.fault.installation import PORTAL, Installation, install

_FORM = Path(__file__).parents[2] / "vectors" / "examples" / "mash" / "govuk-forms-early-help-consent.json"
_METRICS, _PASSWORD = "m" * 43, "correct horse battery 9"
_ROLES = ("ADMINISTRATOR", "INTEGRATION_ENGINEER", "MASH_SCREENER", "MASH_MANAGER", "IG_OFFICER")
_SOON_SECONDS = 5.0
_BACK_SECONDS = 20.0
_INTAKE = "/v1/intake/mash/govuk-forms-1"
_PAGES = [(method, "/console" + re.sub(r"{[^}]+}", "msg_1", path)) for method, path, _ in ROUTES]
_REFUSED = (503, True, True)
"""Its status; whether it says when to come back; whether it came soon."""


@dataclass(frozen=True)
class Visitors:
    """Everybody who may ask a running gateway: an organisation, a person, the console's visitor."""

    server: PostgresServer
    base: str
    organisation: dict[str, str]
    person: dict[str, str]
    cookies: dict[str, str]
    word: str

    def ask(self, method: str, path: str, **more: object) -> tuple[httpx.Response, float]:
        began = time.monotonic()
        with httpx.Client(base_url=self.base, cookies=self.cookies, timeout=30, trust_env=False) as client:
            answer = client.request(method, path, **more)  # type: ignore[arg-type]
        return answer, time.monotonic() - began

    def ask_all(
        self, wanted: list[tuple[str, str, dict[str, object]]], headers: dict[str, str]
    ) -> dict[tuple[str, str], tuple[int, bool, bool]]:
        """Ask for all at once and return of each its status, whether it says when to come back, and came soon."""
        with ThreadPoolExecutor(10) as threads:
            came = threads.map(lambda one: self.ask(one[0], one[1], headers=headers, **one[2]), wanted)
            told = [("retry-after" in answer.headers, answer.status_code, seconds) for answer, seconds in came]
        return {
            (method, path): (status, comes_back, seconds < _SOON_SECONDS)
            for (method, path, _), (comes_back, status, seconds) in zip(wanted, told, strict=True)
        }

    def send(self, reference: str) -> httpx.Response:
        form = json.dumps(json.loads(_FORM.read_text()) | {"submission_reference": reference})
        return self.ask("POST", _INTAKE, content=form, headers=self.organisation)[0]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer.made()
    server.order(f"CREATE DATABASE gateway OWNER {OWNER}")
    prepare_database(server.dsn("gateway", OWNER), server.dsn("gateway"))
    yield server
    server.remove()


@pytest.fixture(scope="module")
def installation(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("away")
    token = folder / "metrics-token"
    token.touch(mode=0o600)
    token.write_text(_METRICS)
    installed = install(folder / "own", {}, database_url=server.dsn("gateway"), metrics_token_file=token)
    person = User(
        user_id="testina",
        name="Testina Exampleton",
        password_hash=hash_password(_PASSWORD, user_id="testina"),
        roles=_ROLES,
    )
    application = assemble(installed.settings())
    application.desk.store.write(lambda uow: uow.users.put(person))
    application.stop()
    return installed


@pytest.fixture(scope="module")
def visitors(server: PostgresServer, installation: Installation) -> Iterator[Visitors]:
    process = GatewayProcess(installation)
    process.wait_until_ready()
    base = installation.url
    who = {"user": "testina", "password": _PASSWORD}
    with httpx.Client(base_url=base, trust_env=False) as client:
        token = client.post("/v1/sessions", json=who).json()["token"]
        word = _word_of(client.get("/console/sign-in").text)
        client.post("/console/sign-in", data={**who, "word": word, "next": "/"})
        signed_in = dict(client.cookies)
    with httpx.Client(base_url=base, trust_env=False) as client:
        word = _word_of(client.get("/console/sign-in").text)
        stranger = dict(client.cookies)
    yield Visitors(
        server=server,
        base=base,
        organisation={"Authorization": f"Bearer {installation.tokens[PORTAL]}", "Content-Type": "application/json"},
        person={"Authorization": f"Bearer {token}"},
        cookies=signed_in | stranger,
        word=word,
    )
    process.terminate()


def _word_of(page: str) -> str:
    found = re.search(r'name="word" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture(scope="class")
def away(visitors: Visitors) -> Iterator[Visitors]:
    """The same while the database is killed; afterwards it is back."""
    visitors.server.stop(signal.SIGKILL)
    yield visitors
    visitors.server.start()
    until = time.monotonic() + _BACK_SECONDS
    while visitors.ask("GET", "/health/ready")[0].status_code != 200 and time.monotonic() < until:
        time.sleep(0.1)


def check_refusal(answer: httpx.Response, seconds: float) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert seconds < _SOON_SECONDS


class TestWhileItIsAway:
    def test_the_process_says_that_it_lives(self, away: Visitors) -> None:
        answer, seconds = away.ask("GET", "/health/live")

        assert (answer.status_code, seconds < 1) == (200, True)

    def test_it_says_that_it_takes_nothing_in(self, away: Visitors) -> None:
        answer, seconds = away.ask("GET", "/health/ready")

        check_refusal(answer, seconds)
        assert answer.json() == {"status": "not-ready", "reason": "store-unavailable"}

    @pytest.mark.parametrize(
        "body", [b"{}", b"{", b'{"x": "' + b"x" * 200_000 + b'"}'], ids=["small", "broken", "long"]
    )
    def test_a_document_is_refused_for_now(self, away: Visitors, body: bytes) -> None:
        answer, seconds = away.ask("POST", _INTAKE, content=body, headers=away.organisation)

        check_refusal(answer, seconds)
        assert answer.json()["code"] == "store-unavailable"

    @pytest.mark.parametrize("path", ["/v1/messages/msg_1", "/v1/audit/checkpoint", "/v1/audit/receipts/msg_1"])
    def test_an_organisation_is_told_to_come_back(self, away: Visitors, path: str) -> None:
        answer, seconds = away.ask("GET", path, headers=away.organisation)

        check_refusal(answer, seconds)

    def test_every_order_is_refused_for_now(self, away: Visitors) -> None:
        told = away.ask_all([("POST", f"/v1/control/{name}", {"json": {}}) for name in OPERATIONS], away.person)

        assert set(told.values()) == {_REFUSED}

    def test_signing_in_is_refused_for_now(self, away: Visitors) -> None:
        answer, seconds = away.ask("POST", "/v1/sessions", json={"user": "testina", "password": _PASSWORD})

        check_refusal(answer, seconds)

    def test_signing_in_at_the_console_is_refused_for_now(self, away: Visitors) -> None:
        form = {"user": "testina", "password": _PASSWORD, "word": away.word, "next": "/"}
        answer, seconds = away.ask("POST", "/console/sign-in", data=form)

        check_refusal(answer, seconds)

    def test_signing_out_is_refused_for_now(self, away: Visitors) -> None:
        answer, seconds = away.ask("POST", "/console/sign-out", data={"word": "x"})

        check_refusal(answer, seconds)

    def test_every_page_says_what_is_the_matter(self, away: Visitors) -> None:
        told = away.ask_all([(method, path, {"data": {"word": "x"}}) for method, path in _PAGES], {})

        assert set(told.values()) == {_REFUSED}

    def test_a_page_says_it_in_words(self, away: Visitors) -> None:
        assert "No connection to the database could be had in time." in away.ask("GET", "/console/")[0].text

    def test_what_is_measured_is_shown_and_says_that_the_store_cannot_be_read(self, away: Visitors) -> None:
        answer, seconds = away.ask("GET", "/metrics", headers={"Authorization": f"Bearer {_METRICS}"})

        assert (answer.status_code, seconds < _SOON_SECONDS) == (200, True)
        assert "gateway_store_readable 0.0" in answer.text

    def test_many_at_once_are_answered_soon(self, away: Visitors) -> None:
        with ThreadPoolExecutor(40) as threads:
            answers = list(threads.map(lambda number: away.send(f"MANY-{number}"), range(80)))

        assert {answer.status_code for answer in answers} == {503}


class TestWhenItIsBack:
    def test_documents_are_taken_in_without_a_restart(self, visitors: Visitors) -> None:
        assert visitors.send("AFTERWARDS").status_code == 202

    def test_pages_are_shown_to_whoever_was_signed_in(self, visitors: Visitors) -> None:
        assert visitors.ask("GET", "/console/")[0].status_code == 200

    def test_while_one_question_to_it_hangs_others_are_answered(self, visitors: Visitors) -> None:
        with ThreadPoolExecutor(2) as threads, connect(visitors.server, "gateway", OWNER) as blocking:
            blocking.autocommit = False
            blocking.execute("LOCK TABLE epoch, credential IN ACCESS EXCLUSIVE MODE")
            time.sleep(1.1)  # by now nothing that was known of the directory is fresh
            waiting = [threads.submit(visitors.send, f"WAITS-{number}") for number in range(2)]
            time.sleep(0.2)
            answer, seconds = visitors.ask("GET", "/health/live")
            are_waiting = [one.running() for one in waiting]
            blocking.rollback()
            came = [one.result().status_code for one in waiting]

        assert (answer.status_code, seconds < 1, are_waiting) == (200, True, [True, True])
        assert came == [202, 202]


_NO_TEXT = base64.urlsafe_b64encode(b"a\x00b\n1\n2\n3").decode()
"""What a session's token would say of somebody whose name no database can hold."""


class TestWhateverIsSent:
    @pytest.mark.parametrize("path", ["/v1/messages/%00", "/v1/messages/msg_%00", "/v1/audit/receipts/%00"])
    def test_an_id_that_no_database_can_hold_is_not_found(self, visitors: Visitors, path: str) -> None:
        assert visitors.ask("GET", path, headers=visitors.organisation)[0].status_code == 404

    def test_a_token_that_says_rubbish_lets_nobody_in(self, visitors: Visitors) -> None:
        shown = {"Authorization": f"Bearer {_NO_TEXT}.YQ"}

        assert visitors.ask("GET", "/v1/audit/checkpoint", headers=shown)[0].status_code == 401

    @pytest.mark.parametrize(
        ("form", "status"),
        [("user=a%00b&password=x", 401), ("user=%ff%00&password=%00", 401), ("a=1&" * 200, 413), ("x" * 70_000, 413)],
        ids=["no text", "not even bytes", "many fields", "long"],
    )
    def test_a_form_of_rubbish_is_refused(self, visitors: Visitors, form: str, status: int) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = f"word={visitors.word}&{form}"

        assert visitors.ask("POST", "/console/sign-in", content=body, headers=headers)[0].status_code == status
