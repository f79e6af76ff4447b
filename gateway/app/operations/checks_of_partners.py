"""Can partners be written to, and how long will their certificates hold?"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.adapters.http.probe import probe
from gateway.app.bootstrap import Application
from gateway.app.operations.findings import Finding, failed, ok, warning
from gateway.app.s3_buckets import greet_buckets
from gateway.app.sftp_folders import greet_folders
from gateway.errors import PartnerUnavailableError

_SECONDS = 5.0
_AT_ONCE = 16
_SOON = timedelta(days=30)
_NOW = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Endpoint:
    organisation: str
    url: str
    token_file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One address: why it cannot be reached, or until when its certificate holds (None without TLS)."""

    organisation: str
    code: str | None = None
    expires_at: datetime | None = None


def tokens_are_there(application: Application) -> Finding:
    """Tell whether every token that a profile names lies where tokens lie."""
    folder = application.settings.partner_tokens_folder
    named = [one for one in _endpoints(application) if one.token_file is not None]
    missing = sorted(
        {one.organisation for one in named if folder is None or not (folder / str(one.token_file)).is_file()}
    )
    if missing:
        found = f"no token file for {', '.join(missing)}"
        return warning(
            "partner tokens", found, "put it into GATEWAY_PARTNER_TOKENS_FOLDER; nothing is sent there until then"
        )
    return ok("partner tokens", f"{len(named)} named, all there")


def partners_answer(_application: Application, reached: Sequence[Reached]) -> Finding:
    """Tell whether somebody answers at every partner's address."""
    silent = sorted({f"{one.organisation} ({one.code})" for one in reached if one.code is not None})
    if silent:
        fix = "is their system up, and may this machine reach it? docs/runbook.md, a partner is down"
        return warning("partners", f"nobody answers at {', '.join(silent)}", fix)
    return ok("partners", f"{len(reached)} addresses answer")


def certificates_hold(application: Application, reached: Sequence[Reached]) -> Finding:
    """Tell which partners' certificates run out."""
    now = application.desk.clock.now()
    known = [(one.expires_at, one.organisation) for one in reached if one.expires_at is not None]
    soon = sorted((at, name) for at, name in known if at < now + _SOON)
    if not soon:
        return ok("certificates", f"{len(known)} seen, all good for thirty days")
    found = ", ".join(f"{name} on {at:%d %B %Y}" for at, name in soon)
    make = failed if soon[0][0] < now + _NOW else warning
    return make(
        "certificates", f"running out: {found}", "tell the partner; without a new one nothing can be sent there"
    )


def folders_are_reached(application: Application, _reached: Sequence[Reached]) -> Finding:
    """Tell whether every partner's folder on an SFTP server can be listed."""
    return _listed("sftp", "folders", greet_folders(application, seconds=_SECONDS), "Files on an SFTP server")


def buckets_are_reached(application: Application, _reached: Sequence[Reached]) -> Finding:
    """Tell whether every partner's part of a bucket on an S3 server can be listed."""
    return _listed("s3", "buckets", greet_buckets(application, seconds=_SECONDS), "Files in an S3 bucket")


def _listed(check: str, what: str, greeted: list[tuple[str, str | None]], chapter: str) -> Finding:
    silent = sorted(f"{organisation} ({code})" for organisation, code in greeted if code is not None)
    if silent:
        fix = f"docs/partners/README.md, {chapter}, says what each code asks for"
        return warning(check, f"not reached: {', '.join(silent)}", fix)
    return ok(check, f"{len(greeted)} {what} can be listed")


def _endpoints(application: Application) -> Iterator[_Endpoint]:
    for one in application.desk.store.read(lambda uow: uow.directory.organisations()):
        if one.is_enabled:
            for endpoint in one.profile.get("endpoints", ()):
                yield _Endpoint(
                    organisation=one.organisation,
                    url=str(endpoint.get("url", "")),
                    token_file=endpoint.get("token_file"),
                )


def reach(application: Application) -> list[Reached]:
    """Return what came of greeting every partner's address; nothing else is sent."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="doctor") as pool:
        return list(pool.map(_try, _endpoints(application)))


def _try(endpoint: _Endpoint) -> Reached:
    try:
        return Reached(organisation=endpoint.organisation, expires_at=probe(endpoint.url, seconds=_SECONDS))
    except PartnerUnavailableError as error:
        return Reached(organisation=endpoint.organisation, code=error.code)
