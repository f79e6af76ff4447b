"""How is a gateway troubled under load, and what is seen of it afterwards?"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from gateway.adapters.keys.head_file import HEAD
from gateway.adapters.sql.log_copy import copy_log
from gateway.adapters.sql.store_view import StoreView
from gateway.app.bootstrap import Application, assemble
from gateway.app.engines import open_truth_view
from gateway.audit import verify
from gateway.audit.event import EventKind
from gateway.audit.log import prove
from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from tests.fault.checker import Fault
from tests.fault.documents import Child, some_children
from tests.fault.history import History, StoredDelivery, effects_in
from tests.fault.installation import ECAF, MASH, PORTAL, Installation
from tests.fault.partners import Partners, partners_running
from tests.fault.senders import Decider, Referrer, School, Sender
from tests.fault.trouble import Stage, Trouble

_OPEN = {State.ORDERED, State.HANDED_OVER}
_ALL = 10**9
_SETTINGS: dict[str, object] = {"attempts_limit": 10_000, "retry_first_seconds": 0.2, "retry_most_seconds": 2}
_CHILDREN_OF_A_REFERRER = 6
_PUPILS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much a campaign asks of the gateway.

    Units: `pause_seconds` is a sender's mean pause.
    """

    seed: int
    referrers: int = 4
    pause_seconds: float = 0.05
    drain_seconds: float = 240.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a campaign saw, how long each restart took until the gateway was ready, and what the verifier said.

    Shape: `troubles` counts the faults that were made; `notes` is what else there is to say of them.
    """

    history: History
    troubles: int = 0
    notes: str = ""
    more_faults: Sequence[Fault] = ()
    ready_seconds: list[float] = field(default_factory=list)
    drain_seconds: float = 0.0
    verified: dict[str, bool] = field(default_factory=dict)

    def __str__(self) -> str:
        ready = sorted(self.ready_seconds)
        return (
            f"seed {self.history.seed}: {self.troubles} faults, {len(ready) - 1} restarts{self.notes},"
            f" {len(self.history.accepted)} accepted, {len(self.history.effects)} effects,"
            f" {len(self.history.leaves)} leaves; restart to ready: median {statistics.median(ready):.2f} s,"
            f" 90 % {ready[int(len(ready) * 0.9)]:.2f} s, longest {ready[-1]:.2f} s;"
            f" drained in {self.drain_seconds:.1f} s; {sum(self.verified.values())} of {len(self.verified)} verified"
        )


def run_campaign(folder: Path, plan: Plan, trouble: Trouble) -> Outcome:
    """Return what came of *trouble* for a gateway under the load of *plan*."""
    with partners_running(folder, plan.seed) as partners, trouble:
        installation = trouble.install(
            folder / "gateway", trouble.way_out(partners.urls, plan.seed), {**_SETTINGS, **trouble.settings}
        )
        children = some_children(random.Random(plan.seed), plan.referrers * _CHILDREN_OF_A_REFERRER + _PUPILS)  # noqa: S311
        senders = _senders(trouble.way_in(installation, plan.seed), partners, plan, children)
        outcome = Outcome(history=History(seed=plan.seed))
        installation.drop_folder.mkdir(parents=True, exist_ok=True)
        for sender in senders:
            sender.start()
        with trouble.happening(Stage(installation=installation, partners=partners, seed=plan.seed)) as told:
            for sender in senders:
                sender.stop()
            partners.calm()
            _drain(installation, plan, outcome)
        outcome.ready_seconds, outcome.troubles, outcome.notes = told.ready_seconds, told.troubles, told.notes
        _look(installation, partners, outcome, senders, children)
        outcome.history.readable = _readable(trouble.folders(installation), [child.family for child in children])
        outcome.more_faults = trouble.faults_in(installation)
    return outcome


def _senders(
    installation: Installation, partners: Partners, plan: Plan, children: Sequence[Child]
) -> list[Referrer | School | Decider]:
    seed, pause = str(plan.seed), plan.pause_seconds
    referrers = []
    for number in range(plan.referrers):
        own = children[number * _CHILDREN_OF_A_REFERRER :][:_CHILDREN_OF_A_REFERRER]
        referrers.append(Referrer(f"R{number}", installation, own, seed=seed, pause_seconds=pause))
    school = School(installation, children[-_PUPILS:], seed=seed, pause_seconds=10 * pause)

    def at_mash() -> set[str]:
        return {effect.correlation_id for effect in effects_in(partners.journal(MASH), MASH, ())}

    return [*referrers, school, Decider(installation, referrers, at_mash, seed=seed)]


def _drain(installation: Installation, plan: Plan, outcome: Outcome) -> None:
    """Return when nothing is on its way any more, or when waiting longer makes no sense."""
    began = time.monotonic()
    with open_truth_view(installation.settings()) as view:
        while _on_the_way(view) and time.monotonic() < began + plan.drain_seconds:
            time.sleep(0.2)
    outcome.drain_seconds = time.monotonic() - began


def _on_the_way(view: StoreView) -> bool:
    return view.read(
        lambda uow: (
            bool(uow.messages.find(state=State.ACCEPTED, limit=1))
            or any(uow.delivery_lists.find(state=state, limit=1) for state in _OPEN)
            or bool(uow.log.pending(1))
        )
    )


def _look(
    installation: Installation,
    partners: Partners,
    outcome: Outcome,
    senders: Sequence[Sender],
    children: Sequence[Child],
) -> None:
    """Fill the history with all there is to see once everything has stopped."""
    history, families = outcome.history, [child.family for child in children]
    history.accepted = list(chain.from_iterable(sender.accepted for sender in senders))
    for partner in (MASH, ECAF, PORTAL):
        history.effects += effects_in(partners.journal(partner), partner, families)
    application = assemble(installation.settings())
    try:
        _look_into_store(application, history)
        outcome.verified = _verified(application, installation, history)
    finally:
        application.stop()
    drop = installation.folder / "drop"
    history.left_in_drop = [
        str(path.relative_to(drop))
        for path in drop.rglob("*")
        if path.is_file() and not path.name.endswith((".accepted.json", ".records.json"))
    ]


def _look_into_store(application: Application, history: History) -> None:
    store = application.store
    rows = store.read(lambda uow: uow.delivery_lists.find(limit=_ALL))
    asked = {task.subject_id for task in store.read(lambda uow: uow.reviews.find(status=None, limit=_ALL))}
    calls = {
        row.message_id: store.read(lambda uow, row=row: uow.messages.get(row.message_id)).correlation_id for row in rows
    }  # type: ignore[misc]
    history.deliveries = [
        StoredDelivery(
            delivery_id=row.delivery_id,
            state=row.state.value,
            reason=str(row.reason),
            partner=row.recipient,
            correlation_id=calls[row.message_id],
            kind=row.kind,
            is_with_person=row.delivery_id in asked,
        )
        for row in rows
    ]
    waiting = store.read(lambda uow: uow.messages.find(state=State.ACCEPTED, limit=_ALL))
    history.unfinished = [message.message_id for message in waiting]
    head = store.log_store.head()
    hashes = (store.log_store.node(0, index) for index in range(head.size if head else 0))
    history.leaves = {found.hex() for found in hashes if found is not None}


def _verified(application: Application, installation: Installation, history: History) -> dict[str, bool]:
    """Return what the stand-alone verifier says of the log and of ten documents' proofs."""
    verified = {"log": _log_verifies(application, installation)}
    chance = random.Random(history.seed)  # noqa: S311 - it only has to be the same again
    for accepted in chance.sample(history.accepted, min(10, len(history.accepted))):
        message_id = MessageId(accepted.message_id)
        message, events = application.store.read(
            lambda uow, name=message_id: (uow.messages.get(name), uow.audit.of_message(name))  # type: ignore[misc]
        )
        received = next(event for event in events if event.kind == EventKind.MESSAGE_RECEIVED)
        log = application.store.log_store
        proof = prove(log, application.identity, event_id=received.event_id, header=received.header).text
        for mode, text in (("receipt", message.receipt), ("proof", proof)):
            file = installation.folder / f"{message_id}.{mode}"
            file.write_text(text)
            verified[f"{mode} {message_id}"] = _verifies(mode, file, installation.vkey)
    return verified


def _log_verifies(application: Application, installation: Installation) -> bool:
    """Tell whether the log holds, and the head that is kept outside the store with it."""
    settings, file = application.settings, installation.database
    if settings.database_url.get_secret_value():
        file = installation.folder / "log-copy.sqlite3"
        copy_log(application.store, file)
    return _verifies("log", file, installation.vkey, "--head", str(settings.keys_folder / HEAD))


def _verifies(mode: str, path: Path, vkey: str, *more: str) -> bool:
    command = [sys.executable, "-I", verify.__file__, mode, str(path), "--key", vkey, *more]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _readable(folders: Sequence[Path], families: Sequence[str]) -> list[str]:
    """Return every file that holds a family's name in clear, however it is spelled."""
    words = [word for name in families for word in (name.encode(), name.upper().encode(), name.encode("utf-16-le"))]
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if _holds(path.read_bytes(), words)]


def _holds(content: bytes, words: Sequence[bytes]) -> bool:
    return any(word in content for word in words)


def keep(outcome: Outcome, faults: Sequence[Fault], folder: Path) -> str:
    """Return what to print of a campaign that failed, its whole history being kept in a file beside it."""
    path = folder / "history.json"
    outcome.history.write(path)
    about = {word.rstrip(":") for fault in faults for word in fault.text.split() if word.startswith(("msg_", "dlv_"))}
    text = json.dumps(json.loads(path.read_text()), indent=None)
    shown = [row for row in json.loads(text)["accepted"] if row["message_id"] in about][:20]
    effects = [row for row in json.loads(text)["effects"] if {row["correlation_id"], row["delivery_id"]} & about][:20]
    return "\n".join(
        [str(outcome), f"history: {path}", *map(str, faults[:40]), *(json.dumps(row) for row in (*shown, *effects))]
    )
