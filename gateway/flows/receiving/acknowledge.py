"""What is a sender of several records told about each of them?

Two levels: the file was taken; and of each record in it, that it was taken, or why not. What is told is worked out anew
from the sealed original, by the gate and the mapping alone. So it depends on the file and on nothing we know of a
child: whether a record waits for a person, was refused to somebody or joined to a known child is in none of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import NotFoundError, PermanentError
from gateway.flows.context import Desk
from gateway.flows.documents import digests_of, open_document
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Message, Record, Scan, ScanState, State
from gateway.flows.understanding.normalizer import Normalizer
from gateway.flows.understanding.originals import SealedBody
from gateway.formats.body import whole
from gateway.formats.contents import read_head
from gateway.formats.gate import RecordSource, gate, split, split_large
from gateway.formats.json import write_json
from gateway.formats.register import FORMATS, HOLDS_SEVERAL, Format, Reader
from gateway.formats.warning import GateWarning
from gateway.model.identifiers import MessageId, RecordId
from gateway.model.tree import Group, Tree
from gateway.translation.losses import Unmapped, Warning_

FORMAT = "sims/ack-1"
_ROW = re.compile(r"Record\[(\d+)\](?:\.(.+))?", re.DOTALL)
_NO_LABEL = "a label no code list knows: kept as written until a person has said once what it means"
_BROKEN = PermanentError("keeping this record failed here; a person has been asked to look")
_INFECTED: Group = {
    "code": "malware",
    "message": "malware was found in an attached document: it is kept aside and goes nowhere; the rest was taken",
}
_AT_WORK = frozenset({State.ACCEPTED, State.DEAD_LETTER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An acknowledgement.

    Shape: `text` is JSON in the shape of schemas/partners/sims/ack; it may tell of a hundred thousand records, and is
    never held as a tree. `is_final` says that it will not change when the work goes on, `awaits_scan`
    that it tells of an attached document that a scanner has not been shown yet.
    """

    text: bytes
    is_final: bool = True
    awaits_scan: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Tells senders what became of the records of a file."""

    desk: Desk

    def told(self, message_id: MessageId) -> Told | None:
        """Return the acknowledgement of a message; None for a single record.

        Raises:
            NotFoundError: there is no such message, or its original is no longer kept.
        """
        message = self.desk.store.read(lambda uow: uow.messages.get(message_id))
        form = FORMATS.get(message.format)
        if form is None or form.reader not in HOLDS_SEVERAL:
            return None
        told: Group = {
            "format": FORMAT,
            "message_id": message.message_id,
            "of_format": message.format,
            "received_at": message.received_at.isoformat().replace("+00:00", "Z"),
            "body_sha256": message.body_sha256,
        }
        if message.state is State.QUARANTINED:
            file: Group = {"result": "refused", "reason": message.reason or ""}
            return Told(text=_text({**told, "file": file}, b""))
        if message.state in _AT_WORK:
            return Told(text=_text({**told, "file": {"result": "in-work"}}, b""), is_final=False)
        return self._records(message, form, told)

    def documents(self, message: Message) -> list[Tree]:
        """Return the digest of each document attached to a message of one record, and what a scanner found in it."""
        form = FORMATS.get(message.format)
        if form is None or form.reader in HOLDS_SEVERAL or form.reader is Reader.HISTORY:
            return []
        return self.desk.store.read(lambda uow: self._documents_of(uow, uow.records.of_message(message.message_id)))

    def _documents_of(self, uow: UnitOfWork, records: Sequence[Record]) -> list[Tree]:
        told: list[Tree] = []
        for record in records:
            if scans := uow.attachments.scans(record.record_id):
                told += _documents(digests_of(open_document(self.desk.vault, uow, record)), scans)
        return told

    def _records(self, message: Message, form: Format, told: Group) -> Told:
        kept = self.desk.store.read(lambda uow: uow.summaries.names(message.message_id))
        warnings, sources = self._read(message, form)
        normalizer = Normalizer(self.desk)
        records, number, awaits_scan = bytearray(), 0, False
        for source in sources:
            record = self._record(normalizer, message, source, kept.get(source.position))
            records += b"," * bool(records) + write_json(record)
            number, awaits_scan = number + 1, awaits_scan or _awaits_scan(record)
        taken = len(kept)
        file: Group = {
            "result": _result(taken, number),
            "records": number,
            "taken": taken,
            "not_taken": number - taken,
            "warnings": [_warned(one) for one in warnings],
        }
        return Told(text=_text({**told, "file": file}, records), awaits_scan=awaits_scan)

    def _read(self, message: Message, form: Format) -> tuple[Sequence[GateWarning], Iterator[RecordSource]]:
        """Return what the gate noticed, and the records; of a large document its table of contents tells both."""
        limits, sealed = self.desk.limits, SealedBody(self.desk.store, self.desk.vault, message)
        if message.size_bytes > limits.whole_bytes and sealed.has_contents:
            head = read_head(next(sealed.contents()))
            return head.warnings, split_large(form, sealed, sealed.contents)
        body = whole(sealed)
        checked = gate(form, body, content_type=None, schemas=self.desk.schemas, limits=limits)
        return checked.warnings, split(form, body, limits=limits)

    def _record(
        self, normalizer: Normalizer, message: Message, source: RecordSource, record_id: RecordId | None
    ) -> Group:
        form = FORMATS[message.format]
        told: Group = {"record": source.position + 1, "rows": list(source.rows)}
        try:
            made = normalizer.normalize(form.name, form.kind, source, on=message.received_at.date())
        except PermanentError as error:
            return {**told, "result": "not-taken", "problems": [_refused(error, source)]}
        if record_id is None:
            return {**told, "result": "not-taken", "problems": [_refused(_BROKEN, source)]}
        found: tuple[Warning_ | Unmapped, ...] = (*made.warnings, *made.unmapped)
        problems: list[Tree] = [_problem(one, source) for one in found]
        scans = self.desk.store.read(lambda uow: uow.attachments.scans(record_id)) if digests_of(made.tree) else ()
        documents = _documents(digests_of(made.tree), scans)
        problems += [dict(_INFECTED) for scan in scans if scan.state is ScanState.MALWARE]
        told["result"] = "taken-with-warnings" if problems else "taken"
        told["losses"] = len(made.losses)
        if documents:
            told["documents"] = documents
        if problems:
            told["problems"] = problems
        return told


def _text(told: Group, records: bytes | bytearray) -> bytes:
    """Return *told* as JSON with *records*, each of them JSON already, as its last part."""
    return b"".join((write_json(told)[:-1], b',"records":[', records, b"]}"))


def _awaits_scan(record: Group) -> bool:
    documents = record.get("documents")
    found = documents if isinstance(documents, list) else []
    return any(isinstance(one, dict) and one.get("scan") == ScanState.WAITING.value for one in found)


def _documents(digests: Mapping[int, str], scans: Sequence[Scan]) -> list[Tree]:
    """Return what is told of each attached document: its digest, and what a scanner found in it."""
    found = {scan.number: scan for scan in scans}
    return [{"sha256": digest, **_found(found.get(number))} for number, digest in digests.items()]


def _found(scan: Scan | None) -> Group:
    if scan is None:
        return {}
    return {"scan": scan.state.value, **({"signature": scan.signature} if scan.signature else {})}


def require_told(told: Told | None) -> Told:
    """Return *told*, an acknowledgement.

    Raises:
        NotFoundError: the message is a single record, which is acknowledged by its receipt.
    """
    if told is None:
        raise NotFoundError("this format holds one record a document: its receipt acknowledges it")
    return told


def _result(taken: int, records: int) -> str:
    if taken == records:
        return "all-taken"
    return "part-taken" if taken else "none-taken"


def _warned(warning: GateWarning) -> Group:
    return {"code": warning.code, "path": warning.path, "message": warning.message}


def _refused(error: PermanentError, source: RecordSource) -> Group:
    problem: Group = {"code": error.code, "message": error.message}
    return {**problem, **_placed(error.place.path or "", source)}


def _problem(found: Warning_ | Unmapped, source: RecordSource) -> Group:
    """Return a warning, or a label nobody has mapped; the label itself is the sender's, and is not repeated."""
    match found:
        case Unmapped(path=path):
            return {"code": "unknown-label", "message": _NO_LABEL, **_placed(path, source)}
        case Warning_(path=path, code=code, message=message):
            return {"code": code, "message": message, **_placed(path, source)}


def _placed(path: str, source: RecordSource) -> Group:
    """Return where in the file *path* of one record is: the row of a table and its column, or the path as it is."""
    found = _ROW.fullmatch(path)
    if found is None or int(found[1]) >= len(source.rows):
        return {"path": path} if path else {}
    column: Group = {"column": found[2]} if found[2] else {}
    return {"row": source.rows[int(found[1])], **column}
