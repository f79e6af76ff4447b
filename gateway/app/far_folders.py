"""How are files on partners' own servers looked at, so that one who hangs holds up nobody?

Each look at a partner's files is a thread of its own. A round waits for its looks for as long as an answer may take;
one that is not done by then goes on by itself, and its partner is left out of the rounds until it ends.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Generic, Protocol, TypeVar

import structlog

from gateway.adapters.files.watch import Watch
from gateway.app.http.served import Served
from gateway.app.workers import Ticker
from gateway.errors import GatewayError, TransientError
from gateway.flows.log_events import LogEvent
from gateway.flows.store.rows import Organisation

log = structlog.get_logger()


class FarPlace(Hashable, Protocol):
    """Where one partner's files lie; equal as long as nothing about it has changed."""

    @property
    def organisation(self) -> str:
        """Whose it is."""
        ...


P = TypeVar("P", bound=FarPlace)


Unreachable = Callable[[str, str | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FarChannel(Generic[P]):
    """One way of reaching partners' files.

    Shape: `places` yields those that are in use just now, `watch` makes the watch over one, `unreachable` logs that
    a partner's server is not there for us, by the organisation and the code of the error.
    Units: a round waits for `patience_seconds` at most.
    """

    name: str
    places: Callable[[], Iterator[P]]
    watch: Callable[[P], Watch]
    unreachable: Unreachable
    patience_seconds: float


class FarFolders(Generic[P]):
    """Looks at every partner's files, each for itself."""

    def __init__(self, channel: FarChannel[P]) -> None:
        self._channel = channel
        self._watches: dict[P, Watch] = {}
        self._looks: dict[P, _Look] = {}
        self._has_ended = False

    def end(self) -> None:
        """Look no more: a server that does not answer must not keep the process from ending."""
        self._has_ended = True
        self._wait(self._looks.values())

    def look(self) -> int:
        """Look once at each, and return how many files were accepted by the looks that have ended."""
        if self._has_ended:
            return 0
        places = list(self._channel.places())
        self._watches = {place: self._watches.get(place) or self._channel.watch(place) for place in places}
        self._looks = {place: look for place, look in self._looks.items() if look.is_alive()}
        begun = [self._begin(place) for place in places if place not in self._looks]
        self._wait(begun)
        return sum(look.accepted for look in begun)

    def _begin(self, place: P) -> "_Look":
        look = _Look(self._watches[place], place, self._channel.unreachable)
        self._looks[place] = look
        look.start()
        return look

    def _wait(self, looks: Iterable["_Look"]) -> None:
        ends = time.monotonic() + self._channel.patience_seconds
        for look in looks:
            look.join(timeout=max(0.0, ends - time.monotonic()))


class FarIntake(Generic[P]):
    """The thread that begins a round again and again."""

    def __init__(self, channel: FarChannel[P], *, every_seconds: float) -> None:
        self._folders = FarFolders(channel)
        self._ticker = Ticker(channel.name, self._folders.look, every_seconds=every_seconds)

    def start(self) -> None:
        """Begin."""
        self._ticker.start()

    def stop(self) -> None:
        """Return when the looks that were begun have ended, or were waited for long enough."""
        self._folders.end()
        self._ticker.stop()


class _Look(Thread):
    """One look at one partner's files. A process that ends meanwhile loses nothing: they are found again."""

    def __init__(self, watch: Watch, place: FarPlace, unreachable: Unreachable) -> None:
        super().__init__(name=f"look-{place.organisation}", daemon=True)
        self._watch = watch
        self._place = place
        self._unreachable = unreachable
        self.accepted = 0

    def run(self) -> None:
        """Look once."""
        try:
            self.accepted = self._watch.look()
        except TransientError as error:
            self._unreachable(self._place.organisation, error.code)
        except Exception as error:  # noqa: BLE001  # one server's odd answer must not keep the others waiting
            log.warning(LogEvent.FOLDER_UNREADABLE, organisation=self._place.organisation, error=error)


def organisations_with(served: Served, table: str) -> Iterator[Organisation]:
    """Yield every organisation in use whose profile has that table."""
    for organisation in served.store.read(lambda uow: uow.directory.organisations()):
        if organisation.is_enabled and table in organisation.profile:
            yield organisation


def greet(
    places: Sequence[P], speak: Callable[[P], None], *, seconds: float, denied: str
) -> list[tuple[str, str | None]]:
    """Return of each place its organisation, and why its files cannot be listed or None where they can.

    Args:
        places: those to greet.
        speak: lists one, or raises.
        seconds: how long all of them may take together; code `slow` for whoever takes longer.
        denied: the code for a server that lets us in and does not show them.
    """
    greetings = [_Greeting(place, speak, denied) for place in places]
    ends = time.monotonic() + seconds
    for greeting in greetings:
        greeting.start()
    for greeting in greetings:
        greeting.join(timeout=max(0.0, ends - time.monotonic()))
    return [(place.organisation, greeting.code) for place, greeting in zip(places, greetings, strict=True)]


class _Greeting(Thread, Generic[P]):
    """One attempt to list one partner's files."""

    def __init__(self, place: P, speak: Callable[[P], None], denied: str) -> None:
        super().__init__(name=f"greet-{place.organisation}", daemon=True)
        self._place = place
        self._speak = speak
        self._denied = denied
        self.code: str | None = "slow"

    def run(self) -> None:
        """Speak once."""
        try:
            self._speak(self._place)
        except GatewayError as error:
            self.code = error.code
        except (OSError, EOFError):
            self.code = self._denied
        else:
            self.code = None
