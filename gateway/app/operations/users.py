"""Who has an account here? Adding people, what they are here to do, and their passwords."""

from dataclasses import replace

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind, checked
from gateway.app.operations.caller import Caller, Door
from gateway.app.operations.journal import pseudonym, tell
from gateway.app.operations.operation import Operation
from gateway.app.operations.passwords import LONGEST, hash_password, is_right
from gateway.app.operations.roles import Permission, Role
from gateway.audit.event import EventKind
from gateway.errors import ConflictError, NotAllowedError, NotFoundError, Place, SchemaViolationError
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import User
from gateway.model.tree import Group, Tree

_USER = Argument(
    name="user",
    help="account name: small letters, digits, dots and hyphens, such as t.exampleton",
    pattern=r"[a-z][a-z0-9.-]{1,62}",
    required=True,
)
_NAME = Argument(name="name", help="the person's name, as colleagues know it", required=True, most=100)
_ROLES = Argument(
    name="roles", help="what they are here to do", kind=Kind.TEXTS, choices=tuple(Role), required=True, most=len(Role)
)
_PASSWORD = Argument(name="password", help="the new password", required=True, most=LONGEST)
_ACCOUNT = (_USER, _NAME, _ROLES, _PASSWORD)


def add_user(application: Application, caller: Caller, args: Group) -> Group:
    """Return the new account."""
    user = _new_user(args)

    def _write(uow: UnitOfWork) -> None:
        if uow.users.get(user.user_id) is not None:
            raise ConflictError("there is an account of this name already", place=Place(path="user"))
        _put(application, uow, caller, user, EventKind.USER_ADDED)

    application.desk.store.write(_write)
    return _shown(application, user)


def add_first_user(application: Application, args: Group) -> Group:
    """Return the first account of an installation, which nobody could have been asked to add.

    Raises:
        NotAllowedError: there are accounts already.
        SchemaViolationError: the arguments are wrong, or the first account could not add others.
    """
    user = _new_user(checked(_ACCOUNT, args))
    if Role.ADMINISTRATOR not in user.roles:
        raise SchemaViolationError("the first account must have the role ADMINISTRATOR", place=Place(path="roles"))
    themselves = Caller(user_id=user.user_id, name=user.name, roles=user.roles, door=Door.COMMAND_LINE)

    def _write(uow: UnitOfWork) -> None:
        if uow.users.all():
            raise NotAllowedError("this installation has accounts already; an administrator adds more")
        _put(application, uow, themselves, user, EventKind.USER_ADDED)

    application.desk.store.write(_write)
    return _shown(application, user)


def list_users(application: Application, _caller: Caller, _args: Group) -> Group:
    """Return every account, by name, with the pseudonym it goes by in the audit log."""
    users = application.desk.store.read(lambda uow: uow.users.all())
    return {"users": [_shown(application, user) for user in users]}


def disable_user(application: Application, caller: Caller, args: Group) -> Group:
    """Return the account, which can no longer sign in and whose sessions have ended."""
    if args["user"] == caller.user_id:
        raise ConflictError("nobody disables their own account; ask another administrator", place=Place(path="user"))
    return _change(application, caller, str(args["user"]), {"is_enabled": False}, "disabled")


def change_roles(application: Application, caller: Caller, args: Group) -> Group:
    """Return the account with its new roles and, if it was disabled, enabled again."""
    if args["user"] == caller.user_id:
        raise ConflictError("nobody changes their own roles; ask another administrator", place=Place(path="user"))
    roles = _roles(args)
    return _change(application, caller, str(args["user"]), {"roles": roles, "is_enabled": True}, "roles")


def set_password(application: Application, caller: Caller, args: Group) -> Group:
    """Return the account, whose password was set by an administrator."""
    hashed = hash_password(str(args["password"]), user_id=str(args["user"]))
    return _change(application, caller, str(args["user"]), {"password_hash": hashed}, "password-set")


def change_own_password(application: Application, caller: Caller, args: Group) -> Group:
    """Return the caller's account with its new password; all its sessions have ended."""
    user = _existing(application, caller.user_id)
    if not is_right(str(args["old_password"]), user.password_hash):
        raise NotAllowedError("the old password is not right", place=Place(path="old_password"))
    hashed = hash_password(str(args["password"]), user_id=caller.user_id)
    return _change(application, caller, caller.user_id, {"password_hash": hashed}, "password-changed")


def _new_user(args: Group) -> User:
    user_id = str(args["user"])
    return User(
        user_id=user_id,
        name=str(args["name"]).strip(),
        password_hash=hash_password(str(args["password"]), user_id=user_id),
        roles=_roles(args),
    )


def _roles(args: Group) -> tuple[str, ...]:
    roles = args["roles"]
    named = tuple(dict.fromkeys(str(role) for role in roles)) if isinstance(roles, list) else ()
    if not named:
        raise SchemaViolationError("an account needs at least one role", place=Place(path="roles"))
    return named


def _put(application: Application, uow: UnitOfWork, caller: Caller, user: User, kind: EventKind) -> None:
    uow.users.put(user)
    words: dict[str, Tree] = {"user": pseudonym(application.desk.vault, user.user_id), "role": ":".join(user.roles)}
    tell(application, uow, caller, kind=kind, words=words)


def _change(application: Application, caller: Caller, user_id: str, new: dict[str, object], reason: str) -> Group:
    def _write(uow: UnitOfWork) -> User:
        user = uow.users.get(user_id)
        if user is None:
            raise NotFoundError("there is no account of this name", place=Place(path="user"))
        changed = replace(user, **new)  # type: ignore[arg-type]  # the three callers above name fields of User
        uow.users.put(changed)
        words: dict[str, Tree] = {
            "user": pseudonym(application.desk.vault, user_id),
            "role": ":".join(changed.roles),
            "reason": reason,
        }
        tell(application, uow, caller, kind=EventKind.USER_CHANGED, words=words)
        return changed

    return _shown(application, application.desk.store.write(_write))


def _existing(application: Application, user_id: str) -> User:
    user = application.desk.store.read(lambda uow: uow.users.get(user_id))
    if user is None:
        raise NotFoundError("there is no account of this name", place=Place(path="user"))
    return user


def _shown(application: Application, user: User) -> Group:
    return {
        "user": user.user_id,
        "name": user.name,
        "roles": list(user.roles),
        "enabled": user.is_enabled,
        "in_audit_log": pseudonym(application.desk.vault, user.user_id),
    }


OPERATIONS = (
    Operation(
        name="users.add",
        summary="Give somebody an account",
        permission=Permission.CHANGE_USERS,
        run=add_user,
        arguments=_ACCOUNT,
        changes=True,
    ),
    Operation(name="users.list", summary="Show who has an account", permission=Permission.READ_USERS, run=list_users),
    Operation(
        name="users.disable",
        summary="Take an account out of use",
        permission=Permission.CHANGE_USERS,
        run=disable_user,
        arguments=(_USER,),
        changes=True,
    ),
    Operation(
        name="users.roles",
        summary="Change what somebody is here to do",
        permission=Permission.CHANGE_USERS,
        run=change_roles,
        arguments=(_USER, _ROLES),
        changes=True,
    ),
    Operation(
        name="users.password",
        summary="Set somebody's password anew",
        permission=Permission.CHANGE_USERS,
        run=set_password,
        arguments=(_USER, _PASSWORD),
        changes=True,
    ),
    Operation(
        name="account.password",
        summary="Change your own password",
        permission=Permission.OWN_ACCOUNT,
        run=change_own_password,
        arguments=(
            Argument(name="old_password", help="the password until now", required=True, most=LONGEST),
            _PASSWORD,
        ),
        changes=True,
    ),
)
