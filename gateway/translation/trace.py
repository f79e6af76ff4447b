"""What does a mapping cover, and what became of each value of one source? For people who write mappings.

Nothing here repeats a value: a trace may be shown to somebody who may not see the family's answers.
"""

from dataclasses import dataclass
from datetime import date

from gateway.errors import TranslationError
from gateway.model.tree import Group
from gateway.translation.mapping import Mapping
from gateway.translation.message_translator import carry_out, nothing_known
from gateway.translation.model_shape import shape_of
from gateway.translation.paths import tellable
from gateway.translation.rows import Direction
from gateway.translation.run import Meaning, Run, Traced, places, spell


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a canonical document a mapping touches.

    Shape: paths are the document's own. Outbound and in projections `untouched` is always empty: the mapping would not
    have loaded. `several` counts the rows that read more than one leaf.
    """

    mapping: str
    format: str
    document: str
    touched: tuple[str, ...]
    not_carried: tuple[tuple[str, str], ...]
    untouched: tuple[str, ...]
    several: int


def coverage(mapping: Mapping) -> Coverage:
    """Return which leaves of its canonical document *mapping* fills (inbound) or takes from (otherwise)."""
    takes = mapping.file.direction is not Direction.INBOUND
    document = mapping.file.from_document or mapping.document
    seen = mapping.reads if takes else mapping.writes
    stated = _stated(mapping) if takes else {}
    paths = [leaf.path for leaf in shape_of(document).leaves()]
    return Coverage(
        mapping=mapping.name,
        format=mapping.format,
        document=document,
        touched=tuple(path for path in paths if path in seen),
        not_carried=tuple((path, stated[path]) for path in paths if path in stated),
        untouched=tuple(path for path in paths if path not in seen and path not in stated),
        several=mapping.several,
    )


def trace(
    mapping: Mapping, source: Group, *, meaning: Meaning = nothing_known, on: date | None = None, index: int = 0
) -> list[tuple[str, str, str]]:
    """Return what became of each value of *source*: its path, how it went (never what it is), and where it is now.

    Shape: the target path is empty where a value went nowhere. A value that several rows read is there several times.

    Raises:
        TranslationError: a value that must be carried cannot be, or the mapping does not work inbound.
    """
    plan = mapping.inbound
    if plan is None:
        raise TranslationError(f"{mapping.name} does not work inbound")
    run = Run(meaning=meaning, on=on, pick=index, trace=[])
    done = carry_out(plan, source, run)

    def shown(name: str) -> str:
        return tellable(name, plan.known)

    def told(name: str) -> str:
        return name

    before, after = places(source, shown), places(done.out, told)
    return [
        (spell(before[id(one.source)], one.name, shown) if one.name != "" else before[id(one.source)], one.how, target)
        for one in run.trace or ()
        for target in [landing(one, run, after)]
    ]


def landing(one: Traced, run: Run, after: dict[int, str]) -> str:
    """Return where a value is now: in the container it was put into, or the one that was merged into."""
    target, key = one.target, one.key
    if target is None or key is None:
        return ""
    while id(target) in run.moved:
        target, places = run.moved[id(target)]
        key = key + places if isinstance(key, int) else key
    return spell(after[id(target)], key, str) if id(target) in after else ""


def _stated(mapping: Mapping) -> dict[str, str]:
    """Return the reasons for what is not carried, by canonical path."""
    plan = mapping.outbound or mapping.inbound
    stated = plan.not_carried if plan is not None else {}
    document = mapping.file.from_document or mapping.document
    by_names = {tuple(leaf.path.replace("[]", "").split(".")): leaf.path for leaf in shape_of(document).leaves()}
    return {by_names[names]: row.why for names, row in stated.items() if names in by_names}
