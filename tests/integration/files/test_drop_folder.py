"""Does the watched folder, joined to a whole gateway, take what HTTP takes and refuse what HTTP refuses?"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.files.watch import Watch
from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import Application, World, assemble
from gateway.app.drop_folder import make_folders, watch
from gateway.flows.delivering.scanner import Scanner
from gateway.flows.store.rows import Message, State
from tests.fakes.clock import SteppedClock
from tests.fakes.ids import CountedIds
from tests.integration.http.house import an_organisation, some_settings

VECTORS = Path(__file__).parents[2] / "vectors"
TABLE = json.loads((VECTORS / "hostile" / "table.json").read_bytes())
LIES_IN_ITS_HEADER = {"no-boundary.multipart", "wrong-boundary.multipart"}
FOLDERS = ["sims/superstar-1", "sims/csv-1", "sims/ctf-25", "mash/flat-1", "mash/govuk-forms-1"]


class NoWayOut:
    """Nothing is sent in these tests."""

    def send(self, *_: object) -> str:
        raise AssertionError


@dataclass
class Dropping:
    """A whole gateway and its drop folder."""

    application: Application
    root: Path
    clock: SteppedClock
    watched: Watch

    def drop(self, form: str, name: str, body: bytes, *, organisation: str = "school-example") -> None:
        folder = self.root / organisation / form
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
        self.watched.look()
        self.clock.move(seconds=1000)
        self.watched.look()

    def report(self, form: str, name: str, *, organisation: str = "school-example") -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.root / organisation / form / name).read_text())
        return told

    def work(self) -> None:
        """Work everything through that was accepted."""
        at = self.clock.now()
        for message in self.application.store.write(lambda uow: uow.messages.ready(at=at, limit=99, lease_seconds=60)):
            self.application.process.work(message)

    def messages(self, state: State | None = None) -> list[Message]:
        return list(self.application.store.read(lambda uow: uow.messages.find(state=state, limit=1000)))

    def clear_files(self) -> list[str]:
        return [path.name for path in self.root.rglob("*") if path.is_file() and not path.name.endswith("ed.json")]


@contextmanager
def a_gateway(
    folder: Path, looking: Scanner | None = None, **chosen: Any
) -> Iterator[tuple[Application, SteppedClock]]:
    """Give a whole gateway that knows one school, and its clock."""
    settings = some_settings(folder, **chosen)
    create_keys(settings.keys_folder)
    clock = SteppedClock()
    application = assemble(settings, World(clock=clock, ids=CountedIds(), outlet=NoWayOut(), scanner=looking))
    school = an_organisation("school-example", intake={"folders": FOLDERS})
    application.store.write(lambda uow: uow.directory.put_organisation(school))
    yield application, clock
    application.bus.close()
    application.store.close()


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Application, SteppedClock]]:
    with a_gateway(tmp_path_factory.mktemp("gateway")) as found:
        yield found


@pytest.fixture
def dropping(assembled: tuple[Application, SteppedClock], tmp_path: Path) -> Dropping:
    application, clock = assembled
    root = tmp_path / "drop"
    return Dropping(application, root, clock, watch(application, root, ids=application.desk.ids))


def test_a_report_goes_in_with_its_name_sealed(dropping: Dropping) -> None:
    body = (VECTORS / "examples/sims/superstar-three-pupils.xml").read_bytes()

    dropping.drop("sims/superstar-1", "Exampleton pupils.xml", body)

    told = dropping.report("sims/superstar-1", "Exampleton pupils.xml.accepted.json")
    message = dropping.application.store.read(lambda uow: uow.messages.get(told["message_id"]))
    assert (message.channel, message.organisation, message.format) == ("folder", "school-example", "sims/superstar-1")
    assert message.receipt == told["receipt"]
    assert b"Exampleton" not in (message.file_name_sealed or b"Exampleton")
    assert dropping.clear_files() == []


def test_the_same_file_again_is_the_same_message(dropping: Dropping) -> None:
    body = (VECTORS / "examples/mash/govuk-forms-single-child.json").read_bytes()
    dropping.drop("mash/govuk-forms-1", "first.json", body)

    dropping.drop("mash/govuk-forms-1", "second.json", body)

    first = dropping.report("mash/govuk-forms-1", "first.json.accepted.json")
    assert dropping.report("mash/govuk-forms-1", "second.json.accepted.json") == first


def test_another_form_under_the_same_reference_stays_with_its_sender(dropping: Dropping) -> None:
    form = json.loads((VECTORS / "examples/mash/govuk-forms-two-siblings.json").read_bytes())
    dropping.drop("mash/govuk-forms-1", "first.json", json.dumps(form).encode())

    dropping.drop("mash/govuk-forms-1", "second.json", json.dumps(form, indent=1).encode())

    told = dropping.report("mash/govuk-forms-1", "second.json.refused.json")
    assert told["problem"]["code"] == "idempotency-conflict"
    assert dropping.clear_files() == ["second.json"]


def _by_folder() -> list[Any]:
    """Return the hostile files; in a folder there is no Content-Type, so what only lies about that is left out."""
    return [
        pytest.param(row, id=row["file"])
        for row in TABLE
        if row["error"] != "UnsupportedFormatError"
        and row["file"] not in LIES_IN_ITS_HEADER
        and row["format"] in FOLDERS
        and "charset" not in row["content_type"]
    ]


@pytest.mark.parametrize("row", _by_folder())
def test_a_hostile_file_is_reported_kept_sealed_and_gone(dropping: Dropping, row: Mapping[str, Any]) -> None:
    body = (VECTORS / "hostile" / row["file"]).read_bytes()

    dropping.drop(row["format"], "document", body)

    problem = dropping.report(row["format"], "document.refused.json")["problem"]
    digest = hashlib.sha256(body).hexdigest()
    assert problem["code"]
    assert dropping.clear_files() == []
    assert [message for message in dropping.messages(State.QUARANTINED) if message.body_sha256 == digest]


@pytest.mark.parametrize(
    ("organisation", "form", "code"),
    [
        ("nobody", "sims/superstar-1", "unknown-organisation"),
        ("school-example", "mash/decision-1", "scope"),
        ("school-example", "mash/feedback-1", "unknown-format"),
        ("school-example", "sims/unknown-9", "unknown-format"),
    ],
)
def test_who_may_not_drop_here_is_told_and_keeps_the_file(
    dropping: Dropping, organisation: str, form: str, code: str
) -> None:
    before = len(dropping.messages())

    dropping.drop(form, "document.json", b"{}", organisation=organisation)

    told = dropping.report(form, "document.json.refused.json", organisation=organisation)
    assert told["problem"]["code"] == code
    assert dropping.clear_files() == ["document.json"]
    assert len(dropping.messages()) == before


def test_a_disabled_organisation_may_drop_nothing(dropping: Dropping) -> None:
    school = an_organisation("school-example", intake={"folders": FOLDERS})
    dropping.application.store.write(lambda uow: uow.directory.put_organisation(replace(school, is_enabled=False)))

    dropping.drop("mash/flat-1", "form.json", b"{}")

    dropping.application.store.write(lambda uow: uow.directory.put_organisation(school))
    told = dropping.report("mash/flat-1", "form.json.refused.json")
    assert told["problem"]["code"] == "organisation-disabled"


def test_folders_of_known_senders_are_made(dropping: Dropping) -> None:
    make_folders(dropping.application, dropping.root)

    made = [path.relative_to(dropping.root).as_posix() for path in sorted(dropping.root.glob("*/*/*"))]

    assert made == sorted(f"school-example/{name}" for name in FOLDERS)


def test_what_became_of_each_record_is_told_beside_the_file_once_it_is_known(dropping: Dropping) -> None:
    body = (VECTORS / "examples/sims/superstar-three-pupils.xml").read_bytes()
    folder = dropping.root / "school-example/sims/superstar-1"
    dropping.drop("sims/superstar-1", "of each.xml", body)
    before = sorted(path.name for path in folder.iterdir())

    dropping.work()
    dropping.watched.look()

    told = dropping.report("sims/superstar-1", "of each.xml.records.json")
    assert before == ["of each.xml.accepted.json"]
    assert told["message_id"] == dropping.report("sims/superstar-1", "of each.xml.accepted.json")["message_id"]
    assert (told["report"], told["file"]["result"]) == ("ecaf-gateway", "all-taken")
    assert [one["rows"][0] for one in told["records"]] == [1, 5, 9]


def test_a_report_about_somebody_else_s_file_is_told_nothing(dropping: Dropping) -> None:
    body = (VECTORS / "examples/sims/superstar-three-pupils.xml").read_bytes()
    dropping.drop("sims/superstar-1", "ours.xml", body)
    ours = dropping.root / "school-example/sims/superstar-1/ours.xml.accepted.json"
    theirs = dropping.root / "other-school/sims/superstar-1"
    theirs.mkdir(parents=True)
    (theirs / "stolen.xml.accepted.json").write_bytes(ours.read_bytes())

    dropping.work()
    dropping.watched.look()

    assert [path.name for path in theirs.iterdir()] == ["stolen.xml.accepted.json"]


def test_a_file_dropped_again_under_its_name_loses_the_old_file_s_records(dropping: Dropping) -> None:
    folder = dropping.root / "school-example/sims/superstar-1"
    dropping.drop("sims/superstar-1", "weekly.xml", (VECTORS / "examples/sims/superstar-three-pupils.xml").read_bytes())
    (folder / "weekly.xml.records.json").write_text('{"report": "ecaf-gateway"}')

    dropping.drop("sims/superstar-1", "weekly.xml", (VECTORS / "examples/sims/superstar-windows-1252.xml").read_bytes())

    assert [path.name for path in folder.iterdir()] == ["weekly.xml.accepted.json"]
