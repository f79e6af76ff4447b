"""What may an installation choose? The only reader of the environment.

Every setting is an environment variable `GATEWAY_<NAME>`; deploy/example.env shows them all. What names this
installation, where it listens, and where its data and keys lie have no default: a process that was not told does not
start. No setting turns off consent, audit or durable storage.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.errors import PermanentError
from gateway.flows.settings import FlowSettings

_CHECKOUT = Path(__file__).resolve().parents[2]

Seconds = Annotated[float, Field(gt=0, le=7 * 24 * 3600)]
Bytes = Annotated[int, Field(gt=0, le=2**40)]
Few = Annotated[int, Field(ge=1, le=64)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class SettingsError(PermanentError):
    """A setting is missing or wrong; the process does not start."""

    code = "settings"


class Settings(BaseSettings):
    """Everything an installation chooses, read once, at start, and never changed while the process lives."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", frozen=True, extra="ignore", case_sensitive=False, use_attribute_docstrings=True
    )

    # who this is
    authority: Annotated[str, Field(pattern=r"[EWSN]\d{8}")]
    """GSS code of the local authority whose records these are. Unit: nine characters, such as E09000003."""
    sender: Annotated[str, Field(pattern=r"[a-z0-9][a-z0-9-]{1,62}")]
    """The organisation the gateway is when it writes to others. Unit: an organisation id, such as barnet-gateway."""
    origin: Annotated[str, Field(pattern=r"[a-z0-9.-]+/[a-z0-9./-]+")]
    """Name of the audit log, on every checkpoint and receipt. Unit: host and path, such as gateway.example/audit."""

    # where it listens and where its things lie
    listen_host: str
    """Address the HTTP server binds. Unit: host name or IP address; put a TLS proxy before anything but loopback."""
    listen_port: Annotated[int, Field(ge=0, le=65535)]
    """Port the HTTP server binds. Unit: TCP port; 0 takes any free one."""
    data_folder: Path
    """Folder of the store. Unit: path, on a disk of its own if possible."""
    database_url: SecretStr = SecretStr("")
    """PostgreSQL, as a role that does not own the tables. Unit: postgresql://role@host:port/name; empty: SQLite."""
    database_owner_url: SecretStr = SecretStr("")
    """The same as the owner, to bring it up to date at start. Unit: the same; empty: somebody else does that."""
    database_writers: Few = 4
    """Connections that change the PostgreSQL database at one time. Unit: connections."""
    database_readers: Few = 8
    """Connections that read the PostgreSQL database at one time. Unit: connections."""
    keys_folder: Path
    """Folder of the sealing and signing keys. Unit: path; back it up apart from the data."""
    drop_folder: Path | None = None
    """Folder watched for files, laid out organisation/partner/message-version. Unit: path; unset: none is watched."""
    partner_tokens_folder: Path | None = None
    """Folder of the tokens we show to partners, named by `token_file` in their profiles. Unit: path."""
    mappings_folder: Path = _CHECKOUT / "mappings"
    """Mapping tables and routes. Unit: path."""
    codes_folder: Path = _CHECKOUT / "mappings" / "codes"
    """Code lists. Unit: path."""
    policy_folder: Path = _CHECKOUT / "mappings" / "policy"
    """Sharing policies, areas' own profiles, and from when laws are in force. Unit: path."""
    schemas_folder: Path = _CHECKOUT / "schemas"
    """Schemas of partners and of our own files. Unit: path."""
    opening_hours_file: Path = _CHECKOUT / "deploy" / "opening-hours.example.toml"
    """When the MASH is open: deadlines run in its working time. Unit: path."""

    metrics_token_file: Path | None = None
    """File with the token that /metrics asks for, for its owner's eyes only. Unit: path; unset: they are not shown."""

    # what holds in this area
    disagree: str = "If you disagree, ask for the MASH manager or use your partnership's escalation policy."
    """What a referrer who disagrees with the MASH is told to do. Unit: one or two sentences."""

    # taking documents in over HTTP
    body_limit_bytes: Bytes = 20 * 2**20
    """Longest body of one request. Unit: bytes."""
    body_inline_bytes: Bytes = 64 * 2**10
    """Longest body that is read and checked on the event loop; longer ones go to a thread. Unit: bytes."""
    body_seconds: Seconds = 60.0
    """Longest time a sender may take to send one body. Unit: seconds."""
    head_seconds: Seconds = 15.0
    """Longest time a client may take to send the head of a request. Unit: seconds."""
    keep_alive_seconds: Seconds = 30.0
    """How long an idle connection stays open. Unit: seconds."""
    intake_threads: Few = 2
    """Threads that check long bodies. Unit: threads."""
    intake_waiting_limit: Count = 256
    """Documents being taken in at one time; beyond it senders are asked to come back. Unit: requests."""
    intake_reserved: Annotated[int, Field(ge=0, le=1_000_000)] = 32
    """How many of those places are for reading what may turn out to be urgent. Unit: requests."""
    intake_share_limit: Count = 128
    """How many of those places one organisation may take. Unit: requests."""
    intake_memory_bytes: Bytes = 256 * 2**20
    """Bytes of all bodies being taken in at one time. Unit: bytes."""
    busy_retry_seconds: Seconds = 2.0
    """When a sender who met a full house may come back. Unit: seconds."""
    intake_store_limit: Count = 1024
    """Pieces of work that may wait for the disk; beyond it only urgent documents are taken in. Unit: pieces of work."""
    intake_commit_seconds: Seconds = 5.0
    """How long one commit may take; beyond it only urgent documents are taken in. Unit: seconds."""
    intake_backlog_seconds: Seconds = 900.0
    """How long an accepted document may wait for us; beyond it only urgent ones are taken in. Unit: seconds."""
    storage_free_bytes: Annotated[int, Field(ge=0, le=2**50)] = 2**30
    """Room on the store's disk below which only urgent documents are taken in. Unit: bytes."""
    storage_free_share: Annotated[float, Field(ge=0, lt=1)] = 0.02
    """The same as a share of the disk; the larger of the two counts. Unit: share, from 0 to 1."""
    storage_urgent_bytes: Annotated[int, Field(ge=0, le=2**50)] = 256 * 2**20
    """Room below which urgent ones are refused too; what was accepted goes on. Unit: bytes."""
    pressure_seconds: Seconds = 1.0
    """How often disk, commits and backlog are looked at. Unit: seconds."""
    connections_limit: Count = 1000
    """Open connections beyond which new requests are answered 503. Unit: connections."""

    # reading documents
    depth_limit: Count = 100
    """Deepest nesting of a document. Unit: levels."""
    nodes_limit: Count = 500_000
    """Most elements or values of one document, or of one record of a document read as a stream. Unit: nodes."""
    whole_limit_bytes: Bytes = 4 * 2**20
    """Longest document of several records that is read in one piece; longer ones as a stream. Unit: bytes."""

    # taking files in
    file_limit_bytes: Bytes = 2 * 2**30
    """Longest file taken from the watched folder. Unit: bytes."""
    file_poll_seconds: Seconds = 1.0
    """How often the watched folder is looked at. Unit: seconds."""
    file_stable_seconds: Seconds = 2.0
    """How long size and time of a file must stand still before it is taken. Unit: seconds."""
    file_unfinished_seconds: Seconds = 900.0
    """How long a file whose end is missing may stand still before it is taken, and refused. Unit: seconds."""
    file_report_seconds: Seconds = 7 * 24 * 3600.0
    """How long our reports stay in the watched folder. Unit: seconds."""

    sftp_poll_seconds: Seconds = 30.0
    """How often partners' folders on SFTP servers are looked at. Unit: seconds."""
    sftp_answer_seconds: Seconds = 20.0
    """Longest time an SFTP server may take to answer. Unit: seconds."""
    s3_poll_seconds: Seconds = 30.0
    """How often partners' buckets on S3 servers are looked at. Unit: seconds."""
    s3_answer_seconds: Seconds = 20.0
    """Longest time until an S3 server begins to answer; a whole answer may take four times as long. Unit: seconds."""

    # writing to partners
    partner_connect_seconds: Seconds = 5.0
    """Longest time to reach a partner. Unit: seconds."""
    partner_total_seconds: Seconds = 30.0
    """Longest time for a whole exchange with a partner; shorter than lease_seconds. Unit: seconds."""
    partner_answer_bytes: Bytes = 64 * 2**10
    """Longest answer of a partner that is read. Unit: bytes."""
    partner_connections: Count = 32
    """Connections kept to all partners together. Unit: connections."""

    # the broker
    broker_hosts: str | None = None
    """Nodes of the RabbitMQ cluster, tried in turn. Unit: host or host:port, with commas between; unset: no broker."""
    broker_virtual_host: str = "ecaf-gateway"
    """Virtual host there. Unit: name."""
    broker_user: str = "gateway"
    """The user we are there. Unit: name."""
    broker_password_file: Path | None = None
    """File that holds that user's password. Unit: path."""
    broker_tls: bool = True
    """Whether the broker is spoken to over TLS; only one on this very machine may do without. Unit: true or false."""
    broker_authority_file: Path | None = None
    """Certificate of whoever vouches for the broker. Unit: path; unset: the system's authorities."""
    broker_certificate_file: Path | None = None
    """Certificate we show to the broker, if it asks for one. Unit: path."""
    broker_key_file: Path | None = None
    """Key of that certificate. Unit: path."""
    queue_body_limit_bytes: Bytes = 8 * 2**20
    """Longest document taken from a partner's queue. Unit: bytes before it was signed and sealed."""

    # scanning attached documents for malware
    scanner: str | None = None
    """Where clamd listens on this machine. Unit: unix:PATH or tcp:127.0.0.1:PORT; unset: attached documents wait."""
    scanner_seconds: Seconds = 10.0
    """Longest time for one attached document to be scanned. Unit: seconds."""
    scanner_limit_bytes: Bytes = 25 * 2**20
    """Longest attached document the scanner takes; at most its own StreamMaxLength. Unit: bytes."""

    # work
    deliver_threads: Few = 4
    """Threads that hand over to partners. Unit: threads."""
    attempts_limit: Count = 200
    """Tries of one delivery or message before it becomes a dead letter. Unit: tries."""
    lost_leases_limit: Annotated[int, Field(ge=3, le=1000)] = 4
    """Process ends, one after the other, while a piece of work was in hand, until it is set aside. Unit: ends."""
    breaker_failures: Count = 5
    """Failures of a partner, one after the other, before only a probe is sent there now and then. Unit: failures."""
    breaker_pause_seconds: Seconds = 30.0
    """Pause before the first probe; each is twice the one before, up to the longest of a retry. Unit: seconds."""
    retry_first_seconds: Seconds = 1.0
    """Pause before the second try. Unit: seconds."""
    retry_factor: Annotated[float, Field(ge=1, le=10)] = 2.0
    """By how much each pause is longer than the one before. Unit: factor."""
    retry_most_seconds: Seconds = 900.0
    """Longest pause between two tries. Unit: seconds."""
    lease_seconds: Seconds = 60.0
    """How long a piece of work belongs to the thread that claimed it. Unit: seconds."""
    batch_limit: Count = 8
    """How many documents are worked through in one transaction, if so many wait. Unit: documents."""
    records_a_transaction: Count = 50
    """How many records of one file are stored together. Unit: records."""
    sweep_seconds: Seconds = 5.0
    """How often work that was ready but not woken is looked for. Unit: seconds."""
    audit_interval_seconds: Seconds = 0.2
    """How often new events are given their place in the log and a checkpoint is signed. Unit: seconds."""

    # telling people by name that something waits
    named_persons_file: Path | None = None
    """Whom to tell when something is due within the hour, or late. Unit: path; unset: nobody is told by name."""
    console_url: str | None = None
    """The console's address, as those who are told reach it. Unit: URL; unset: they are told none."""
    smtp_host: str | None = None
    """Server that takes e-mail to them. Unit: host name; unset: none."""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Its port. Unit: TCP port; unset: 587, or 465 with tls."""
    smtp_security: Annotated[str, Field(pattern=r"^(starttls|tls|none)$")] = "starttls"
    """How it is spoken to: none only on this very machine. Unit: starttls, tls or none."""
    smtp_sender: Annotated[str, Field(pattern=r"^[^@\s]+@[A-Za-z0-9.-]+$")] | None = None
    """Whom e-mail comes from. Unit: address; needed with smtp_host."""
    smtp_user: str | None = None
    """The user we are there. Unit: name; unset: it does not ask."""
    smtp_password_file: Path | None = None
    """File that holds that user's password. Unit: path."""
    smtp_authority_file: Path | None = None
    """Certificate of whoever vouches for it. Unit: path; unset: the system's authorities."""

    # people
    session_seconds: Annotated[float, Field(ge=3600, le=7 * 24 * 3600)] = 8 * 3600.0
    """How long a person stays signed in. Unit: seconds."""

    # ending
    stop_seconds: Seconds = 20.0
    """Longest orderly end after SIGTERM; then the process ends as it stands, and loses nothing. Unit: seconds."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.partner_total_seconds >= self.lease_seconds:
            raise ValueError("partner_total_seconds must be shorter than lease_seconds, or a delivery goes out twice")
        if self.scanner and self.partner_total_seconds + 2 * self.scanner_seconds >= self.lease_seconds:
            raise ValueError("partner_total_seconds and twice scanner_seconds must be shorter than lease_seconds")
        if self.intake_reserved >= self.intake_waiting_limit:
            raise ValueError("intake_reserved must be smaller than intake_waiting_limit, or only MASH is let in")
        if self.storage_urgent_bytes > self.storage_free_bytes:
            raise ValueError("storage_urgent_bytes must not be above storage_free_bytes, or urgent ones go first")
        if self.smtp_security == "none" and self.smtp_host not in {None, "127.0.0.1", "::1", "localhost"}:
            raise ValueError("smtp_security = none is for a mail server on this very machine only")
        if self.smtp_host is not None and self.smtp_sender is None:
            raise ValueError("smtp_host needs smtp_sender: whom e-mail comes from")
        return self

    @property
    def flow_settings(self) -> FlowSettings:
        """Return the numbers that flows go by."""
        return FlowSettings(
            attempts_limit=self.attempts_limit,
            lost_leases_limit=self.lost_leases_limit,
            breaker_failures=self.breaker_failures,
            breaker_pause_seconds=self.breaker_pause_seconds,
            retry_first_seconds=self.retry_first_seconds,
            retry_factor=self.retry_factor,
            retry_most_seconds=self.retry_most_seconds,
            lease_seconds=self.lease_seconds,
            batch_limit=self.batch_limit,
            records_a_transaction=self.records_a_transaction,
            sweep_seconds=self.sweep_seconds,
            scan_seconds=self.scanner_seconds,
        )


def read_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        SettingsError: one is missing or wrong; the message names each and what is wrong, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{_variable(found['loc'])}: {found['msg']}" for found in error.errors(include_input=False))
        raise SettingsError(f"{wrong}. deploy/example.env shows every setting") from None


def _variable(location: tuple[int | str, ...]) -> str:
    return f"GATEWAY_{str(location[0]).upper()}" if location else "settings"
