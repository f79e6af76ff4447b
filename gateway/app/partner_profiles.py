"""Who is this partner? Reads deploy/partners/<organisation>.toml, so that adding a partner needs no Python.

docs/partners/README.md explains every key. A profile holds no secret: credentials are made by `gateway partners add`
and tokens we show to a partner lie in files of their own.
"""

import ipaddress
import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.adapters.files.sftp_connection import check_host_key
from gateway.adapters.keys.jose import KEY_AGREEMENT, KEY_ENCRYPTION, SIGNATURE, check_public_key
from gateway.errors import PermanentError, Place
from gateway.flows.store.rows import Organisation
from gateway.model.identifiers import OrganisationId


class ProfileError(PermanentError):
    """A partner's profile is wrong; the place names the key, the message the file and what to write instead."""

    code = "profile"


class System(StrEnum):
    """The kinds of outside system the gateway speaks to; spelled alike in mappings/, schemas/ and simulators."""

    ECAF = "ecaf"
    MASH = "mash"
    ICS = "ics"
    SIMS = "sims"
    BOROUGH = "borough"
    HEALTH = "health"


class OrganisationType(StrEnum):
    """What kind of organisation it is, as sharing policy and consents speak of it."""

    MASH = "mash"
    EARLY_HELP = "early_help"
    SOCIAL_CARE = "social_care"
    SCHOOL = "school"
    HEALTH = "health"
    GP = "gp"
    CAMHS = "camhs"
    """Families often leave out their surgery, or the child's mental health, and not all of health."""
    POLICE = "police"
    HOUSING = "housing"
    PROBATION = "probation"
    VOLUNTARY = "voluntary"
    COUNCIL = "council"
    PORTAL = "portal"
    """A web form that sends on what many people write; who each of them is stands in the form."""


class Idempotency(StrEnum):
    """What a partner does with the same document sent twice."""

    IDEMPOTENT = "idempotent"
    """Takes it once, whoever often it comes: retries are safe."""
    QUERY_FIRST = "query-first"
    """Takes it twice, but can be asked whether it has it."""
    AT_MOST_ONCE = "at-most-once"
    """Takes it twice and cannot be asked: after a doubtful send a person decides."""


class Transport(StrEnum):
    """How documents reach a partner."""

    HTTP = "http"
    AMQP = "amqp"
    """Through queues of its own on our broker, sealed for it."""


_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
_Text = Annotated[str, Field(min_length=1, max_length=200)]
_FormatName = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9.]+)*$")]
_FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


def _sendable(url: str) -> str:
    """Return *url* if documents may be sent there: https, or plain http to this machine; nothing secret inside."""
    parts = urlsplit(url)
    if parts.username or parts.password or parts.fragment or not parts.hostname:
        raise ValueError("write a host, and neither user, password nor fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError("documents go over https; plain http is for 127.0.0.1, ::1 and localhost only")
    return url


def is_loopback(host: str) -> bool:
    """Tell whether *host* names this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Agreement(_Part):
    id: _Id
    version: Annotated[str, Field(min_length=1, max_length=20)]
    status: Annotated[str, Field(pattern=r"^(in_force|expired|missing)$")]
    expires_on: date | None = None


class _Staff(_Part):
    training_valid: bool | None = None
    agreement_signed: bool | None = None
    callers_verified: bool | None = None


class _Intake(_Part):
    scopes: tuple[_FormatName, ...] = Field(default=(), strict=False)
    folders: tuple[_FormatName, ...] = Field(default=(), strict=False)
    form_key_file: _FileName | None = None


class _Endpoint(_Part):
    kind: Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z_]+)+$")]
    format: _FormatName
    url: Annotated[str, AfterValidator(_sendable)] | None = None
    query_url: Annotated[str, AfterValidator(_sendable)] | None = None
    token_file: _FileName | None = None


def _sealing_key(key: dict[str, str]) -> dict[str, str]:
    """Return *key* if documents can be sealed for it."""
    return _sound(key, (KEY_AGREEMENT, KEY_ENCRYPTION))


def _signing_key(key: dict[str, str]) -> dict[str, str]:
    """Return *key* if signatures can be checked with it."""
    return _sound(key, (SIGNATURE,))


def _sound(key: dict[str, str], algorithms: tuple[str, ...]) -> dict[str, str]:
    try:
        check_public_key(key, algorithms=algorithms)
    except PermanentError as error:
        raise ValueError(error.message) from None
    return key


class _Amqp(_Part):
    seal_for: Annotated[dict[str, str], AfterValidator(_sealing_key)] | None = None
    signed_by: Annotated[dict[str, str], AfterValidator(_signing_key)] | None = None


class _Sftp(_Part):
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$")]
    folder: Annotated[str, Field(pattern=r"^[^\x00-\x1f]{1,200}$")] = "."
    host_key: Annotated[str, Field(max_length=2000), AfterValidator(check_host_key)]
    key_file: _FileName


def _origin(url: str) -> str:
    """Return *url* if it is a server we may speak to, and nothing below it."""
    parts = urlsplit(_sendable(url))
    if parts.path not in {"", "/"} or parts.query:
        raise ValueError("write scheme, host and port only; the bucket is a key of its own")
    return url.removesuffix("/")


def _no_trial(prefix: str) -> str:
    """Return *prefix* unless GOV.UK Forms put there what somebody tries a form out with."""
    if prefix.startswith("test_form_submissions/"):
        raise ValueError("what is filled in to try a form out is nobody's record")
    return prefix


class _S3(_Part):
    endpoint: Annotated[str, AfterValidator(_origin)]
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    prefix: Annotated[str, Field(pattern=r"^([^/\x00-\x1f][^\x00-\x1f]{0,198}/)?$"), AfterValidator(_no_trial)] = ""
    form: _FormatName | None = None
    owner: Annotated[str, Field(pattern=r"^[0-9]{12}$")] | None = None
    key_file: _FileName
    authority_file: _FileName | None = None


class _Retry(_Part):
    attempts_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    first_seconds: Annotated[float, Field(gt=0, le=86400, strict=False)] | None = None
    most_seconds: Annotated[float, Field(gt=0, le=86400, strict=False)] | None = None


class _Breaker(_Part):
    failures: Annotated[int, Field(ge=1, le=1000)] | None = None
    pause_seconds: Annotated[float, Field(gt=0, le=86400, strict=False)] | None = None
    most_seconds: Annotated[float, Field(gt=0, le=86400, strict=False)] | None = None


class _Pace(_Part):
    per_second: Annotated[float, Field(gt=0, le=10000, strict=False)] | None = None
    burst: Annotated[int, Field(ge=1, le=10000)] | None = None
    in_flight: Annotated[int, Field(ge=1, le=1000)] | None = None


class _Profile(_Part):
    organisation: _Id
    name: _Text
    system: Annotated[System, Field(strict=False)]
    type: Annotated[OrganisationType, Field(strict=False)]
    referrer_class: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None
    listed_safeguarding_person: bool = False
    secure_channel: bool
    could_reidentify: bool = False
    need_list: tuple[Annotated[str, Field(pattern=r"^[A-Z_]{1,40}$")], ...] = Field(default=(), strict=False)
    is_default: bool | None = None
    idempotency: Annotated[Idempotency, Field(strict=False)] = Idempotency.IDEMPOTENT
    agreement: _Agreement | None = None
    staff: _Staff = _Staff()
    intake: _Intake = _Intake()
    endpoint: tuple[_Endpoint, ...] = Field(default=(), strict=False)
    retry: _Retry = _Retry()
    breaker: _Breaker = _Breaker()
    pace: _Pace = _Pace()
    transport: Annotated[Transport, Field(strict=False)] | None = None
    amqp: _Amqp | None = None
    sftp: _Sftp | None = None
    s3: _S3 | None = None

    @model_validator(mode="after")
    def _fits_its_transport(self) -> Self:
        if self.transport is Transport.AMQP:
            self._check_amqp()
        elif self.amqp is not None:
            raise ValueError('an [amqp] table goes with transport = "amqp"')
        elif any(endpoint.url is None for endpoint in self.endpoint):
            raise ValueError("every [[endpoint]] needs a url")
        return self

    def _check_amqp(self) -> None:
        keys = self.amqp or _Amqp()
        if any(endpoint.url or endpoint.token_file for endpoint in self.endpoint):
            raise ValueError("an [[endpoint]] of a queue has neither url nor token_file")
        if self.endpoint and keys.seal_for is None:
            raise ValueError("an [[endpoint]] of a queue needs [amqp.seal_for], the key documents are sealed for")
        if self.intake.scopes and keys.signed_by is None:
            raise ValueError("intake.scopes of a queue need [amqp.signed_by], the key its documents are signed by")

    @model_validator(mode="after")
    def _has_folders_to_look_at(self) -> Self:
        if self.sftp is not None and not self.intake.folders:
            raise ValueError("an [sftp] table needs intake.folders: the formats whose folders are looked at")
        if self.s3 is not None and not self.intake.folders:
            raise ValueError("an [s3] table needs intake.folders: the formats that are looked for")
        if self.s3 is not None and self.s3.form not in {None, *self.intake.folders}:
            raise ValueError("s3.form must be one of intake.folders")
        return self

    @model_validator(mode="after")
    def _one_way_for_each_kind(self) -> Self:
        kinds = [endpoint.kind for endpoint in self.endpoint]
        if len(set(kinds)) < len(kinds):
            raise ValueError("two endpoints have the same kind; keep one")
        return self

    @model_validator(mode="after")
    def _routed_only_with_an_endpoint(self) -> Self:
        if self.is_default and not self.endpoint:
            raise ValueError("is_default = true needs an [[endpoint]]: documents would have nowhere to go")
        return self


_FIXES: Mapping[str, str] = MappingProxyType(
    {
        "organisation": "write the file's own name: small letters, digits and hyphens",
        "system": f"write one of {', '.join(System)}",
        "type": f"write one of {', '.join(OrganisationType)}",
        "secure_channel": "write true or false: whether what is sent there is encrypted all the way",
        "status": "write in_force, expired or missing",
        "expires_on": "write a date without quotes, such as 2027-03-31",
        "idempotency": f"write one of {', '.join(Idempotency)}",
        "scopes": "write format names without version, such as mash/govuk-forms",
        "folders": "write format names with version, such as sims/superstar-1",
        "url": "write an https address without user, password or fragment",
        "query_url": "write an https address without user, password or fragment; the message id is put behind it",
        "format": "write a format name such as mash/referral-1",
        "kind": "write a kind of message such as mash.referral.submitted",
        "transport": f"write one of {', '.join(Transport)}; http is meant unless said",
        "seal_for": "write the partner's public key as a JWK with kid and alg",
        "signed_by": "write the partner's public key as a JWK with kid and alg",
        "endpoint": "write an https address with host and port only",
        "region": "write the bucket's region, such as eu-west-2",
        "bucket": "write the bucket's name alone",
        "prefix": "write what all keys begin with, ending with a slash",
        "form": "write a format name such as mash/govuk-forms-1, where all of prefix is of that one format",
        "owner": "write the twelve digits of the account the bucket belongs to",
        "authority_file": "write a file name; the folder is the setting GATEWAY_PARTNER_TOKENS_FOLDER",
        "host_key": "write the server's public host key as `<type> <base64>`, from whoever runs it",
        "key_file": "write a file name; the folder is the setting GATEWAY_PARTNER_TOKENS_FOLDER",
        "form_key_file": "write a file name; the folder is the setting GATEWAY_PARTNER_TOKENS_FOLDER",
        "token_file": "write a file name; the folder is the setting GATEWAY_PARTNER_TOKENS_FOLDER",
    }
)


def read_profile(path: Path) -> Organisation:
    """Return the organisation that the file at *path* describes, ready to be stored.

    Shape: `profile` is JSON: name, referrer_class, listed_safeguarding_person, secure_channel, could_reidentify,
    need_list, is_default, idempotency, agreement {id, version, status, expires_on}, staff {training_valid,
    agreement_signed}, intake {scopes, folders, form_key_file}, endpoints [{kind, format, url, query_url, token_file}],
    retry, breaker {failures, pause_seconds, most_seconds}, pace {per_second, burst, in_flight}, transport, amqp
    {seal_for, signed_by}, sftp {host, port, user, folder, host_key, key_file}, s3 {endpoint, region, bucket, prefix,
    form, owner, key_file, authority_file}; unknown is absent.

    Raises:
        ProfileError: the file cannot be read, is not TOML, or a key is missing, odd or wrong.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(
            f"{path.name}: cannot be read: {type(error).__name__}; check path and permissions"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path.name}: not TOML in UTF-8 ({error})") from error
    return parse_profile(path.stem, table)


def read_profiles(folder: Path) -> tuple[Organisation, ...]:
    """Return every organisation described in *folder*, by name.

    Raises:
        ProfileError: as `read_profile`.
    """
    return tuple(read_profile(path) for path in sorted(folder.glob("*.toml")))


def parse_profile(stem: str, table: Mapping[str, Any]) -> Organisation:
    """Return the organisation that *table*, read from `<stem>.toml`, describes.

    Raises:
        ProfileError: a key is missing, odd or wrong.
    """
    try:
        profile = _Profile.model_validate(dict(table))
    except ValidationError as error:
        raise _explained(f"{stem}.toml", error) from None
    if profile.organisation != stem:
        raise ProfileError(
            f"{stem}.toml: organisation is not the file's name; {_FIXES['organisation']}",
            place=Place(path="organisation"),
        )
    kept = profile.model_dump(mode="json", exclude_none=True, exclude={"organisation", "system", "type", "endpoint"})
    kept["endpoints"] = [endpoint.model_dump(mode="json", exclude_none=True) for endpoint in profile.endpoint]
    kept["is_default"] = bool(profile.endpoint) if profile.is_default is None else profile.is_default
    return Organisation(
        organisation=OrganisationId(profile.organisation),
        system=profile.system.value,
        type=profile.type.value,
        profile=kept,
    )


def _explained(name: str, error: ValidationError) -> ProfileError:
    """Return the first thing that is wrong: which file, which key, what to write."""
    first = error.errors(include_input=False, include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    key = next((part for part in reversed(first["loc"]) if isinstance(part, str)), "")
    fix = "remove it, or check its spelling" if first["type"] == "extra_forbidden" else _FIXES.get(key, "")
    message = f"{name}: {path or 'profile'}: {first['msg'].removeprefix('Value error, ')}"
    return ProfileError(f"{message}; {fix}" if fix else message, place=Place(path=path or None))
