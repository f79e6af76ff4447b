"""What went where, what was refused and why, and is it proved?"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.adapters.sql.log_copy import copy_log
from gateway.app.bootstrap import Application
from gateway.audit import verify
from gateway.audit.event import EventKind
from gateway.audit.log import prove
from gateway.demo.rows import delivery_rows, rejected_rows
from gateway.demo.scenes import NAMES, Told
from gateway.demo.stage import Stage
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group

OUTCOMES = ("delivered", "redacted", "refused", "review", "rejected")
"""What every run of the demo must show, each at least once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What the stand-alone verifier said."""

    leaves: int
    checkpoint: bool
    proved: int


def make_report(stage: Stage, told: Told, *, bus: str, seconds: float) -> Group:
    """Return the demo's report; `ok` tells whether all of it is as it must be."""
    rows = [*delivery_rows(stage), *rejected_rows(told)]
    proofs = _proofs(stage, told)
    hits = sum(canary_hits(folder) for folder in stage.folders)
    seen = {str(row["result"]) for row in rows}
    audit: Group = {
        "leaves": proofs.leaves,
        "checkpoint_verified": proofs.checkpoint,
        "proofs_verified": proofs.proved,
    }
    is_ok = seen >= set(OUTCOMES) and proofs.checkpoint and proofs.proved == 2 * len(told.receipts) and hits == 0
    return {
        "bus": bus,
        "store": "postgresql" if stage.application.settings.database_url.get_secret_value() else "sqlite",
        "ok": is_ok,
        "seconds": round(seconds),
        "messages": list(rows),
        "audit": audit,
        "canary_hits": hits,
    }


def print_table(report: Group) -> None:
    """Print the report as a MASH worker reads it."""
    messages = report["messages"]
    rows = [row for row in messages if isinstance(row, dict)] if isinstance(messages, list) else []
    widths = {"message": 26, "from": 17, "to": 16, "result": 10}
    print("".join(f"{name:<{width}}" for name, width in widths.items()) + "why")
    for row in rows:
        print("".join(f"{row[name]!s:<{width}}" for name, width in widths.items()) + str(row["words"]))
    audit = report["audit"]
    print()
    print(f"log: {json.dumps(audit)}; readable personal words found on disk: {report['canary_hits']}")


def canary_hits(folder: Path) -> int:
    """Return how often a name or word of the demo's documents is readable in any file below *folder*."""
    found = 0
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += sum(content.count(spelled) for name in NAMES for spelled in _spellings(name))
    return found


def _spellings(name: str) -> Iterator[bytes]:
    yield name.encode()
    yield name.upper().encode()
    yield name.encode("utf-16-le")


def _proofs(stage: Stage, told: Told) -> Proofs:
    """Hand the log and every receipt to the stand-alone verifier, which knows nothing of us but the public key."""
    application = stage.application
    stage.until("every event to have its leaf", lambda: not application.store.log_store.pending(1))
    folder = stage.folder / "evidence"
    folder.mkdir(exist_ok=True)
    head = application.store.log_store.head()
    key = application.identity.signer.key
    proved = 0
    for message_id, receipt in told.receipts.items():
        (folder / f"{message_id}.receipt").write_text(receipt)
        (folder / f"{message_id}.tlog-proof").write_text(_proof(application, MessageId(message_id)))
        proved += _verifies(key.vkey, "receipt", folder / f"{message_id}.receipt")
        proved += _verifies(key.vkey, "proof", folder / f"{message_id}.tlog-proof")
    copy = folder / "log.sqlite3"
    copy_log(application.store, copy)
    return Proofs(leaves=head.size if head else 0, checkpoint=_verifies(key.vkey, "log", copy), proved=proved)


def _verifies(vkey: str, mode: str, path: Path) -> bool:
    command = [sys.executable, "-I", verify.__file__, mode, str(path), "--key", vkey]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603  # our own file


def _proof(application: Application, message_id: MessageId) -> str:
    """Return the proof that the acceptance of a message is in the log."""
    events = application.store.read(lambda uow: uow.audit.of_message(message_id))
    accepted = next(event for event in events if event.kind == EventKind.MESSAGE_RECEIVED)
    log = application.store.log_store
    return prove(log, application.identity, event_id=accepted.event_id, header=accepted.header).text
