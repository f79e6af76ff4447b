"""Which scanner are attached documents shown to?"""

from gateway.adapters.clamd.address import parse_address
from gateway.adapters.clamd.client import Clamd
from gateway.app.settings import Settings, SettingsError
from gateway.flows.delivering.scanner import Scanner


def scanner_of(settings: Settings) -> Scanner | None:
    """Return the scanner that *settings* name, or None where they name none: then attached documents wait.

    Raises:
        SettingsError: no address of this machine.
    """
    if settings.scanner is None:
        return None
    try:
        address = parse_address(settings.scanner)
    except ValueError as error:
        raise SettingsError(f"GATEWAY_SCANNER: {error}") from None
    return Clamd(address, seconds=settings.scanner_seconds, limit_bytes=settings.scanner_limit_bytes)
