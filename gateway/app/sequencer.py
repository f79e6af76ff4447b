"""How do recorded events get their places in the log, and how is a log that was rewound noticed?"""

from dataclasses import dataclass, field
from threading import Lock

from gateway.adapters.keys.head_file import HeadFile
from gateway.audit.log import LogIdentity, LogStore, sequence
from gateway.flows.ports import Clock

_EVENTS_A_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequencer:
    """Gives events their leaves, and keeps each signed head outside the store too.

    Promise: a store that was put back to an earlier state, or replaced by another, signs nothing: the head that is kept
    beside the keys does not lie in its log, and `give_places` raises IntegrityError until a person has looked.
    """

    store: LogStore
    identity: LogIdentity
    heads: HeadFile
    clock: Clock
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False)

    def give_places(self) -> int:
        """Sequence until nothing is pending, and return how many events there were. Any thread may ask.

        Raises:
            IntegrityError: the log is not the one that was signed last.
        """
        with self._one_at_a_time:
            return self._give_places()

    def _give_places(self) -> int:
        total = 0
        while True:
            done = sequence(
                self.store, self.identity, at=self.clock.now(), limit=_EVENTS_A_BATCH, witnessed=self.heads.read()
            )
            total += done
            head = self.store.head()
            if done and head is not None:
                self.heads.keep(head.note)
            if done < _EVENTS_A_BATCH:
                return total
