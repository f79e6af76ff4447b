"""What does an answer mean, in words a professional understands, and what should they do next?"""

from dataclasses import dataclass

from gateway.consent.decision import Decision, Permit
from gateway.consent.policy import Policy, Row
from gateway.consent.policy_file import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An answer in words.

    Shape: `heading`, `text` and `advice` are the deciding reason's; `steps` are the rules that applied, in order, each
    with its number; `withheld` are the reasons for what is missing; `obligations` say what must be done besides.
    `children` say what the answer would be for each child alone, where the document is about several.
    """

    heading: str
    text: str
    advice: str
    steps: tuple[str, ...]
    withheld: tuple[Words, ...]
    obligations: tuple[str, ...]
    children: tuple[str, ...] = ()

    def as_lines(self) -> list[str]:
        """Return it as lines of plain text."""
        lines = [self.heading, "", self.text, f"What to do: {self.advice}"]
        for words in self.withheld:
            lines += ["", words.heading, words.text, f"What to do: {words.advice}"]
        if self.children:
            lines += [
                "",
                "It is about several children. Each must let it go; the strictest answer counts:",
                *self.children,
            ]
        if self.steps:
            lines += ["", "How it was decided:", *self.steps]
        if self.obligations:
            lines += ["", "What must be done:", *(f"- {duty}" for duty in self.obligations)]
        return lines


def explain(decision: Decision, *, policy: Policy) -> Explanation:
    """Return what *decision* means under the *policy* it was made by.

    Raises:
        KeyError: the decision gives a reason or a duty that this policy does not know: it was made by another.
    """
    grounds = decision.grounds
    words = policy.reasons[grounds.reason]
    redactions = decision.redactions if isinstance(decision, Permit) else ()
    return Explanation(
        heading=words.heading,
        text=words.text,
        advice=words.advice,
        steps=tuple(f"Rule {number}: {_plain(policy, number, decision)}" for number in grounds.rules),
        withheld=tuple(policy.reasons[reason] for reason in dict.fromkeys(item.reason for item in redactions)),
        obligations=tuple(policy.obligations[code] for code in grounds.obligations),
        children=tuple(
            f"Child {number}: {policy.reasons[answer.reason].heading} ({_rules(answer.rules)})"
            for number, answer in enumerate(grounds.answers, 1)
        ),
    )


def _rules(numbers: tuple[int, ...]) -> str:
    return f"rule{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _plain(policy: Policy, number: int, decision: Decision) -> str:
    """Return the sentence of the row with this *number*: of its parts, the one that gave a reason of this decision."""
    rows = [row for row in policy.rows if row.number == number]
    return next((row.plain for row in rows if _gave(row, decision)), rows[0].plain)


def _gave(row: Row, decision: Decision) -> bool:
    if row.reason == decision.grounds.reason:
        return True
    redactions = decision.redactions if isinstance(decision, Permit) else ()
    return any(
        redaction.reason == row.reason and (row.selector or set(redaction.categories) <= set(row.redacts))
        for redaction in redactions
    )
