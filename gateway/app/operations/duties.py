"""Which duties do people have because of what was shared, refused or went astray, and how do they say they kept one?"""

from datetime import datetime

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.messages import moment, organisation_name
from gateway.app.operations.operation import Operation
from gateway.app.operations.reasons import reason_words
from gateway.app.operations.roles import MANAGERS, Permission
from gateway.app.operations.words import ROLES
from gateway.consent.policy import Policy
from gateway.conversations.duties import DUTIES
from gateway.errors import NotAllowedError, SchemaViolationError
from gateway.flows.people.duties import Word
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.duty_repository import KEPT, SETTLED, STANDING, WAITING, Duty
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

_SHORTEST_NOTE = 10
_LIMIT = 500
_EVERY = (*WAITING, STANDING, KEPT, SETTLED)
_OUTCOMES = tuple(dict.fromkeys(outcome for spec in DUTIES.values() for outcome in spec.outcomes))
_DUTY = Argument(name="duty", help="duty id, such as dty_01...", pattern=r"dty_[0-9a-z]{20,30}", required=True)
_STATUS = Argument(name="status", help="open (with late and standing ones) or all", choices=("open", "all"))
_MINE = Argument(name="mine", help="only those of one of your roles", kind=Kind.YES_NO)
_CODE = Argument(name="code", help="only those of one kind", choices=tuple(DUTIES))
_OUTCOME = Argument(name="outcome", help="one of the outcomes the duty shows", choices=_OUTCOMES, required=True)
_NOTE = Argument(name="rationale", help="what was done, or why not, in a sentence or two", required=True, most=4000)


def list_duties(application: Application, caller: Caller, args: Group) -> Group:
    """Return the duties that wait, those due first, first; those that only stand come with them."""
    at, policy = application.desk.clock.now(), application.desk.policy
    statuses = _EVERY if args.get("status") == "all" else (*WAITING, STANDING)
    code = args.get("code")

    def _read(uow: UnitOfWork) -> list[Tree]:
        found = uow.duties.find(statuses=statuses, code=str(code) if code else None, limit=_LIMIT)
        mine = [duty for duty in found if not args.get("mine") or may_keep(caller, duty)]
        return [line_of(policy, uow, caller, duty, at=at) for duty in mine]

    return {"duties": application.desk.store.read(_read)}


def show_duty(application: Application, caller: Caller, args: Group) -> Group:
    """Return one duty; what somebody wrote about it only to those who decide about families, or audit who does."""
    at, policy = application.desk.clock.now(), application.desk.policy

    def _read(uow: UnitOfWork) -> Group:
        duty = uow.duties.get(str(args["duty"]))
        may_read = caller.may(Permission.DECIDE_REVIEWS) or caller.may(Permission.EXPORT_LOG)
        note = _note(application, duty) if may_read else None
        return {**line_of(policy, uow, caller, duty, at=at), "rationale": note, "children": [*duty.children]}

    return application.desk.store.read(_read)


def keep_duty(application: Application, caller: Caller, args: Group) -> Group:
    """Take the caller's word of what came of a duty.

    Raises:
        NotAllowedError: the caller has neither the role the duty names nor a manager's, or it is about what they did.
        ConflictError: it waits for nobody.
    """
    name, note = str(args["duty"]), str(args["rationale"]).strip()
    if len(note) < _SHORTEST_NOTE:
        raise SchemaViolationError("say in a sentence what was done, or why not")
    duty = application.desk.store.read(lambda uow: uow.duties.get(name))
    if not may_keep(caller, duty):
        raise NotAllowedError(f"this is for a {ROLES.get(duty.role, duty.role)} or a manager")
    word = Word(
        outcome=str(args["outcome"]),
        by=pseudonym(application.desk.vault, caller.user_id),
        role=acting_role(caller, duty.role),
        note=note,
    )
    kept = application.aftercare.keep(name, word)
    return {"duty": name, "outcome": word.outcome, "status": kept.status}


def may_keep(caller: Caller, duty: Duty) -> bool:
    """Tell whether *caller* has a role that may keep *duty*: the one it was for, the one it has now, or a manager's."""
    roles = {duty.role, DUTIES[duty.code].role, *MANAGERS}
    return caller.may(Permission.KEEP_DUTIES) and bool(roles.intersection(caller.roles))


def acting_role(caller: Caller, role: str) -> str:
    """Return the role the caller acts in: the one asked for, else a manager's, else their first."""
    if role in caller.roles:
        return role
    return next((one for one in MANAGERS if one in caller.roles), caller.roles[0])


def subjects_of(uow: UnitOfWork, args: Group) -> tuple[ChildRef, ...]:
    """Return the children a duty is about."""
    return uow.duties.get(str(args["duty"])).children


def line_of(policy: Policy, uow: UnitOfWork, caller: Caller, duty: Duty, *, at: datetime) -> Group:
    """Return what a list shows of a duty: codes, times and references, nothing of content."""
    spec = DUTIES[duty.code]
    is_open = duty.status in WAITING
    return {
        "duty": duty.duty_id,
        "code": duty.code,
        "title": spec.title,
        "role": duty.role,
        "role_words": ROLES.get(duty.role, duty.role),
        "status": duty.status,
        "reason": duty.reason,
        "reason_words": reason_words(policy, duty.reason),
        "message": duty.message_id,
        "subject": duty.subject_id,
        "to": duty.recipient,
        "to_name": organisation_name(uow, duty.recipient) if duty.recipient else None,
        "opened_at": moment(duty.opened_at),
        "due_at": None if duty.status == STANDING else moment(duty.due_at),
        "overdue": is_open and duty.due_at <= at,
        "may_keep": is_open and may_keep(caller, duty),
        "outcomes": list(spec.outcomes) if is_open else [],
        "outcome": duty.outcome,
        "kept_at": moment(duty.kept_at),
    }


def _note(application: Application, duty: Duty) -> str | None:
    if duty.note_sealed is None or duty.note_key is None:
        return None
    return application.desk.vault.open(duty.note_key, f"duty/{duty.duty_id}/note", duty.note_sealed).decode()


OPERATIONS = (
    Operation(
        name="duties.list",
        summary="Show what people must do because of what was shared, refused or went astray",
        permission=Permission.READ_DUTIES,
        run=list_duties,
        arguments=(_STATUS, _MINE, _CODE),
        is_recorded=False,
    ),
    Operation(
        name="duties.show",
        summary="Show one duty, and what came of it",
        permission=Permission.READ_DUTIES,
        run=show_duty,
        arguments=(_DUTY,),
        subjects=subjects_of,
    ),
    Operation(
        name="duties.done",
        summary="Say what came of a duty",
        permission=Permission.KEEP_DUTIES,
        run=keep_duty,
        arguments=(_DUTY, _OUTCOME, _NOTE),
        changes=True,
    ),
)
