"""Which store, which bus and which queues do the settings name?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from gateway.adapters.amqp.bus import RabbitBus
from gateway.adapters.amqp.topology import topology_of
from gateway.adapters.embedded.bus import EmbeddedBus
from gateway.adapters.sql.connection import Driver, standard_driver
from gateway.adapters.sql.sqlite import SqliteStore, open_store, open_view
from gateway.adapters.sql.store_view import StoreView
from gateway.app.broker import broker_address, broker_patience
from gateway.app.relay import Relay
from gateway.app.settings import Settings
from gateway.model.identifiers import Authority

if TYPE_CHECKING:
    from gateway.adapters.sql.postgres import PostgresStore
    from gateway.adapters.sql.postgres_listener import WakeListener

# The driver of PostgreSQL, and SQLAlchemy, which describes its tables, are 25 MB that only who uses it has to pay. So
# they are imported where it is opened.
STORE_FILE = "gateway.sqlite3"
TruthStore: TypeAlias = "SqliteStore | PostgresStore"
"""The store of an installation: a file of its own, or a database it shares with others."""
AnyBus = EmbeddedBus | RabbitBus
Courier: TypeAlias = "Relay | WakeListener"


def open_bus(settings: Settings) -> AnyBus:
    """Return what wakes this process: the broker where several processes share a database, else nothing but itself.

    Raises:
        SettingsError: the broker's password cannot be read, or it would be spoken to in clear.
    """
    address = broker_address(settings)
    if address is None or not settings.database_url.get_secret_value():
        return EmbeddedBus()
    return RabbitBus(address, topology_of(), broker_patience(settings))


def _left_to_the_relay(_wakes: object) -> None:
    """Do nothing: these wake-ups lie in the store, and a relay hands them to the broker."""


def open_truth(settings: Settings, bus: AnyBus, *, driver: Driver = standard_driver) -> TruthStore:
    """Return the store that *settings* name, joined to *bus*: the PostgreSQL database, or the file in the data folder.

    Raises:
        StoreUnavailableError: it is another process's, cannot be reached, or is at another version.
        IntegrityError: a guard, a right or a setting of it is not what it must be.
    """
    authority, dsn = Authority(settings.authority), settings.database_url.get_secret_value()
    on_wake = _left_to_the_relay if isinstance(bus, RabbitBus) else bus.publish_all
    if not dsn:
        return open_store(settings.data_folder / STORE_FILE, authority=authority, on_wake=on_wake, driver=driver)
    from gateway.adapters.sql.postgres import open_postgres_store  # noqa: PLC0415
    from gateway.adapters.sql.postgres_connection import PostgresLimits  # noqa: PLC0415

    return open_postgres_store(
        dsn,
        authority=authority,
        on_wake=on_wake,
        owner_dsn=settings.database_owner_url.get_secret_value() or None,
        has_outbox=isinstance(bus, RabbitBus),
        limits=PostgresLimits(writers=settings.database_writers, readers=settings.database_readers),
    )


@contextmanager
def open_truth_view(settings: Settings) -> Iterator[StoreView]:
    """Give the store that *settings* name for reading only, whoever has it open.

    Raises:
        NotFoundError: there is no such file.
        StoreUnavailableError: the database cannot be reached, or is at another version.
    """
    authority, dsn = Authority(settings.authority), settings.database_url.get_secret_value()
    if dsn:
        from gateway.adapters.sql.postgres import open_postgres_view  # noqa: PLC0415

        view: StoreView = open_postgres_view(dsn, authority=authority)
    else:
        view = open_view(settings.data_folder / STORE_FILE, authority=authority)
    try:
        yield view
    finally:
        view.close()


def couriers_of(settings: Settings, store: TruthStore, bus: AnyBus) -> tuple[Courier, ...]:
    """Return what hands wake-ups from the store to the broker, where there is one."""
    if not isinstance(bus, RabbitBus) or isinstance(store, SqliteStore):
        return ()
    from gateway.adapters.sql.postgres_listener import WakeListener  # noqa: PLC0415

    relay = Relay(store.outbox, bus)
    dsn = settings.database_url.get_secret_value()
    return relay, WakeListener(dsn, authority=Authority(settings.authority), on_wake=relay.wake)
