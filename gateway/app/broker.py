"""Which broker does this installation use, and what must be on it?"""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from ssl import SSLContext, SSLError
from typing import Any

from gateway.adapters.amqp.address import BrokerAddress, Patience, hosts_of, tls_context
from gateway.adapters.amqp.asyncapi import asyncapi_of
from gateway.adapters.amqp.definitions import definitions_of
from gateway.adapters.amqp.topology import Topology, topology_of
from gateway.app.partner_profiles import Transport, is_loopback
from gateway.app.settings import Settings, SettingsError
from gateway.flows.store.rows import Organisation

DEFINITIONS = "definitions.json"
ASYNCAPI = "asyncapi.json"


def is_amqp(organisation: Organisation) -> bool:
    """Tell whether documents reach the organisation through queues of its own."""
    return organisation.profile.get("transport") == Transport.AMQP.value


def topology_for(organisations: Iterable[Organisation]) -> Topology:
    """Return what must be on the broker for *organisations*; those that are reached by HTTP need nothing there."""
    return topology_of(one.organisation for one in organisations if is_amqp(one))


def definitions_for(organisations: Iterable[Organisation], virtual_host: str) -> Mapping[str, Any]:
    """Return what the broker's *virtual_host* must hold for *organisations*, as it imports it."""
    return definitions_of(topology_for(organisations), virtual_host)


def described(organisations: Iterable[Organisation]) -> Mapping[str, str]:
    """Return the files of `deploy/rabbitmq/` by name, as texts."""
    topology = topology_for(organisations)
    return {
        DEFINITIONS: _text(definitions_of(topology)),
        ASYNCAPI: _text(asyncapi_of(topology, version=version("ecaf-gateway"))),
    }


def write_description(organisations: Iterable[Organisation], folder: Path) -> tuple[Path, ...]:
    """Write the files into *folder* and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    files = described(organisations)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in files)


def broker_address(settings: Settings) -> BrokerAddress | None:
    """Return where the broker is, or None where the settings name none.

    Raises:
        SettingsError: the password cannot be read, or a host that is not this machine would be spoken to in clear.
    """
    if not settings.broker_hosts:
        return None
    is_tls = settings.broker_tls
    hosts = hosts_of(settings.broker_hosts.split(","), is_tls=is_tls)
    if not is_tls and not all(is_loopback(host.name) for host in hosts):
        raise SettingsError("GATEWAY_BROKER_TLS: only a broker on this very machine may be spoken to without TLS")
    return BrokerAddress(
        hosts=hosts,
        virtual_host=settings.broker_virtual_host,
        user=settings.broker_user,
        password=_password(settings.broker_password_file),
        tls=_tls(settings) if is_tls else None,
    )


def broker_patience(settings: Settings) -> Patience:
    """Return how patient we are with the broker; a confirm may take as long as any exchange with a partner."""
    return Patience(confirm=min(10.0, settings.partner_total_seconds), stop=settings.stop_seconds / 2)


def _tls(settings: Settings) -> SSLContext:
    """Return how the broker is spoken to over TLS.

    Raises:
        SettingsError: a file cannot be read, or is not what it must be.
    """
    authority, certificate = settings.broker_authority_file, settings.broker_certificate_file
    try:
        return tls_context(authority, certificate, settings.broker_key_file)
    except (OSError, ValueError) as error:
        named = "GATEWAY_BROKER_AUTHORITY_FILE, GATEWAY_BROKER_CERTIFICATE_FILE, GATEWAY_BROKER_KEY_FILE"
        why = (
            isinstance(error, OSError) and not isinstance(error, SSLError) and error.strerror
        ) or "no PEM, or no pair"
        raise SettingsError(f"{named}: one of them cannot be used: {why}") from None


def _password(file: Path | None) -> str:
    if file is None:
        raise SettingsError("GATEWAY_BROKER_PASSWORD_FILE: name the file that holds the password")
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"GATEWAY_BROKER_PASSWORD_FILE: cannot be read: {type(error).__name__}") from None


def _text(made: Mapping[str, object]) -> str:
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
