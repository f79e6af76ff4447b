"""Is the installation well? Each check is shown the fault it is there for."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.amqp.topology import FOR_A_PERSON
from gateway.app.engines import STORE_FILE
from gateway.app.operations import checks_of_broker, checks_of_machine
from gateway.app.operations.health import findings_of
from gateway.app.pressure import Limits, Pressure
from gateway.app.settings import Settings
from gateway.errors import IntegrityError
from gateway.flows.store.figures import QueueDepth
from gateway.flows.store.rows import Timer
from gateway.model.identifiers import ConversationId, OrganisationId
from tests.integration.http.scripted_partner import ScriptedPartner, says
from tests.unit.operations.house import House, a_caller, a_form

ENGINEER = a_caller("INTEGRATION_ENGINEER")
PORTAL, GOVUK = "referral-portal", "mash/govuk-forms-1"
OF_THE_MACHINE = {"witnesses", "disk", "time source"}
"""What this machine, and not the installation, decides."""


def checks(house: House, **args: Any) -> dict[str, dict[str, Any]]:
    rows = house.order(ENGINEER, "health.check", **args)["checks"]
    assert isinstance(rows, list)
    return {str(row["check"]): row for row in rows if isinstance(row, dict)}


def checks_with(house: House, **changed: Any) -> dict[str, Any]:
    """Return the findings of the same gateway with other settings, or another part."""
    parts = {name: value for name, value in changed.items() if name not in Settings.model_fields}
    chosen = {name: value for name, value in changed.items() if name in Settings.model_fields}
    settings = house.application.settings.model_copy(update=chosen)
    pressure = Pressure(house.application.store, Limits.of(settings), house.clock)
    changed_one = replace(house.application, settings=settings, pressure=pressure, **parts)
    return {finding.check: finding for finding in findings_of(changed_one)}


def tamper(house: House, *statements: str) -> None:
    """Change the store's file behind the gateway's back."""
    with sqlite3.connect(house.application.settings.data_folder / STORE_FILE) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_fresh_installation_is_well(house: House) -> None:
    answer = house.order(ENGINEER, "health.check")

    assert answer["ok"] is True
    assert {row["level"] for name, row in checks(house).items() if name not in OF_THE_MACHINE} == {"ok"}


def test_every_finding_that_is_not_well_says_what_to_do(house: House) -> None:
    told = checks(house)

    assert [name for name, row in told.items() if (row["level"] == "ok") == bool(row["fix"])] == []


def test_an_installation_that_has_worked_and_signed_is_well(house: House) -> None:
    house.receive(PORTAL, GOVUK, a_form("safeguarding-unknown-child.json"))
    house.work()
    house.application.sequencer.give_places()

    told = checks(house)

    assert {row["level"] for name, row in told.items() if name not in OF_THE_MACHINE} == {"ok"}
    assert "continues the head kept beside the keys" in told["audit log"]["found"]


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        pytest.param(lambda at: {"keys_folder": at / "data" / "keys"}, "KEYS_FOLDER", id="keys among the data"),
        pytest.param(lambda at: {"drop_folder": at / "nowhere"}, "DROP_FOLDER", id="no drop folder"),
        pytest.param(lambda at: {"partner_tokens_folder": at / "nowhere"}, "TOKENS_FOLDER", id="no tokens folder"),
        pytest.param(lambda at: {"metrics_token_file": at / "nowhere"}, "METRICS_TOKEN_FILE", id="no metrics token"),
    ],
)
def test_settings_that_cannot_be_meant_are_a_failure(
    house: House, setting: Callable[[Path], dict[str, Any]], named: str
) -> None:
    folder = house.application.settings.data_folder.parent

    finding = checks_with(house, **setting(folder))["settings"]

    assert finding.level == "failed"
    assert named in finding.found


def test_an_open_address_is_a_warning(house: House) -> None:
    assert checks_with(house, listen_host="0.0.0.0")["settings"].level == "warning"  # noqa: S104


def test_a_guard_that_is_gone_is_a_failure(house: House) -> None:
    tamper(house, "DROP TRIGGER permit_never_changes")

    told = checks(house)["store"]

    assert told["level"] == "failed"
    assert "permit_never_changes" in told["found"]


def test_a_disk_without_room_is_a_failure_and_shuts_the_door(house: House) -> None:
    told = checks_with(house, storage_free_bytes=2**50)

    assert (told["disk"].level, told["intake"].level) == ("failed", "failed")
    assert "storage-nearly-full" in told["intake"].found


def test_a_disk_with_little_room_is_a_warning(house: House) -> None:
    free = house.application.store.figures().free_bytes or 0

    assert checks_with(house, storage_free_bytes=free * 2 // 3)["disk"].level == "warning"


def test_keys_others_can_read_are_a_failure(house: House) -> None:
    (house.application.settings.keys_folder / "signing.key").chmod(0o644)

    answer = house.order(ENGINEER, "health.check")

    assert answer["ok"] is False
    assert "signing.key" in checks(house)["keys"]["found"]


def test_a_key_that_is_gone_is_a_failure(house: House) -> None:
    (house.application.settings.keys_folder / "index.key").unlink()

    assert "index.key is not there" in checks(house)["keys"]["found"]


def test_a_clock_behind_what_was_recorded_is_a_failure(house: House) -> None:
    house.receive(PORTAL, GOVUK, a_form("early-help-refused.json"))
    house.clock.move(hours=-2)

    assert checks(house)["clock"]["level"] == "failed"


def test_a_clock_that_was_set_is_a_warning(house: House) -> None:
    house.clock.move(minutes=3)

    told = checks(house)["clock"]

    assert told["level"] == "warning"
    assert "forward by 180 s" in told["found"]


@pytest.mark.parametrize(("state", "level"), [(5, "warning"), (0, "ok"), (-1, "ok")])
def test_a_clock_that_nobody_keeps_is_a_warning(
    house: House, monkeypatch: pytest.MonkeyPatch, state: int, level: str
) -> None:
    monkeypatch.setattr(checks_of_machine, "_clock_state", lambda: state)

    assert checks(house)["time source"]["level"] == level


@pytest.mark.parametrize(
    ("later", "check"),
    [
        pytest.param({"minutes": 10}, "backlog", id="work nobody does"),
        pytest.param({"minutes": 10}, "log sequencing", id="events nobody signs"),
        pytest.param({"minutes": 10}, "leases", id="work nobody takes"),
    ],
)
def test_what_does_not_go_on_is_a_warning(house: House, later: dict[str, float], check: str) -> None:
    house.receive(PORTAL, GOVUK, a_form("early-help-refused.json"))
    house.clock.move(**later)

    assert checks(house)[check]["level"] == "warning"


def test_a_lease_longer_than_any_lease_is_a_failure(house: House) -> None:
    message_id = house.receive(PORTAL, GOVUK, a_form("early-help-refused.json"))
    tomorrow = house.clock.move(days=1)
    house.clock.move(days=-1)

    def hold(uow: Any) -> None:
        uow.messages.save(replace(uow.messages.get(message_id), ready_at=tomorrow))

    house.application.store.write(hold)

    assert checks(house)["leases"]["level"] == "failed"


def test_a_deadline_nobody_acts_on_is_a_failure(house: House) -> None:
    timer = Timer(
        timer_id="tmr_1", conversation_id=ConversationId("cnv_1"), kind="mash.decide", due_at=house.clock.now()
    )
    house.application.store.write(lambda uow: uow.timers.put(timer))
    house.clock.move(minutes=2)

    told = checks(house)["deadlines"]

    assert (told["level"], "1 mash.decide" in told["found"]) == ("failed", True)


def test_what_is_stuck_is_a_warning(house: House) -> None:
    house.letterbox.is_open = False
    house.receive(PORTAL, GOVUK, a_form("early-help-refused.json"))
    house.work()

    assert checks(house)["dead letters"]["level"] == "warning"


def test_a_question_nobody_answered_in_time_is_a_warning(house: House) -> None:
    house.letterbox.is_open = False
    house.receive(PORTAL, GOVUK, a_form("safeguarding-unknown-child.json"))
    house.work()
    house.clock.move(hours=2)

    assert "MASH_MANAGER" in checks(house)["reviews"]["found"]


@pytest.mark.parametrize(("years", "level"), [(1, "ok"), (2, "warning"), (3, "failed")])
def test_bank_holidays_that_run_out_are_told_in_time(house: House, years: int, level: str) -> None:
    house.clock.move(days=365 * years)

    assert checks(house)["bank holidays"]["level"] == level


def test_a_log_put_back_to_an_earlier_state_is_a_failure(house: House) -> None:
    house.receive(PORTAL, GOVUK, a_form("early-help-refused.json"))
    house.application.sequencer.give_places()
    kept = house.application.settings.keys_folder / "last-head.note"
    later = kept.read_text()
    tamper(
        house,
        "DROP TRIGGER audit_checkpoint_never_shrinks",
        "DROP TRIGGER audit_leaf_never_shrinks",
        "DROP TRIGGER audit_node_never_shrinks",
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_leaf",
        "DELETE FROM audit_node",
    )

    told = checks(house)["audit log"]

    assert later
    assert (told["level"], "rewound" in told["found"]) == ("failed", True)


def test_an_event_that_was_changed_after_it_was_logged_is_a_failure(house: House) -> None:
    house.receive(PORTAL, GOVUK, a_form("early-help-refused.json"))
    house.application.sequencer.give_places()
    tamper(
        house,
        "DROP TRIGGER audit_event_never_changes",
        "UPDATE audit_event SET header = CAST(header || ' ' AS BLOB) WHERE position = 1",
    )

    told = checks(house)

    assert (told["audit log"]["level"], told["log leaves"]["level"]) == ("ok", "failed")


def test_an_event_that_was_written_over_with_text_is_a_failure(house: House) -> None:
    house.receive(PORTAL, GOVUK, a_form("early-help-refused.json"))
    house.application.sequencer.give_places()
    tamper(house, "DROP TRIGGER audit_event_never_changes", "UPDATE audit_event SET header = 'gone'")

    assert checks(house)["log leaves"]["level"] == "failed"


def test_a_log_that_has_stopped_is_a_failure(house: House) -> None:
    house.application.sequencer._halted = IntegrityError("planted")

    assert checks(house)["log sequencing"]["level"] == "failed"


def test_a_token_that_a_profile_names_and_nobody_put_there_is_a_warning(house: House) -> None:
    address_mash(house, "https://mash.example/take", token_file="barnet-mash.token")

    assert "barnet-mash" in checks(house)["partner tokens"]["found"]


def address_mash(house: House, url: str, **endpoint: str) -> None:
    """Make *url* the only address of any partner."""

    def write(uow: Any) -> None:
        for one in uow.directory.organisations():
            uow.directory.put_organisation(replace(one, profile={**one.profile, "endpoints": []}))
        mash = uow.directory.organisation(OrganisationId("barnet-mash"))
        kept = {"kind": "mash.referral.submitted", "format": "mash/referral-1", "url": url, **endpoint}
        uow.directory.put_organisation(replace(mash, profile={**mash.profile, "endpoints": [kept]}))

    house.application.store.write(write)


@pytest.fixture
def partner() -> Iterator[ScriptedPartner]:
    opened = ScriptedPartner([says(200, b"{}")])
    yield opened
    opened.close()


def test_partners_are_greeted_only_when_asked(house: House, partner: ScriptedPartner) -> None:
    address_mash(house, partner.url)

    unasked, asked = checks(house), checks(house, partners=True)

    assert "partners" not in unasked
    assert asked["partners"]["level"] == "ok"
    assert partner.requests in ([], [b""])


def test_a_partner_who_does_not_answer_is_named(house: House, partner: ScriptedPartner) -> None:
    address_mash(house, partner.url)
    partner.close()

    told = checks(house, partners=True)["partners"]

    assert (told["level"], "barnet-mash (unreachable)" in told["found"]) == ("warning", True)


def test_a_partner_nobody_vouches_for_is_named(house: House, partner: ScriptedPartner) -> None:
    address_mash(house, partner.url.replace("http:", "https:"))

    assert "barnet-mash (untrusted)" in checks(house, partners=True)["partners"]["found"]


@dataclass(frozen=True)
class HeldQueues:
    """Partners' queues that say of the broker what a test says."""

    trouble: str | None = None
    held: dict[str, QueueDepth | None] = field(default_factory=dict)

    def depths(self, _organisations: object) -> dict[str, QueueDepth | None]:
        return dict.fromkeys(FOR_A_PERSON, QueueDepth(messages=0, consumers=0)) | self.held


@pytest.mark.parametrize(
    ("trouble", "mode", "level"),
    [(None, 0o600, "ok"), ("bus-unreachable", 0o600, "failed"), (None, 0o644, "failed")],
    ids=["answers", "is away", "others can read its password"],
)
def test_a_broker_is_looked_at(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str | None, mode: int, level: str
) -> None:
    monkeypatch.setattr(checks_of_broker, "_BROKER_SECONDS", 0.1)
    password = tmp_path / "broker-password"
    password.write_text("invented")
    password.chmod(mode)

    found = checks_with(house, queues=HeldQueues(trouble), broker_password_file=password)["broker"]

    assert found.level == level
    assert (found.fix == "") is (level == "ok")


@pytest.mark.parametrize(
    ("held", "level", "found"),
    [
        ({}, "ok", "0 messages wait in 2 queues, and none for a person"),
        ({"intake.a": QueueDepth(messages=7, consumers=0)}, "ok", "7 messages wait in 3 queues, and none for a person"),
        ({"dead.intake": QueueDepth(messages=2, consumers=0)}, "failed", "by themselves: 2 in dead.intake"),
        ({"dead.unclaimed": QueueDepth(messages=1, consumers=0)}, "failed", "by themselves: 1 in dead.unclaimed"),
        ({"intake.a": None}, "failed", "not on the broker: intake.a"),
    ],
    ids=["nothing", "on its way", "not opened", "not claimed", "no such queue"],
)
def test_a_document_that_only_a_person_takes_from_the_broker_is_told(
    house: House, held: dict[str, QueueDepth | None], level: str, found: str
) -> None:
    finding = checks_with(house, queues=HeldQueues(held=held))["queues"]

    assert finding.level == level
    assert finding.found.endswith(found)
