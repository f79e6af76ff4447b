"""Which answers on forms does no code list know, and what do people say they mean?

Nothing here guesses: suggestions are ranked for a person, with the reason of their rank, and it is the person who
decides. A label may be somebody's name; it is shown to whoever may see labels, and to nobody else.
"""

from collections.abc import Iterable, Iterator, Sequence

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind, checked
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.errors import GatewayError, NotFoundError, Place, SchemaViolationError, TransientError
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import LabelGroup, LabelTask, LabelUse, State
from gateway.flows.understanding.normalizer import blind_label
from gateway.model.tree import Group, Tree
from gateway.translation.code_lists import tidy

_LIST = Argument(name="list", help="code list, such as ethnicity", pattern=r"[a-z][a-z0-9_-]{1,60}", required=True)
_LABEL = Argument(name="label", help="the label, exactly as the form had it", required=True, most=500)
_CODE = Argument(name="code", help="the code it means", pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}", required=True)
_MAPPED = Argument(name="mapped", help="those that were mapped, instead of those that wait", kind=Kind.YES_NO)
_ROWS = Argument(name="rows", help="the rows of the file, as groups", kind=Kind.GROUP, required=True)
ROW = (
    _LIST,
    _LABEL,
    _CODE,
    Argument(name="authority", help="whose forms say it so; this gateway's own unless said", pattern=r"[A-Z]\d{8}"),
    Argument(name="note", help="for people", most=500),
)
ROWS_LIMIT = 5000
_LIMIT = 500
_USES = 1000
_ROUNDS = 5


def list_labels(application: Application, _caller: Caller, args: Group) -> Group:
    """Return every label that waits for its meaning, once each, with what waits for it; or those that were mapped."""
    if args.get("mapped"):
        return {"labels": list(_mapped(application))}
    store = application.desk.store
    groups = store.read(lambda uow: sorted(uow.labels.groups(limit=_LIMIT), key=lambda group: group.first))
    held = store.read(_held)
    lines = (_line(application, group, held) for group in groups)
    return {"labels": [line for line in lines if line is not None]}


def map_label(application: Application, caller: Caller, args: Group) -> Group:
    """Remember what a label means, for every form from now on, and return how many records had waited for it."""
    list_name, label, code = str(args["list"]), tidy(str(args["label"])), str(args["code"])
    _check_code(application, list_name, code)
    waited = application.meanings.say(list_name, label, code, actor=_actor(application, caller))
    _follow(application)
    return {"list": list_name, "code": code, "records": waited, "waiting": _waiting(application, list_name, label)}


def import_labels(application: Application, caller: Caller, args: Group) -> Group:
    """Remember what the labels of a file mean, row by row; the good rows are kept, and the others told with why."""
    rows = args["rows"]
    listed = rows.get("row") if isinstance(rows, dict) else None
    if not isinstance(listed, list) or len(listed) > ROWS_LIMIT:
        raise SchemaViolationError(f"expected a list of at most {ROWS_LIMIT} rows", place=Place(path="rows"))
    refused: list[Tree] = []
    waited = 0
    for number, row in enumerate(listed, start=1):
        try:
            waited += _map_row(application, caller, checked(ROW, row if isinstance(row, dict) else {}))
        except GatewayError as error:
            refused.append({**error.as_json(), "row": number})
    _follow(application)
    return {"mapped": len(listed) - len(refused), "records": waited, "refused": refused}


def retract_label(application: Application, caller: Caller, args: Group) -> Group:
    """Take back what a label was said to mean: it is unknown again, and what has not left us waits again."""
    list_name = str(args["list"])
    blinded = args.get("blinded") or blind_label(application.desk.vault, list_name, str(args.get("label", "")))
    if not application.meanings.take_back(list_name, str(blinded), actor=_actor(application, caller)):
        raise NotFoundError("nobody has mapped this label; see labels list --mapped", place=Place(path="label"))
    _follow(application)
    return {"list": list_name, "blinded": blinded, "retracted": True}


def _map_row(application: Application, caller: Caller, row: Group) -> int:
    authority, own = row.get("authority", application.desk.authority), application.desk.authority
    if authority != own:
        raise SchemaViolationError(
            f"this gateway is that of {own}; leave out the rows of others", place=Place(path="authority")
        )
    _check_code(application, str(row["list"]), str(row["code"]))
    label = tidy(str(row["label"]))
    return application.meanings.say(str(row["list"]), label, str(row["code"]), actor=_actor(application, caller))


def _check_code(application: Application, list_name: str, code: str) -> None:
    """Return when the list has the code, on whatever day: on which days it counts, the list says of each document."""
    if code in application.desk.library.codes(list_name):
        return
    there = application.desk.library.codes_on(list_name, application.desk.clock.now().date())
    path = "code" if there else "list"
    message = f"has no such code; today it has {', '.join(there)}" if there else "is no list there is"
    raise NotFoundError(f"{list_name} {message}", place=Place(path=path))


def _follow(application: Application) -> None:
    """Let what waited flow on now, as far as that is soon done; the rest is done by whoever works."""
    rounds = _ROUNDS
    try:
        while rounds and application.meanings.tick():
            rounds -= 1
    except TransientError:
        return  # what was said is kept, and what is due stays due


def _waiting(application: Application, list_name: str, label: str) -> int:
    blinded = blind_label(application.desk.vault, list_name, label)
    return len(application.desk.store.read(lambda uow: uow.labels.uses(list_name, blinded, limit=_USES)))


def _held(uow: UnitOfWork) -> frozenset[str]:
    """Return the records of which a delivery waits for a label."""
    return frozenset(one.record_id for one in uow.delivery_lists.find(state=State.HELD_LABEL, limit=_USES))


def _line(application: Application, group: LabelGroup, held: frozenset[str]) -> Group | None:
    """Return what is told of one label; None where somebody has mapped it this very moment."""
    desk = application.desk
    uses = desk.store.read(lambda uow: uow.labels.uses(group.list_name, group.label_blind, limit=_USES))
    if not uses:
        return None
    oldest = min(uses, key=lambda use: use.received_at)
    label = _text(application, [use.task for use in uses[:3]])
    likely = desk.library.suggestions(group.list_name, label, on=oldest.received_at.date()) if label else ()
    return {
        "list": group.list_name,
        "label": label,
        "blinded": group.label_blind,
        "system": oldest.task.system,
        "path": oldest.task.path,
        "formats": _several(use.format for use in uses),
        "organisations": _several(use.organisation for use in uses),
        "records": group.records,
        "messages": len({use.message_id for use in uses}),
        "held": _held_by(uses, held),
        "since": oldest.received_at.isoformat(),
        "suggestions": [{"code": one.code, "label": one.label, "because": one.because} for one in likely],
        "codes": dict(desk.library.codes_on(group.list_name, desk.clock.now().date())),
        "likely": "; ".join(f"{one.code} ({one.because})" for one in likely[:2]),
    }


def _held_by(uses: Sequence[LabelUse], held: frozenset[str]) -> int:
    return len({use.message_id for use in uses if use.task.record_id in held})


def _several(names: Iterable[str]) -> list[Tree]:
    return [*sorted(set(names))]


def _mapped(application: Application) -> Iterator[Group]:
    """Yield what people said labels mean; the label itself where a document with it can still be opened."""
    store = application.desk.store
    settled = store.read(lambda uow: uow.labels.find(status="settled", limit=_USES))
    samples = {(task.list_name, task.label_blind): task for task in settled}
    for one in store.read(lambda uow: uow.labels.meanings(limit=_LIMIT)):
        task = samples.get((one.list_name, one.label_blind))
        text = application.meanings.text_of(task) if task else None
        yield {"list": one.list_name, "label": text, "code": one.code, "blinded": one.label_blind}


def _text(application: Application, tasks: Sequence[LabelTask]) -> str | None:
    texts = (application.meanings.text_of(task) for task in tasks)
    return next((text for text in texts if text is not None), None)


def _actor(application: Application, caller: Caller) -> str:
    return pseudonym(application.desk.vault, caller.user_id)


OPERATIONS = (
    Operation(
        name="labels.list",
        summary="Show labels that no code list knows, what waits for them, and what they might mean",
        permission=Permission.READ_LABELS,
        run=list_labels,
        arguments=(_MAPPED,),
    ),
    Operation(
        name="labels.map",
        summary="Say once what a label means",
        permission=Permission.MAP_LABELS,
        run=map_label,
        arguments=(_LIST, _LABEL, _CODE),
        changes=True,
    ),
    Operation(
        name="labels.import",
        summary="Say what the labels of a file mean, row by row",
        permission=Permission.MAP_LABELS,
        run=import_labels,
        arguments=(_ROWS,),
        changes=True,
    ),
    Operation(
        name="labels.retract",
        summary="Take back what a label was said to mean",
        permission=Permission.MAP_LABELS,
        run=retract_label,
        arguments=(
            _LIST,
            Argument(name="label", help="the label, as it was mapped", most=500),
            Argument(name="blinded", help="or as labels list --mapped shows it blinded", pattern=r"[0-9a-f]{64}"),
        ),
        changes=True,
    ),
)
