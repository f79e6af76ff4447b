"""What does the policy say, as a page that an information-governance officer can read?"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from gateway.consent.local_profile import Profile
from gateway.consent.local_profile import Row as ProfileRow
from gateway.consent.policy import SPOKEN_ELSEWHERE, Policy, Row
from gateway.consent.policy_file import Person
from gateway.consent.predicates import PREDICATES
from gateway.consent.question import Purpose
from gateway.model.category import Category

_STAGES: Final = (
    "Stage 0: channel and account",
    "Stage 1: who the child is",
    "Stage 2: protection",
    "Stage 3: need and law",
    "Stage 4: agreement and consent",
    "Stage 5: purposes with rules of their own",
    "Stage 6: nothing applied",
    "Stage 7: cutting what may go",
)
_THEN: Final = {"permit": "goes", "refuse": "does not go", "review": "a person decides", "redact": "is withheld"}
_YES: Final = {
    Person.PERMITS: "Their yes lets it go.",
    Person.GOES_ON: "After their yes the next rules are asked.",
    Person.SAYS_WHO: "They say who the child is, and the rules are asked again.",
}


def policy_page(policy: Policy) -> str:
    """Return the whole policy as Markdown: every row by stage, what purposes may carry, every reason and duty."""
    parts = (_rows(policy), _limits(policy), _reasons(policy), _duties(policy), _conditions(policy))
    return f"Version: `{policy.version}`\n\n" + "\n".join("\n".join(part) + "\n" for part in parts)


def profiles_page(profiles: Iterable[Profile]) -> str:
    """Return what areas ask for beyond the policy, as Markdown."""
    heads = ("Area", "Profile", "What it asks for", "Setting", "Source")
    rows = (
        (
            f"{one.title} ({', '.join(sorted(one.areas))})",
            f"`{one.version}`",
            row.narrowing.plain,
            _set(row),
            row.narrowing.source,
        )
        for one in profiles
        for row in one.rows
    )
    return "\n".join(("### What areas ask for beyond these rules\n", *_table(heads, rows))) + "\n"


def _set(row: ProfileRow) -> str:
    to = "yes" if row.to is True else ", ".join(map(str, row.to)) if isinstance(row.to, list) else str(row.to)
    return f"`{row.narrowing.point}`: {to or 'none'}"


def _rows(policy: Policy) -> Iterator[str]:
    for stage, rows in groupby(policy.rows, key=lambda row: row.stage):
        yield f"### {_STAGES[stage]}\n"
        yield from _table(("Rule", "In plain words", "Exactly when", "Then", "Source"), map(_row, rows))
        yield ""


def _row(row: Row) -> tuple[str, ...]:
    when = "; and ".join(" *or* ".join(_meaning(word) for word in group) for group in row.when) or "always"
    yes = f" {_YES[row.person]}" if row.person else ""
    duties = f" ({', '.join(row.obligations)})" if row.obligations else ""
    return f"{row.number}{row.part}", row.plain + yes, when, f"{_THEN[row.result]}: `{row.reason}`{duties}", row.source


def _meaning(word: str) -> str:
    text = str(PREDICATES[word].__doc__).removesuffix(".")
    return text[:1].lower() + text[1:]


def _limits(policy: Policy) -> Iterator[str]:
    yield "### What a purpose may carry at most (rule 46)\n"
    yield from _table(("Purpose", "At most"), ((purpose.value, _limit(policy, purpose)) for purpose in Purpose))


def _limit(policy: Policy, purpose: Purpose) -> str:
    most = policy.tables.minimum.get(purpose)
    if most is None:
        return "no limit of its own"
    if not most - {Category.ROUTING}:
        return "routing data only: references, dates, states"
    if Category.ROUTING in most:
        return f"all but {', '.join(category for category in Category if category not in most)}"
    return ", ".join(category for category in Category if category in most)


def _reasons(policy: Policy) -> Iterator[str]:
    yield "### Every reason, and what to do next\n"
    codes = (*dict.fromkeys(row.reason for row in policy.rows), *sorted(SPOKEN_ELSEWHERE))
    entries = ((code, policy.reasons[code]) for code in codes)
    rows = ((f"`{code}`", words.heading, words.text, words.advice) for code, words in entries)
    yield from _table(("Code", "Heading", "What it means", "What to do"), rows)


def _duties(policy: Policy) -> Iterator[str]:
    yield "### Duties that come with an answer\n"
    yield from _table(("Code", "What must be done"), ((f"`{code}`", text) for code, text in policy.obligations.items()))


def _conditions(policy: Policy) -> Iterator[str]:
    yield "### Conditions a rule can name\n"
    used = sorted({word for row in policy.rows for group in row.when for word in group})
    yield from _table(("Condition", "Meaning"), ((f"`{word}`", str(PREDICATES[word].__doc__)) for word in used))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
