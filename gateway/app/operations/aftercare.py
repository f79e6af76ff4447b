"""What can people do about a document that went to the wrong recipient, is not right, or must go at once?"""

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument
from gateway.app.operations.caller import Caller
from gateway.app.operations.duties import acting_role
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission, Role
from gateway.errors import Place, SchemaViolationError
from gateway.flows.by_hand.aftercare import MisSend, Note
from gateway.flows.people.duties import Word
from gateway.model.category import Category
from gateway.model.identifiers import ChildRef, DeliveryId, RecordId
from gateway.model.tree import Group

LESSONS = (
    *("wrong-recipient-picked", "wrong-child", "wrong-attachment", "out-of-date-directory", "consent-misread"),
    *("protection-missed", "partner-misrouted", "other"),
)
CATEGORIES = tuple(one.value for one in Category if one is not Category.ROUTING)
_SHORTEST = 10
_DELIVERY = Argument(
    name="delivery", help="delivery id, as messages show has it", pattern=r"dlv_[0-9a-z]{20,30}", required=True
)
_RATIONALE = Argument(name="rationale", help="why, in a sentence or two", required=True, most=4000)
_LESSON = Argument(name="lesson", help="what is to be learnt from it; other unless said", choices=LESSONS)
_RECORD = Argument(name="record", help="record id, as messages show has it", pattern=r"rec_[0-9a-z]{20,30}")
_CHILD = Argument(name="child", help="our reference of the child, instead", pattern=r"chd_[0-9a-z]{20,30}")
_FIELD = Argument(name="field", help="which field, such as child.born", required=True, most=200)
_CATEGORY = Argument(
    name="category",
    help="which kind of information it is, with a child",
    choices=CATEGORIES,
)
_NOTE = Argument(name="note", help="what is to be read beside it", required=True, most=4000)


def recall(application: Application, caller: Caller, args: Group) -> Group:
    """Stop a mis-sent document, or have it purged where it went, and open what a breach asks of people."""
    told = MisSend(
        by=_actor(application, caller),
        role=acting_role(caller, Role.IG_OFFICER),
        rationale=_sentence(args),
        lesson=str(args.get("lesson", "other")),
    )
    done = application.aftercare.recall(DeliveryId(str(args["delivery"])), told)
    return {"delivery": args["delivery"], "done": done}


def correct(application: Application, caller: Caller, args: Group) -> Group:
    """Write a note beside a record, or beside all about a child, and tell everybody who was given it.

    Raises:
        SchemaViolationError: neither a record nor a child is named, or both; or a child and no kind of information.
    """
    if ("record" in args) == ("child" in args):
        raise SchemaViolationError("name a record or a child", place=Place(path="record"), code="arguments")
    if "child" in args and "category" not in args:
        raise SchemaViolationError("missing: " + _CATEGORY.help, place=Place(path="category"), code="arguments")
    note = Note(
        field=str(args["field"]),
        category=Category(str(args.get("category", Category.OPINION))),
        text=str(args["note"]),
        by=_actor(application, caller),
        role=acting_role(caller, Role.CAF_COORDINATOR),
        rationale=_sentence(args),
    )
    if "record" in args:
        told = application.aftercare.correct_record(RecordId(str(args["record"])), note)
    else:
        told = application.aftercare.correct_child(ChildRef(str(args["child"])), note)
    return {"told": told}


def break_glass(application: Application, caller: Caller, args: Group) -> Group:
    """Let a held or refused document go at once, because a child is in danger; another person looks at it later."""
    word = Word(
        outcome="released",
        by=_actor(application, caller),
        role=acting_role(caller, Role.MASH_MANAGER),
        note=_sentence(args),
    )
    released = application.glass.release(DeliveryId(str(args["delivery"])), word)
    return {"delivery": args["delivery"], "released": released.delivery_id, "state": released.state.value}


def _sentence(args: Group) -> str:
    told = str(args["rationale"]).strip()
    if len(told) < _SHORTEST:
        raise SchemaViolationError("say why in a sentence: it is kept, and may be read by the family or a court")
    return told


def _actor(application: Application, caller: Caller) -> str:
    return pseudonym(application.desk.vault, caller.user_id)


OPERATIONS = (
    Operation(
        name="deliveries.recall",
        summary="Say that a document went to the wrong recipient: it is stopped, or purged there",
        permission=Permission.RECALL,
        run=recall,
        arguments=(_DELIVERY, _RATIONALE, _LESSON),
        changes=True,
    ),
    Operation(
        name="records.correct",
        summary="Write a correcting note beside a record, and tell everybody who was given it",
        permission=Permission.CORRECT,
        run=correct,
        arguments=(_RECORD, _CHILD, _FIELD, _CATEGORY, _NOTE, _RATIONALE),
        changes=True,
    ),
    Operation(
        name="deliveries.break-glass",
        summary="Let a held or refused document go at once, because a child is in danger now",
        permission=Permission.BREAK_GLASS,
        run=break_glass,
        arguments=(_DELIVERY, _RATIONALE),
        changes=True,
    ),
)
