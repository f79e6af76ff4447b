"""What must be told about a translation: what got lost, what looks odd, which labels nobody has mapped yet?

Nothing here repeats a value, with one exception: an unmapped label, which a person has to read to map it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A value of the source that did not get across, and why. The sealed original still has it."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning_:  # noqa: N801  # `Warning` is Python's own, and means something else
    """Something that got across and needs a look.

    Shape: `code` is one of those in docs/mappings.md; `message` says what to do and holds no value.
    """

    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A label no code list knows. It is never guessed: a person maps it once.

    Shape: `label` is the text as written, with its white space tidied; `translate_in` asks for meanings with exactly
    this text.
    """

    path: str
    list_name: str
    label: str
