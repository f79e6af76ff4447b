"""What would other tables, or another policy, make of what has come in already? A rehearsal: nothing is stored or sent.

Each sealed original is opened in memory and understood twice, by what is in force and by what is proposed, and what is
due of it is decided twice with the facts of this moment. What differs is told by its path, never by its value.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.consent.clearance import Clearance, CurrentFacts, clear
from gateway.consent.decision import Decision, Permit
from gateway.consent.permission import words_of
from gateway.consent.permission_json import permission_from_json
from gateway.consent.policy import Policy
from gateway.consent.question import Question
from gateway.consent.question_json import result_of
from gateway.consent.rule_book import RuleBook
from gateway.consent.together import decide_together
from gateway.consent.trial import trial_permit
from gateway.errors import GatewayError, NotFoundError, PermanentError
from gateway.flows.context import Desk
from gateway.flows.deciding.form_consent import consents_of_form
from gateway.flows.deciding.gather import gather
from gateway.flows.deciding.sharing import Sharer
from gateway.flows.documents import open_document
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, Message, Original, Record, State
from gateway.flows.understanding.normalizer import Normalized, Normalizer, understand
from gateway.flows.understanding.originals import open_original
from gateway.formats.gate import RecordSource, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS, Format
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group, Tree
from gateway.translation.library import Library
from gateway.translation.mapping import Mapping as Table
from gateway.translation.message_translator import nothing_known, project, translate_out
from gateway.translation.partner_document import OutEnvelope

_WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Tables, policy and law switches by which documents are understood and decided."""

    library: Library
    policy: Policy
    switches: Mapping[str, bool]


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Change:
    """One outcome that would be another.

    Shape: `what` says which kind of outcome: readable, field, loss, warning, label, written, decision. `how` says what
    would become of it, in codes and words that hold no value; `path` where.
    """

    what: str
    path: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What would change for one record of a message."""

    message_id: str
    format: str
    position: int
    changes: tuple[Change, ...]
    decisions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Understands and decides recorded traffic by the rules in force and by *new* ones."""

    desk: Desk
    sharer: Sharer
    new: Rules

    def over(self, messages: Iterable[Message]) -> Iterator[Rehearsed]:
        """Yield what would change for each record of *messages*; a message that was never understood has none."""
        for message in messages:
            if message.state is not State.QUARANTINED:
                yield from self._of_message(message)

    def _of_message(self, message: Message) -> Iterator[Rehearsed]:
        stored = self.desk.store.read(lambda uow: tuple(uow.records.of_message(message.message_id)))
        by_position = {record.position: record for record in stored}
        if message.channel == "gateway":
            yield from (self._of_ours(message, record) for record in stored)
            return
        form = FORMATS[message.format]
        theirs = replace(self.desk, library=self.new.library, rules=RuleBook([self.new.policy]))
        for source in self._sources(message, form):
            old = self._understood(self.desk, form, source, message)
            new = self._understood(theirs, form, source, message)
            changes = [*compare(old, new), *self._written_otherwise(old, new)]
            record = by_position.get(source.position)
            decided: tuple[Change, ...] = ()
            number = 0
            if record is not None and isinstance(old, Normalized) and isinstance(new, Normalized):
                number, decided = self._decided(message, record, (old.tree, new.tree))
            yield _told(message, source.position, (*changes, *decided), number)

    def _of_ours(self, message: Message, record: Record) -> Rehearsed:
        """Return what would change for what the gateway said itself: it was never read, but is decided and written."""
        tree = self.desk.store.read(lambda uow: open_document(self.desk.vault, uow, record))
        number, decided = self._decided(message, record, (tree, tree))
        return _told(message, record.position, decided, number)

    def _sources(self, message: Message, form: Format) -> Iterator[RecordSource]:
        """Yield the records of the sealed original; what cannot be split is split alike by all tables."""
        original = self.desk.store.read(lambda uow: _original(uow, message.message_id))
        if original is None:
            return
        try:
            yield from split(form, open_original(self.desk.vault, original), limits=self.desk.limits)
        except PermanentError:
            return

    def _understood(
        self, desk: Desk, form: Format, source: RecordSource, message: Message
    ) -> Normalized | PermanentError:
        try:
            return Normalizer(desk).normalize(form.name, form.kind, source, on=message.received_at.date())
        except PermanentError as error:
            return error

    def _written_otherwise(self, old: Normalized | PermanentError, new: Normalized | PermanentError) -> list[Change]:
        """Return where what tables make of the canonical document, our own or partners', would be another."""
        if not isinstance(old, Normalized) or not isinstance(new, Normalized) or old.document != new.document:
            return []
        at = self.desk.clock.now()
        changes: list[Change] = []
        for name, before, after in _changed_tables(self.desk.library, self.new.library, old.document):
            made = _written(before, old, at), _written(after, new, at)
            changes += _differences("written", *made, place=f"{name}: ")
        return changes

    def _decided(self, message: Message, record: Record, trees: tuple[Group, Group]) -> tuple[int, tuple[Change, ...]]:
        """Return how many decisions about *record* were looked at, and those that would be other ones."""

        def read(uow: UnitOfWork) -> tuple[int, tuple[Change, ...]]:
            due = [
                one for one in uow.delivery_lists.of_message(message.message_id) if one.record_id == record.record_id
            ]
            found = [self._decided_one(uow, message, one, trees) for one in due]
            return len(due), tuple(change for one in found for change in one)

        return self.desk.store.read(read)

    def _decided_one(
        self, uow: UnitOfWork, message: Message, delivery: Delivery, trees: tuple[Group, Group]
    ) -> list[Change]:
        old_tree, new_tree = trees
        before = decide_together(*self._questions(uow, delivery, old_tree), policy=self.desk.policy)
        questions = self._questions(uow, delivery, new_tree)
        if new_tree != old_tree:
            questions = tuple(_with_consents(one, delivery, new_tree, message.received_at) for one in questions)
        questions = tuple(replace(one, switches=self.new.switches) for one in questions)
        after = decide_together(*questions, policy=self.new.policy)
        place = f"{delivery.recipient} {delivery.format}"
        return list(decision_changes(place, before, after))

    def _questions(self, uow: UnitOfWork, delivery: Delivery, tree: Group) -> tuple[Question, ...]:
        sharing = self.sharer.sharing_of(uow, delivery, tree)
        route = next(one for one in self.desk.routes.of(delivery.kind) if one.format == delivery.format)
        return gather(self.desk, uow, replace(sharing, purpose=route.purpose_of(tree)))


def rehearse_file(
    form: Format, body: bytes, old: Library, new: Library, *, on: date, limits: Limits
) -> Iterator[tuple[int, tuple[Change, ...]]]:
    """Yield, for each record of a file that nobody has sent, its position and what would change.

    Raises:
        PermanentError: the file cannot be split into records.
    """
    for source in split(form, body, limits=limits):
        before, after = (_understood_by(library, form, source, on) for library in (old, new))
        yield source.position, tuple(compare(before, after))


def _understood_by(library: Library, form: Format, source: RecordSource, on: date) -> Normalized | PermanentError:
    try:
        return understand(library, form, source, meaning=nothing_known, on=on)
    except PermanentError as error:
        return error


def compare(old: Normalized | PermanentError, new: Normalized | PermanentError) -> Iterator[Change]:
    """Yield every way in which *new*, what one record is understood to say, differs from *old*."""
    if isinstance(old, PermanentError) or isinstance(new, PermanentError):
        yield from _readable(old, new)
        return
    yield from _differences("field", old.tree, new.tree)
    yield from _gained("loss", {(one.path, one.why) for one in old.losses}, {(one.path, one.why) for one in new.losses})
    yield from _gained(
        "label",
        {(one.path, f"unknown to {one.list_name}") for one in old.unmapped},
        {(one.path, f"unknown to {one.list_name}") for one in new.unmapped},
    )
    yield from _gained(
        "warning", {(one.path, one.code) for one in old.warnings}, {(one.path, one.code) for one in new.warnings}
    )


def _readable(old: Normalized | PermanentError, new: Normalized | PermanentError) -> Iterator[Change]:
    if isinstance(new, PermanentError) and not isinstance(old, PermanentError):
        yield Change(what="readable", path=new.place.path or "", how=f"no longer: {new.code}")
    elif isinstance(old, PermanentError) and not isinstance(new, PermanentError):
        yield Change(what="readable", path=old.place.path or "", how="now")
    elif isinstance(old, PermanentError) and isinstance(new, PermanentError) and old.code != new.code:
        yield Change(what="readable", path=new.place.path or "", how=f"no, for another reason: {new.code}")


def _differences(what: str, old: Tree, new: Tree, *, place: str = "") -> Iterator[Change]:
    """Yield where *new* has another value than *old*, one it had not, or none any more."""
    before, after = dict(_leaves(old, "")), dict(_leaves(new, ""))
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            how = "gone" if path not in after else "new" if path not in before else "another value"
            yield Change(what=what, path=f"{place}{path}", how=how)


def _leaves(tree: Tree, path: str) -> Iterator[tuple[str, Tree]]:
    if isinstance(tree, dict):
        for name, part in tree.items():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(tree, list):
        for number, part in enumerate(tree):
            yield from _leaves(part, f"{path}[{number}]")
    elif tree is not None:
        yield path, tree


def _gained(what: str, old: set[tuple[str, str]], new: set[tuple[str, str]]) -> Iterator[Change]:
    for path, how in sorted(new - old):
        yield Change(what=what, path=path, how=f"new: {how}")
    for path, how in sorted(old - new):
        yield Change(what=what, path=path, how=f"gone: {how}")


def decision_changes(place: str, old: Decision, new: Decision) -> Iterator[Change]:
    """Yield in what the decision *new* differs from *old*."""
    if (result_of(old), old.grounds.reason) != (result_of(new), new.grounds.reason):
        how = f"{result_of(old)} {old.grounds.reason} would be {result_of(new)} {new.grounds.reason}"
        yield Change(what="decision", path=place, how=how)
    before, after = _redactions(old), _redactions(new)
    yield from (Change(what="decision", path=place, how=f"also withheld: {one}") for one in sorted(after - before))
    yield from (Change(what="decision", path=place, how=f"not withheld: {one}") for one in sorted(before - after))


def _redactions(decision: Decision) -> set[str]:
    found = decision.redactions if isinstance(decision, Permit) else ()
    return {f"{one.reason} {category.value}" for one in found for category in one.categories}


def _with_consents(question: Question, delivery: Delivery, tree: Group, at: datetime) -> Question:
    """Return *question* with what the form would be understood to say of consent; a withdrawal stands."""
    own = f"form/{delivery.record_id}/"
    filed = [one for one in question.consents if str(one.consent_id).startswith(own)]
    if any(one.status == _WITHDRAWN for one in filed) or not (filed or consents_of_form(tree, at)):
        return question
    forms = (permission_from_json({**one, "consent_id": f"{own}new"}) for one in consents_of_form(tree, at))
    said = tuple(word for one in forms for word in words_of(one))
    return replace(question, consents=(*(one for one in question.consents if one not in filed), *said))


def _changed_tables(old: Library, new: Library, document: str) -> list[tuple[str, Table | None, Table | None]]:
    """Return the tables that make something else of *document*, where they are not the same in both, by name."""
    before, after = _writers(old, document), _writers(new, document)
    pairs = [(name, before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())]
    return [(name, one, other) for name, one, other in pairs if not (one and other and one.digest == other.digest)]


def _writers(library: Library, document: str) -> Mapping[str, Table]:
    return {
        one.name: one
        for one in library
        if (one.outbound is not None and one.document == document) or one.file.from_document == document
    }


def _written(table: Table | None, item: Normalized, at: datetime) -> Tree:
    """Return what *table* makes of *item*, uncut and never to be released; nothing, where it makes nothing of it."""
    if table is None:
        return None
    try:
        if table.outbound is None:
            return project(table, item.tree, index=0).tree
        permit = trial_permit(item.document, recipient="rehearsal", at=at)
        facts = CurrentFacts(recipient="rehearsal", epochs=permit.epochs)
        cleared = clear(permit, facts, at, document=item.document, tree=item.tree)
        if not isinstance(cleared, Clearance):
            return None
        names = OutEnvelope(message="rehearsal", message_id="rehearsal", correlation_id="", sent_at=at, sender="")
        return translate_out(table, cleared, envelope=names).tree
    except GatewayError:
        return None


def _original(uow: UnitOfWork, message_id: MessageId) -> Original | None:
    try:
        return uow.originals.get(message_id)
    except NotFoundError:
        return None


def _told(message: Message, position: int, changes: Iterable[Change], decisions: int) -> Rehearsed:
    return Rehearsed(
        message_id=message.message_id,
        format=message.format,
        position=position,
        changes=tuple(sorted(set(changes))),
        decisions=decisions,
    )
