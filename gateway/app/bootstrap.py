"""What is a running gateway made of? Every dependency, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.adapters.embedded.bus import EmbeddedBus
from gateway.adapters.http.outlet import HttpOutlet
from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.file_vault import open_vault
from gateway.adapters.sql.sqlite import SqliteStore, open_store
from gateway.app.clock import SystemClock
from gateway.app.ids import SortableIds
from gateway.app.resources import Resources, read_resources
from gateway.app.settings import Settings
from gateway.app.workers import Pump, Ticker
from gateway.audit.log import sequence
from gateway.consent.policy import load_policy
from gateway.flows.clocks import Clocks
from gateway.flows.context import Desk
from gateway.flows.converse import Converser
from gateway.flows.deliver import Deliver
from gateway.flows.facts import FactKeeper
from gateway.flows.identify import Matcher
from gateway.flows.join import Joiner
from gateway.flows.keep import Keeper
from gateway.flows.ports import Clock, Ids
from gateway.flows.process import Process
from gateway.flows.receive import Receive
from gateway.flows.reviews import Reviews
from gateway.flows.routes import load_routes
from gateway.flows.rows import Delivery, Message
from gateway.flows.sharing import Sharer
from gateway.flows.trail import Trail
from gateway.formats.limits import Limits
from gateway.formats.schema_register import SchemaRegister
from gateway.model.identifiers import Authority, OrganisationId
from gateway.translation.library import Library
from gateway.working_time.load import load_calendar

_SEQUENCE_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One assembled gateway. `start` makes it work; until then it only answers."""

    settings: Settings
    desk: Desk
    store: SqliteStore
    receive: Receive
    process: Process
    deliver: Deliver
    facts: FactKeeper
    reviews: Reviews
    clocks: Clocks
    pumps: tuple[Pump[Message] | Pump[Delivery], ...]
    tickers: tuple[Ticker, ...]

    def start(self) -> None:
        """Begin to work on what is in the store and on whatever arrives."""
        for pump in self.pumps:
            pump.start()
        for ticker in self.tickers:
            ticker.start()

    def stop(self) -> None:
        """Lease nothing more, let what is running end, give every event its leaf, and close the store."""
        for pump in self.pumps:
            pump.stop()
        for ticker in self.tickers:
            ticker.stop()
        self.store.close()
