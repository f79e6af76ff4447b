"""How is a connection to the broker kept? One thread owns it, and nobody else touches it.

The library is not safe for threads: everything but `call` happens on the connection's own thread. Each connection has
one channel. Whatever goes wrong with either, both are given up and made anew, after a pause, at the next host.
"""

import random
import threading
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.connection import Connection as AnyConnection
from pika.exceptions import ChannelClosedByBroker
from pika.frame import Method

from gateway.adapters.amqp.address import BrokerAddress, Patience
from gateway.adapters.amqp.frames import SturdyConnection
from gateway.flows.log_events import LogEvent

UNREACHABLE = "bus-unreachable"
BLOCKED = "bus-blocked"
CLOSED = "bus-closed"
REFUSED = "bus-refused"
RPC_TIMEOUT = "bus-rpc-timeout"

_SPREAD = random.SystemRandom()
_TICK_SECONDS = 0.1
_FURTHEST_ROUND = 16

_log = structlog.get_logger()

Answer = Method[Any]


class Party(Protocol):
    """Whoever uses a connection. All of it is called on the connection's thread and MUST NOT wait."""

    def opened(self, channel: Channel) -> None:
        """Begin, on a fresh channel: nothing of an earlier one is left."""
        ...

    def lost(self) -> None:
        """Give up what was under way: the channel is gone, and its numbers mean nothing any more."""
        ...

    def tick(self) -> None:
        """Look after deadlines; called ten times a second, connected or not."""
        ...


class Connection:
    """Keeps one connection open, for as long as it is wanted."""

    def __init__(self, address: BrokerAddress, patience: Patience, *, name: str, party: Party) -> None:
        self._address = address
        self._patience = patience
        self._name = name
        self._party = party
        self._gate = threading.Lock()
        self._loop: IOLoop | None = None
        self._posted: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._amqp: AnyConnection | None = None
        self._channel: Channel | None = None
        self._attempt = 0
        self._failed_in_turn = 0
        self._is_ready = False
        self._is_blocked = False
        self._is_stopping = False

    @property
    def trouble(self) -> str | None:
        """Return why nothing can be sent just now: `bus-unreachable`, `bus-blocked`, `bus-closed`; or None."""
        if self._is_stopping:
            return CLOSED
        if not self._is_ready:
            return UNREACHABLE
        return BLOCKED if self._is_blocked else None

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._thread.start()

    def call(self, work: Callable[[], None]) -> None:
        """Run *work* on the connection's thread, soon; safe from any thread."""
        with self._gate:
            if self._loop is None:
                self._posted.append(work)
            else:
                self._loop.add_callback_threadsafe(self._guarded(work))

    def stop(self) -> None:
        """Return when the connection is closed and its thread has ended; a broker that does not answer is left."""
        self.call(self._begin_stop)
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(self._patience.stop)
            if self._thread.is_alive():
                self.call(self._break_off)
                self._thread.join(self._patience.stop)

    def rpc(self, start: Callable[[Callable[[Answer], None]], object], then: Callable[[Answer], None]) -> None:
        """Call *start* with what the broker's answer is given to; without an answer in time, begin anew elsewhere.

        Only on the connection's thread.
        """
        loop, of = self._loop, self._channel
        if loop is None:
            return
        timer = loop.call_later(self._patience.rpc, self._guarded(lambda: self._gave_no_answer(of)))

        def answered(frame: Answer) -> None:
            loop.remove_timeout(timer)
            if of is self._channel:
                self._guarded(lambda: then(frame))()

        start(answered)

    def ready(self) -> None:
        """Say that everything the party needs is in place: from now on it can be used. Only on this thread."""
        is_news, self._is_ready = not self._is_ready, True
        self._failed_in_turn = 0
        if is_news:
            _log.info(LogEvent.BUS_CONNECTED, thread=self._name)

    def begin_anew(self, code: str) -> None:
        """Give this connection up, because of *code*, and make another. Only on the connection's thread."""
        amqp = self._amqp
        self._was_lost(code)
        if amqp is not None and not (amqp.is_closing or amqp.is_closed):
            amqp.close()

    def _run(self) -> None:
        while not self._is_stopping:
            loop = IOLoop()
            with self._gate:
                self._loop, posted, self._posted = loop, self._posted, []
            loop.add_callback(self._guarded(self._connect))
            self._tick()
            for work in posted:
                loop.add_callback(self._guarded(work))
            try:
                loop.start()
            except Exception as error:  # noqa: BLE001 - a bug in the library must cost a reconnection, never the thread
                _log.error(LogEvent.BUS_LOST, thread=self._name, error=error)
                self._was_lost(None)
            with self._gate:
                self._loop = None
            loop.close()

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        """Return *work* so that its failure costs the connection and not the thread."""

        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - as above
                _log.error(LogEvent.BUS_LOST, thread=self._name, error=error)
                self.begin_anew(UNREACHABLE)

        return run

    def _tick(self) -> None:
        if self._loop is not None:
            self._loop.call_later(_TICK_SECONDS, self._tick)
            self._guarded(self._party.tick)()

    def _connect(self) -> None:
        if self._is_stopping or self._amqp is not None or self._loop is None:
            return
        parameters = self._address.parameters(self._attempt, self._patience, name=self._name)
        self._attempt += 1
        self._amqp = SturdyConnection(
            parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_gone,
            on_close_callback=self._on_gone,
            custom_ioloop=self._loop,
        )

    def _on_open(self, amqp: AnyConnection) -> None:
        if amqp is not self._amqp:
            amqp.close()
            return
        amqp.add_on_connection_blocked_callback(lambda *_: self._blocked(amqp, is_blocked=True))
        amqp.add_on_connection_unblocked_callback(lambda *_: self._blocked(amqp, is_blocked=False))
        self._guarded(lambda: self._open_channel(amqp))()

    def _open_channel(self, amqp: AnyConnection) -> None:
        loop = self._loop
        if loop is None:
            return
        timer = loop.call_later(self._patience.rpc, self._guarded(lambda: self._gave_no_answer(None)))

        def opened(channel: Channel) -> None:
            loop.remove_timeout(timer)
            if amqp is self._amqp:
                self._channel = channel
                channel.add_on_close_callback(self._channel_closed)
                channel.add_on_cancel_callback(lambda _: self.begin_anew(UNREACHABLE))
                self._guarded(lambda: self._party.opened(channel))()

        amqp.channel(on_open_callback=opened)

    def _blocked(self, amqp: AnyConnection, *, is_blocked: bool) -> None:
        if amqp is self._amqp:
            self._is_blocked = is_blocked
            if is_blocked:
                _log.warning(LogEvent.BUS_BLOCKED, thread=self._name)

    def _gave_no_answer(self, channel: Channel | None) -> None:
        if channel is self._channel:
            self.begin_anew(RPC_TIMEOUT)

    def _channel_closed(self, channel: Channel, reason: Exception) -> None:
        if channel is self._channel:
            self.begin_anew(REFUSED if isinstance(reason, ChannelClosedByBroker) else UNREACHABLE)

    def _on_gone(self, amqp: AnyConnection, _reason: BaseException | str) -> None:
        if amqp is self._amqp:
            self._was_lost(UNREACHABLE)
        if self._is_stopping and self._loop is not None and self._amqp is None:
            self._loop.stop()

    def _was_lost(self, code: str | None) -> None:
        """Forget the connection, tell the party, and come back later unless we are stopping."""
        if code is not None and self._failed_in_turn == 0 and not self._is_stopping:
            _log.warning(LogEvent.BUS_LOST, thread=self._name, code=code)
        self._amqp = self._channel = None
        self._is_ready = self._is_blocked = False
        self._party.lost()
        self._failed_in_turn += 1
        if self._loop is not None and not self._is_stopping:
            self._loop.call_later(self._pause(), self._guarded(self._connect))

    def _pause(self) -> float:
        """Return no pause while there are hosts not tried yet, then longer ones, a little by chance."""
        rounds = min((self._failed_in_turn - 1) // len(self._address.hosts), _FURTHEST_ROUND)
        if self._failed_in_turn % len(self._address.hosts):
            return 0.0
        longest = min(self._patience.retry_most, self._patience.retry_first * 2.0**rounds)
        return longest * _SPREAD.uniform(0.5, 1.0)

    def _begin_stop(self) -> None:
        self._is_stopping = True
        amqp = self._amqp
        if amqp is None:
            if self._loop is not None:
                self._loop.stop()
        elif not (amqp.is_closing or amqp.is_closed):
            amqp.close()

    def _break_off(self) -> None:
        """End without the broker's consent: it does not answer."""
        self._is_stopping = True
        if self._loop is not None:
            self._loop.stop()
