"""Who is calling? An organisation by its credential.

What was read from the store is kept only while nothing in the directory changes. In the process that made a change it
counts at once; where several processes share a database, in the others within a second, and the time of one answer of
the database.
"""

import hmac
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.app.http.patience import SharedQuestion, in_time
from gateway.app.http.served import LoggedStore
from gateway.errors import NotAllowedError, NotFoundError, UnauthenticatedError
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Credential, Organisation
from gateway.model.identifiers import OrganisationId

_BEARER = re.compile(rb"[Bb]earer +(?P<id>crd_[0-9a-z]{20,40})\.(?P<secret>[A-Za-z0-9_-]{20,200})")
_VERSION = re.compile(r"-\d[\d.]*$")
_NOBODY = "0" * 64
_MOST_KNOWN = 10_000
_THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingOrganisation:
    """An organisation that has shown who it is, and what it may send."""

    organisation: OrganisationId
    credential_id: str
    scopes: tuple[str, ...]
    is_listed_safeguarding: bool = False
    """Whether our own directory lists them as a safeguarding recipient or sender; not something they say."""
    form_key_file: str | None = None
    """Where the key lies under which their forms encrypt what they post, if they do."""

    def check_may_send(self, format_name: str) -> None:
        """Return if the credential's scopes cover *format_name*.

        Raises:
            NotAllowedError: they do not.
        """
        scope = _VERSION.sub("", format_name)
        if scope not in self.scopes:
            raise NotAllowedError(f"this credential has no scope for {scope}", code="scope")


def is_credential(authorization: bytes | None) -> bool:
    """Tell whether the header shows an organisation's credential rather than a person's session."""
    return authorization is not None and _BEARER.fullmatch(authorization) is not None


@dataclass(frozen=True, slots=True)
class _Known:
    """Who was let in while the directory was at one version, by the digest of what they showed."""

    version: int
    callers: dict[bytes, CallingOrganisation] = field(default_factory=dict)


class Doorkeeper:
    """Tells who an `Authorization` header proves the caller to be.

    Keeps answers by the header's digest, so that no secret stays in memory, and only those that let somebody in. What
    was read while the directory was at one version is never kept for another: each version has a table of its own.
    """

    def __init__(self, store: LoggedStore) -> None:
        self._store = store
        self._known = _Known(-1)
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="door")
        self._version = SharedQuestion(self._threads, lambda: store.directory_version)

    def organisation(self, authorization: bytes | None) -> CallingOrganisation:
        """Return the caller, as the directory is now; waits for the store, so not for an event loop.

        Raises:
            UnauthenticatedError: no credential, an unknown or disabled one, or another secret; it never says which.
        """
        shown = _shown(authorization)
        known = self._at(self._store.directory_version)  # asked before reading: what is read may be newer, never older
        digest = sha256(shown.group()).digest()
        caller = known.callers.get(digest)
        if caller is None:
            caller = known.callers[digest] = self._proven(shown)
        return caller

    async def recognised(self, authorization: bytes | None) -> CallingOrganisation:
        """Return the caller, as the directory was within the last second; the event loop waits for nothing.

        Raises:
            UnauthenticatedError: as above.
            StoreUnavailableError: the store does not answer.
        """
        shown = _shown(authorization)
        version = self._store.directory_version_lately
        known = self._at(await self._version.answer() if version is None else version)
        digest = sha256(shown.group()).digest()
        caller = known.callers.get(digest)
        if caller is None:
            caller = known.callers[digest] = await in_time(self._threads.submit(self._proven, shown))
        return caller

    def _at(self, version: int) -> _Known:
        """Return what is known of the directory at *version*."""
        known = self._known
        if version != known.version or len(known.callers) >= _MOST_KNOWN:
            known = self._known = _Known(version)
        return known

    def _proven(self, shown: re.Match[bytes]) -> CallingOrganisation:
        found = self._store.read(lambda uow: _in_force(uow, shown["id"].decode()))
        expected = found[0].secret_sha256 if found else _NOBODY
        if not hmac.compare_digest(sha256(shown["secret"]).hexdigest(), expected) or found is None:
            raise UnauthenticatedError("this credential is unknown, disabled, or its secret is another")
        credential, organisation = found
        return CallingOrganisation(
            organisation=credential.organisation,
            credential_id=credential.credential_id,
            scopes=credential.scopes,
            is_listed_safeguarding=organisation.profile.get("listed_safeguarding_person") is True,
            form_key_file=organisation.profile.get("intake", {}).get("form_key_file"),
        )


def _shown(authorization: bytes | None) -> re.Match[bytes]:
    """Return the parts of a credential.

    Raises:
        UnauthenticatedError: it is none.
    """
    shown = _BEARER.fullmatch(authorization or b"")
    if shown is None:
        raise UnauthenticatedError("show your credential as: Authorization: Bearer <credential id>.<secret>")
    return shown


def _in_force(uow: UnitOfWork, credential_id: str) -> tuple[Credential, Organisation] | None:
    """Return the credential and its organisation if both are in use."""
    credential = uow.directory.credential(credential_id)
    if credential is None or not credential.is_enabled:
        return None
    try:
        organisation = uow.directory.organisation(credential.organisation)
    except NotFoundError:
        return None
    return (credential, organisation) if organisation.is_enabled else None
