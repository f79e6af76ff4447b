"""How do recorded events get their places in the log, and how is a log that was rewound noticed?"""

from collections.abc import Callable
from threading import Lock

import structlog

from gateway.adapters.keys.head_file import HeadFile
from gateway.audit.log import LogIdentity, LogStore, sequence
from gateway.errors import IntegrityError, MalformedMessageError
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Clock

log = structlog.get_logger()
_EVENTS_A_BATCH = 500


class Sequencer:
    """Gives events their leaves, and keeps each signed head outside the store too.

    Promise: a store that was put back to an earlier state, or replaced by another, signs nothing: the head that is kept
    beside the keys does not lie in its log. From then on `halted` says so, and the process is not ready, until a person
    has looked; documents are still taken in, because a referral must never wait for that.
    """

    def __init__(
        self,
        store: LogStore,
        identity: LogIdentity,
        heads: HeadFile,
        clock: Clock,
        *,
        is_ours: Callable[[], bool] = lambda: True,
    ) -> None:
        self._is_ours = is_ours
        self._store = store
        self._identity = identity
        self._heads = heads
        self._clock = clock
        self._one_at_a_time = Lock()
        self._halted: IntegrityError | None = None

    @property
    def halted(self) -> IntegrityError | None:
        """Return why the log has stopped, or None while it goes on."""
        return self._halted

    def give_places(self) -> int:
        """Sequence until nothing is pending, and return how many events there were. Any thread may ask.

        Where several processes share a store, the one whose duty it is does it; the others return 0.

        Raises:
            IntegrityError: the log is not the one that was signed last, or nobody can tell whether it is.
        """
        with self._one_at_a_time:
            try:
                return self._give_places() if self._is_ours() else 0
            except IntegrityError as error:
                self._halt(error)
                raise
            except MalformedMessageError as error:
                unread = IntegrityError("a signed head of the log can no longer be read")
                self._halt(unread)
                raise unread from error

    def _halt(self, error: IntegrityError) -> None:
        if self._halted is None:
            log.critical(LogEvent.LOG_HALTED, code=error.code)
        self._halted = error

    def _give_places(self) -> int:
        total = 0
        while True:
            at = self._clock.now()
            done = sequence(self._store, self._identity, at=at, limit=_EVENTS_A_BATCH, witnessed=self._heads.read())
            total += done
            head = self._store.head()
            if done and head is not None:
                self._heads.keep(head.note)
            if done < _EVENTS_A_BATCH:
                return total
