"""Which numbers may an installation choose about the flow of messages?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSettings:
    """Limits and intervals of the flows. Settings of the process fill them; these are the shipped defaults.

    Units: seconds unless the name says otherwise.
    """

    attempts_limit: int = 12
    """Tries of one delivery or one message before it becomes a dead letter."""
    lost_leases_limit: int = 4
    """Leases in a row that end without a word, as if the process had ended, before work is set aside unworked."""
    retry_first_seconds: float = 1.0
    retry_factor: float = 2.0
    retry_most_seconds: float = 900.0
    breaker_failures: int = 5
    """Failures of a partner, one after the other, before nothing but a probe is sent there for a while."""
    breaker_pause_seconds: float = 30.0
    """Pause before the first probe; each is twice the one before, up to `retry_most_seconds`."""
    lease_seconds: float = 60.0
    """How long a piece of work belongs to whoever claimed it; long enough for the slowest partner's answer."""
    batch_limit: int = 8
    """How many messages are worked through in one transaction; the one writer is busy that long."""
    records_a_transaction: int = 50
    """How many record messages of one file are stored together; the file resumes behind the last such batch."""
    sweep_seconds: float = 5.0
    scan_seconds: float = 10.0
    """How long the scanner may keep a delivery that is not urgent."""
