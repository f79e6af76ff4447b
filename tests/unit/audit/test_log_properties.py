"""Whatever happens to a log, is every signed head extended by every later one, or the alarm raised?"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.audit import merkle
from gateway.audit.log import check_head, prove, prove_extension, sequence
from gateway.errors import IntegrityError
from tests.fakes.log_store import InMemoryLogStore
from tests.unit.audit.log_builders import NOON, an_entry, an_identity, id_of
from tests.unit.audit.test_log import copied

US = an_identity()


class LogLife(RuleBasedStateMachine):
    """A log that is written to, interrupted, backed up and restored; a witness keeps the last head it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.store = InMemoryLogStore()
        self.backup = InMemoryLogStore()
        self.witnessed: str | None = None
        self.published: list[str] = []
        self.count = 0

    @rule(count=st.integers(1, 9))
    def record(self, count: int) -> None:
        for number in range(self.count, self.count + count):
            self.store.record(id_of(number), an_entry(number).header)
        self.count += count

    @rule(limit=st.integers(1, 20))
    def make_leaves(self, limit: int) -> None:
        if sequence(self.store, US, at=NOON, limit=limit, witnessed=self.witnessed):
            self.published.append(self.store.heads[-1].note)

    @rule()
    def crash_while_signing(self) -> None:
        before = copied(self.store)
        dying = an_identity()
        broken = type(dying.signer)(key=dying.signer.key, sign=lambda _: b"")
        try:
            sequence(self.store, type(US)(origin=US.origin, signer=broken), at=NOON)
        except IntegrityError:
            assert (self.store.leaves, self.store.heads) == (before.leaves, before.heads)

    @precondition(lambda self: self.store.heads)
    @rule()
    def witness(self) -> None:
        self.witnessed = self.store.heads[-1].note

    @rule()
    def back_up(self) -> None:
        self.backup = copied(self.store)

    @rule()
    def restore(self) -> None:
        """Bring the backup back: noticed exactly when the witness has seen more than it holds."""
        seen = US.open(self.witnessed).size if self.witnessed else 0
        held = self.backup.heads[-1].size if self.backup.heads else 0
        try:
            check_head(self.backup, US, witnessed=self.witnessed)
        except IntegrityError:
            assert seen > held
            return
        assert seen <= held
        self.store = copied(self.backup)
        self.published = [note for note in self.published if US.open(note).size <= held]

    @invariant()
    def every_head_is_extended_by_the_newest(self) -> None:
        newest = check_head(self.store, US, witnessed=self.witnessed)
        for note in self.published:
            old = US.open(note)
            path = prove_extension(self.store, US, old=note).path
            assert newest is not None
            assert merkle.extends(path, old=(old.size, old.root), new=(newest.size, newest.root))

    @invariant()
    def every_leaf_is_proved(self) -> None:
        for leaf in self.store.leaves[-3:]:
            number = int(leaf.event_id.removeprefix("evt_"))
            prove(self.store, US, event_id=leaf.event_id, header=an_entry(number).header)


TestLogLife = LogLife.TestCase
TestLogLife.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
