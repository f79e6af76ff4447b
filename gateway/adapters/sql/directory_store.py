"""Who may call or be called, and who works here?"""

from collections.abc import Sequence

from gateway.adapters.sql.row_shape import put_into, select_from, shape_of
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.rows import Credential, Organisation, User
from gateway.model.identifiers import OrganisationId

_ORGANISATION = shape_of(Organisation)
_ORGANISATIONS = select_from("organisation", _ORGANISATION.columns)
_GET = _ORGANISATIONS + " AND organisation = ?"
_ALL = _ORGANISATIONS + " ORDER BY organisation"
_PUT = put_into("organisation", _ORGANISATION.columns, key=("organisation",))

_EVERYBODY = ("organisations", "")

_CREDENTIAL = shape_of(Credential)
_GET_CREDENTIAL = select_from("credential", _CREDENTIAL.columns) + " AND credential_id = ?"
_PUT_CREDENTIAL = put_into("credential", _CREDENTIAL.columns, key=("credential_id",))

_USER = shape_of(User)
_USERS = select_from("account", _USER.columns)
_GET_USER = _USERS + " AND user_id = ?"
_ALL_USERS = _USERS + " ORDER BY user_id"
_PUT_USER = put_into("account", _USER.columns, key=("user_id",))


class SqlDirectory:
    """Organisations and how they prove who they are."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def organisation(self, organisation: OrganisationId) -> Organisation:
        """Return it, or raise NotFoundError."""
        found: Organisation | None = self._at.seen.get(("organisation", organisation))
        if found is None:
            row = self._at.the_row(_GET, (self._at.authority, organisation), what=f"organisation {organisation}")
            found = self._at.seen["organisation", organisation] = _ORGANISATION.read(row)
        return found

    def organisations(self) -> Sequence[Organisation]:
        """Return all, by name."""
        found: Sequence[Organisation] | None = self._at.seen.get(_EVERYBODY)
        if found is None:
            rows = self._at.rows(_ALL, (self._at.authority,))
            found = self._at.seen[_EVERYBODY] = tuple(_ORGANISATION.read(row) for row in rows)
        return found

    def put_organisation(self, organisation: Organisation) -> None:
        """Store or replace it."""
        self._at.directory_changed()
        self._at.seen.pop(("organisation", organisation.organisation), None)
        self._at.seen.pop(_EVERYBODY, None)
        self._at.send(_PUT, (self._at.authority, *_ORGANISATION.values(organisation)))

    def credential(self, credential_id: str) -> Credential | None:
        """Return it, if it exists."""
        row = self._at.row(_GET_CREDENTIAL, (self._at.authority, credential_id))
        return _CREDENTIAL.read(row) if row else None

    def put_credential(self, credential: Credential) -> None:
        """Store or replace it."""
        self._at.directory_changed()
        self._at.send(_PUT_CREDENTIAL, (self._at.authority, *_CREDENTIAL.values(credential)))


class SqlUsers:
    """People with local accounts."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def get(self, user_id: str) -> User | None:
        """Return the account, if it exists."""
        row = self._at.row(_GET_USER, (self._at.authority, user_id))
        return _USER.read(row) if row else None

    def all(self) -> Sequence[User]:
        """Return all accounts, by id."""
        return [_USER.read(row) for row in self._at.rows(_ALL_USERS, (self._at.authority,))]

    def put(self, user: User) -> None:
        """Store or replace it."""
        self._at.send(_PUT_USER, (self._at.authority, *_USER.values(user)))
