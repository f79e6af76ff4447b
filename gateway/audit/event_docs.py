"""What does the catalogue of events look like in words? It becomes docs/audit-events.md."""

import sys

from gateway.audit.event import KINDS, EventKind
from gateway.audit.field import FIELDS, Field
from gateway.audit.kind_spec import COMMON, KindSpec

_HEAD = """# Audit events

Written by `python -m gateway.audit.event_docs > docs/audit-events.md` from `gateway/audit/event.py` and
`gateway/audit/field.py`; a test compares. [audit.md](audit.md) explains the log itself.

Every leaf says, in the open: `v` (version of the entry's form), `kind`, `at` (UTC), `actor` (a pseudonym),
`organisation` (on whose behalf), `commitment` (binds the sealed words) and, for an event of a child, `subject_tag`
(means nothing to anybody without the child's key). The words below come on top: **open** ones stand in the leaf for
ever, **sealed** ones are stored apart, sealed, and destroyed when the child's record is. From **guarded** ones a
protected fact, or somebody else's affairs, could be read: in a family's export they stay closed unless a person opens
them.

## Events

An event must say the words in bold and may say the others. Any event may also say {common}.
"""


def as_markdown() -> str:
    """Return the catalogue as a page."""
    kinds = "\n".join(_kind(kind, KINDS[kind]) for kind in EventKind)
    words = "\n".join(_word(name, word) for name, word in sorted(FIELDS.items()))
    table = f"| Word | Where | Form | Meaning |\n|---|---|---|---|\n{words}\n"
    head = _HEAD.replace("{common}", ", ".join(f"`{name}`" for name in sorted(COMMON)))
    return f"{head}\n{kinds}\n## Words\n\n{table}"


def _kind(kind: EventKind, spec: KindSpec) -> str:
    opened = _list(spec, is_open=True) or "none"
    sealed = _list(spec, is_open=False) or "none"
    readers = ", ".join(reader.value for reader in spec.readers)
    return f"### `{kind.value}`\n\n{spec.when}\n\n- Open: {opened}\n- Sealed: {sealed}\n- May be read by: {readers}\n"


def _list(spec: KindSpec, *, is_open: bool) -> str:
    needed = [f"**{name}**" for name in spec.must if FIELDS[name].is_open is is_open]
    allowed = [name for name in spec.may if FIELDS[name].is_open is is_open]
    return ", ".join(needed + allowed)


def _word(name: str, word: Field) -> str:
    where = "open" if word.is_open else "guarded" if word.is_guarded else "sealed"
    return f"| `{name}` | {where} | {word.shape.value} | {word.meaning} |"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
