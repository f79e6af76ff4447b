"""Which protection is on a child, and who puts it there or takes it away?"""

import re
from typing import cast

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind, texts
from gateway.app.operations.caller import Caller
from gateway.app.operations.consents import AGENCY, CHILD
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

FLAGS = ("ADDRESS_WITHHELD", "ADOPTED", "POLICE_HOLD", "INFORMANT", "COMPETENT_CONFIDENTIAL", "THIRD_PARTY")

_PERSON = re.compile(r"(?P<name>[^;]+)(; *born (?P<born>\d{4}-\d{2}-\d{2}) *)?(; *reference (?P<reference>[^;]+))?")
_FLAG = (
    CHILD,
    Argument(name="flag", help="which protection", choices=FLAGS, required=True),
    texts("need_list", "organisations that may see behind it", pattern=AGENCY),
    Argument(
        name="persons",
        help="with THIRD_PARTY, who must not be told of, each as the record writes the name: 'Otto Fatherly', and if "
        "known '; born 1980-02-03', '; reference P2'. Without it any adult may be the one, and all are withheld",
        kind=Kind.TEXTS,
        pattern=_PERSON.pattern,
        most=20,
    ),
    Argument(name="whole_payload", help="nothing at all may go, not only the part it protects", kind=Kind.YES_NO),
)
_FACT = Argument(name="fact", help="id of the flag, as flags list shows it", pattern=r"flag/.{1,100}", required=True)


def set_flag(application: Application, caller: Caller, args: Group) -> Group:
    """Put a protection on a child, at once, for everything that has not left us."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    flag: Group = {name: args[name] for name in ("flag", "need_list", "whole_payload") if name in args}
    if "persons" in args:
        flag["persons"] = [_person(str(one)) for one in cast("list[Tree]", args["persons"])]
    return {"child": child, "fact": application.facts.flags.set(child, flag, actor=actor)}


def lift_flag(application: Application, caller: Caller, args: Group) -> Group:
    """Take a protection away."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    application.facts.flags.lift(child, str(args["fact"]), actor=actor)
    return {"child": child, "lifted": args["fact"]}


def _person(said: str) -> Group:
    """Return who a person is as the flag keeps it."""
    found = _PERSON.fullmatch(said)
    told = found.groupdict() if found else {"name": said}
    return {name: part.strip() for name, part in told.items() if part}


OPERATIONS = (
    Operation(
        name="flags.set",
        summary="Put a protection on a child",
        permission=Permission.SET_FLAG,
        run=set_flag,
        arguments=_FLAG,
        changes=True,
    ),
    Operation(
        name="flags.lift",
        summary="Take a protection away",
        permission=Permission.LIFT_FLAG,
        run=lift_flag,
        arguments=(CHILD, _FACT),
        changes=True,
    ),
)
