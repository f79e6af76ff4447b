"""Who is calling? An organisation by its credential.

What was read from the store is kept only while nothing in the directory changes, so a credential that was disabled a
moment ago lets nobody in.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256

from gateway.app.http.served import LoggedStore
from gateway.errors import NotAllowedError, NotFoundError, UnauthenticatedError
from gateway.flows.ports import UnitOfWork
from gateway.flows.rows import Credential, Organisation
from gateway.model.identifiers import OrganisationId

_BEARER = re.compile(rb"[Bb]earer +(?P<id>crd_[0-9a-z]{20,40})\.(?P<secret>[A-Za-z0-9_-]{20,200})")
_VERSION = re.compile(r"-\d[\d.]*$")
_NOBODY = "0" * 64
_MOST_KNOWN = 10_000


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


class Doorkeeper:
    """Tells who an `Authorization` header proves the caller to be.

    Keeps answers by the header's digest, so that no secret stays in memory, and only those that let somebody in.
    """

    def __init__(self, store: LoggedStore) -> None:
        self._store = store
        self._version = -1
        self._known: dict[bytes, CallingOrganisation] = {}

    def organisation(self, authorization: bytes | None) -> CallingOrganisation:
        """Return the caller.

        Raises:
            UnauthenticatedError: no credential, an unknown or disabled one, or another secret; it never says which.
        """
        shown = _BEARER.fullmatch(authorization or b"")
        if shown is None:
            raise UnauthenticatedError("show your credential as: Authorization: Bearer <credential id>.<secret>")
        version = self._store.directory_version  # asked before reading: what is read may be newer, never older
        if version != self._version or len(self._known) >= _MOST_KNOWN:
            self._known, self._version = {}, version
        digest = sha256(shown.group()).digest()
        known = self._known.get(digest)
        if known is None:
            known = self._known[digest] = self._proven(shown["id"].decode(), shown["secret"])
        return known

    def _proven(self, credential_id: str, secret: bytes) -> CallingOrganisation:
        found = self._store.read(lambda uow: _in_force(uow, credential_id))
        expected = found[0].secret_sha256 if found else _NOBODY
        if not hmac.compare_digest(sha256(secret).hexdigest(), expected) or found is None:
            raise UnauthenticatedError("this credential is unknown, disabled, or its secret is another")
        credential, organisation = found
        return CallingOrganisation(
            organisation=credential.organisation,
            credential_id=credential.credential_id,
            scopes=credential.scopes,
            is_listed_safeguarding=organisation.profile.get("listed_safeguarding_person") is True,
            form_key_file=organisation.profile.get("intake", {}).get("form_key_file"),
        )


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
