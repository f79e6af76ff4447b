"""How does somebody ask why, in words on a terminal?"""

from typing import Annotated, Any

import typer

from gateway.app.commands.control import access_of, signed
from gateway.app.commands.output import FailedError, print_json
from gateway.model.tree import Group, Tree


def add_explain_command(program: typer.Typer) -> None:
    """Add `explain`."""
    signed(
        program,
        "explain",
        _explain,
        help_="Why something was decided as it was: rules, facts with their versions, what would turn it, and what the"
        " family may be told.",
    )


def _explain(
    name: Annotated[str, typer.Argument(help="Permit, delivery or review id, such as prm_01...")],
    *,
    replay: Annotated[
        bool, typer.Option("--replay", help="Ask the rules again: those of then, and those of now.")
    ] = False,
    under: Annotated[str | None, typer.Option("--under", help="Another version for the second answer.")] = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    answer = asked_of_gateway(name, replay=replay, under=under, given=given)
    if given["as_json"]:
        print_json(answer)
    else:
        print("\n".join(lines_of(answer)))
    require_as_stored(answer)


def asked_of_gateway(name: str, *, replay: bool, under: str | None, given: dict[str, Any]) -> Group:
    """Return what the gateway says of the decision *name*."""
    args: Group = {"name": name, "replay": replay}
    if under is not None:
        args["under"] = under
    with access_of(given).connect() as connection:
        return connection.run("decisions.explain", args)


def require_as_stored(answer: Group) -> None:
    """Do nothing, unless the rules of then no longer give the stored answer.

    Raises:
        FailedError: they do not.
    """
    replay = answer.get("replay")
    if isinstance(replay, dict) and replay["as_stored"] is not True:
        raise FailedError("the rules it was decided by no longer give the stored answer")


def lines_of(answer: Group) -> list[str]:
    """Return an explanation as lines of plain text."""
    told, rules = _group(answer["explanation"]), _group(answer["rules"])
    lines = [str(told["heading"]), "", str(told["text"]), f"What to do: {told['advice']}", ""]
    lines += [f"How it was decided, by {rules['version']}:", *_texts(told["steps"]), *_texts(told["children"])]
    for one in _groups(told["withheld"]):
        lines += ["", str(one["heading"]), str(one["text"])]
    if told["obligations"]:
        lines += ["", "What must be done:", *(f"- {duty}" for duty in _texts(told["obligations"]))]
    lines += [*_facts(answer), *_turning(answer), *_family(answer), *_replay(answer)]
    return lines


def _facts(answer: Group) -> list[str]:
    if "facts" not in answer:
        return []
    lines = ["", "Facts it was decided from:"]
    if answer["facts_missing"]:
        lines.append(f"- {answer['facts_missing']}")
    for number, one in enumerate(_groups(answer["facts"]), start=1):
        held = _group(one.get("agreement"))
        lines.append(
            f"- child {number}: level {one.get('level', 'not known')}, identity {one.get('match', 'not known')}"
        )
        lines += [
            f"  - consent {consent['consent_id']} as of {consent['version']}: {consent.get('status')}"
            for consent in _groups(one["consents"])
        ]
        lines += [f"  - protection {flag['flag']} as of {flag['version']}" for flag in _groups(one["flags"])]
        if held:
            lines.append(f"  - agreement {held.get('id')} version {held.get('version')}: {held.get('status')}")
    laws = ", ".join(
        f"{name} {'in force' if on else 'not in force'}" for name, on in _group(answer["switches"]).items()
    )
    return [*lines, f"- laws: {laws or 'none told'}"]


def _turning(answer: Group) -> list[str]:
    if "would_turn_it" not in answer:
        return []
    found = _groups(answer["would_turn_it"])
    if not found:
        return ["", "What would turn it: nothing that is for anybody here to change."]
    told = [f"- {' And: '.join(_texts(one['words']))} Then: {one['result']} ({one['reason']})" for one in found]
    return ["", "The least that would turn it, if it were so:", *told]


def _family(answer: Group) -> list[str]:
    told = _group(answer.get("family"))
    if not told:
        return []
    may = {"yes": "may be told", "if safe": "may be told, if somebody has made sure that it is safe"}
    head = may.get(str(told["may_be_told"]), "is not told; whoever asks gets this answer")
    return ["", f"The family {head}:", str(told["heading"]), str(told["text"]), str(told["next"])]


def _replay(answer: Group) -> list[str]:
    told = _group(answer.get("replay"))
    if not told:
        return []
    newer = _group(told["newer"])
    same = "the stored answer, to the byte" if told["as_stored"] else "ANOTHER answer than the stored one"
    changes = _texts(newer["changes"]) or ["no difference"]
    return [
        "",
        f"Asked again by {told['under']}: {same}.",
        f"Asked by {newer['under']}:",
        *(f"- {one}" for one in changes),
    ]


def _group(value: Tree) -> Group:
    return value if isinstance(value, dict) else {}


def _groups(value: Tree) -> list[Group]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Tree) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
