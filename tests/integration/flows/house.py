"""A whole gateway whose every step a test takes itself: no threads, a clock that stands still, a scripted way out."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gateway.adapters.keys.key_files import create_keys
from gateway.adapters.sql.connection import Driver, standard_driver
from gateway.app.bootstrap import Application, World, assemble
from gateway.app.ids import SortableIds
from gateway.app.partner_profiles import parse_profile
from gateway.app.resources import read_resources
from gateway.app.settings import Settings
from gateway.flows.delivering.scanner import Scanner
from gateway.flows.receiving.envelope import Incoming
from gateway.flows.store.rows import Delivery, Handover, Message, Organisation, ReviewTask
from gateway.formats.register import FORMATS
from gateway.model.identifiers import MessageId, OrganisationId
from gateway.translation.partner_document import PartnerDocument
from tests.fakes.clock import SteppedClock

if TYPE_CHECKING:
    from gateway.errors import GatewayError

_ROOT = Path(__file__).parents[3]
_PROFILES = _ROOT / "deploy" / "partners"
_EXAMPLES = _ROOT / "tests" / "vectors" / "examples"
PORTAL, MASH, ECAF = (OrganisationId(name) for name in ("referral-portal", "barnet-mash", "barnet-ecaf"))
SCHOOL = OrganisationId("school-example")


class ScriptedOutlet:
    """A way out that notes what it was given, and fails as a test says."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes]] = []
        """Recipient, kind and bytes of everything that left."""
        self.fails: list[GatewayError] = []
        """What the next sends raise, after the bytes have left."""
        self.asked: list[str] = []
        self.has: list[str | Exception | None] = []
        """What the partner says when it is asked whether it has one."""

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Note what leaves; then fail, or return the partner's reference."""
        self.sent.append((document.recipient, handover.kind, body))
        if self.fails:
            raise self.fails.pop(0)
        return f"REF-{len(self.sent)}"

    def ask(self, handover: Handover) -> str | None:
        """Say whether it is there, as a test says."""
        self.asked.append(handover.message_id)
        answer = self.has.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send_test(self, handover: Handover) -> str:
        """Take a test."""
        return f"TEST-{handover.message_id}"

    def to(self, recipient: OrganisationId) -> list[dict[str, Any]]:
        """Return the documents that left for *recipient*."""
        return [json.loads(body)["document"] for who, _, body in self.sent if who == recipient]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An assembled gateway that does nothing by itself."""

    app: Application
    clock: SteppedClock
    outlet: ScriptedOutlet

    @classmethod
    def build(
        cls,
        folder: Path,
        *,
        routes: bytes | None = None,
        outlet: ScriptedOutlet | None = None,
        driver: Driver = standard_driver,
        scanner: Scanner | None = None,
        **chosen: Any,
    ) -> Self:
        """Return one with the shipped example partners, in *folder*; *routes*, if given, are added to the shipped."""
        create_keys(folder / "keys")
        house = cls.reopen(folder, routes=routes, outlet=outlet, driver=driver, scanner=scanner, **chosen)
        for name in (PORTAL, MASH, ECAF, SCHOOL):
            house.enrol(profile(name))
        return house

    @classmethod
    def reopen(
        cls,
        folder: Path,
        *,
        routes: bytes | None = None,
        outlet: ScriptedOutlet | None = None,
        driver: Driver = standard_driver,
        scanner: Scanner | None = None,
        **chosen: Any,
    ) -> Self:
        """Return one on the store and the keys that are in *folder* already."""
        settings = Settings(
            authority="E09000003",
            sender="barnet-gateway",
            origin="gateway.barnet.example/audit/2026",
            listen_host="127.0.0.1",
            listen_port=0,
            data_folder=folder / "data",
            keys_folder=folder / "keys",
            **chosen,
        )
        clock, outlet = SteppedClock(), outlet or ScriptedOutlet()
        resources = read_resources(settings)
        if routes is not None:
            resources = replace(resources, routes=routes + resources.routes)
        world = World(clock=clock, ids=SortableIds(clock), outlet=outlet, driver=driver, scanner=scanner)
        return cls(app=assemble(settings, world, resources), clock=clock, outlet=outlet)

    def enrol(self, organisation: Organisation) -> None:
        """Store or replace an organisation, as `gateway partners add` does."""
        name = organisation.organisation

        def put(uow: Any) -> None:
            uow.directory.put_organisation(organisation)
            uow.epochs.lift([f"recipient:{name}"])

        self.app.store.write(put)

    def accept(
        self, body: bytes, *, by: OrganisationId = PORTAL, form: str = "mash/govuk-forms-1", key: str | None = None
    ) -> MessageId:
        """Return our id of a document that is taken in."""
        incoming = Incoming(organisation=by, format=FORMATS[form], body=body, idempotency_key=key)
        return self.app.receive.accept(incoming).message_id

    def decide(self, reference: str, *, by: OrganisationId = MASH, key: str | None = None) -> MessageId:
        """Let a MASH decide that a CAF is to start."""
        told = {"reference": reference, "step": "decided", "at": self.clock.now().isoformat().replace("+00:00", "Z")}
        body = {**told, "outcome": "MO3", "advice": "A coordinator will call."}
        return self.accept(json.dumps(body).encode(), by=by, form="mash/decision-1", key=key)

    def work(self) -> None:
        """Do everything that is due now."""
        while self._work_messages() or self._work_deliveries():
            continue

    def leased(self) -> Sequence[Delivery]:
        """Lease the deliveries that may go now, without making them."""
        at = self.clock.now()
        return self.app.store.write(lambda uow: uow.deliveries.ready(at=at, limit=20, lease_seconds=60))

    def leased_messages(self) -> Sequence[Message]:
        """Lease the messages with work due, without doing it."""
        at = self.clock.now()
        return self.app.store.write(lambda uow: uow.messages.ready(at=at, limit=20, lease_seconds=60))

    def deliveries(self, recipient: OrganisationId) -> list[Delivery]:
        """Return what was ever due to *recipient*, oldest first."""
        found = self.app.store.read(lambda uow: uow.delivery_lists.find(limit=1000))
        return [one for one in reversed(found) if one.recipient == recipient]

    def reviews(self, reason: str) -> list[ReviewTask]:
        """Return the questions asked for *reason*, whatever became of them."""
        found = self.app.store.read(lambda uow: uow.reviews.find(status=None, limit=1000))
        return [task for task in found if task.reason == reason]

    def message(self, name: MessageId) -> Message:
        """Return a message as it is stored."""
        return self.app.store.read(lambda uow: uow.messages.get(name))

    def work_messages(self) -> None:
        """Work through every message that is due now, and hand nothing over."""
        while self._work_messages():
            continue

    def _work_messages(self) -> bool:
        messages = self.leased_messages()
        for message in messages:
            self.app.process.work(message)
        return bool(messages)

    def _work_deliveries(self) -> bool:
        deliveries = self.leased()
        for delivery in deliveries:
            self.app.deliver.attempt(delivery)
        return bool(deliveries)


def profile(name: str, *, called: str | None = None, **changes: Any) -> Organisation:
    """Return a shipped example partner, with some of its profile changed, under another name if one is given."""
    table = tomllib.loads((_PROFILES / f"{name}.toml").read_text(encoding="utf-8"))
    one = parse_profile(name, table)
    return replace(one, organisation=OrganisationId(called or name), profile={**one.profile, **changes})


def sims(name: str) -> bytes:
    """Return an example file of a school."""
    return (_EXAMPLES / "sims" / name).read_bytes()
