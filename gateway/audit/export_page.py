"""How does a person read an export? One page, without script, pictures or anything fetched from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from gateway.audit.entry import canonical, time_text
from gateway.audit.event import KINDS, EventKind
from gateway.audit.field import FIELDS
from gateway.model.tree import Group, Tree

_PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What happened to this child's record</title>
<style>
body {{ font: 1.1rem/1.5 Arial, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; color: #0b0c0c; }}
section {{ border-top: 2px solid #b1b4b6; padding: 0.5rem 0; break-inside: avoid; }}
h2 {{ font-size: 1.15rem; margin: 0.4rem 0; }}
dl {{ display: grid; grid-template-columns: minmax(10rem, 18rem) 1fr; gap: 0.2rem 1rem; margin: 0.4rem 0; }}
dt {{ color: #505a5f; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<main>
<h1>What happened to this child's record</h1>
<p>This page lists, oldest first, every event the gateway recorded about one child: {count} in all. It was made on
<time>{at}</time> from the log <code>{origin}</code>.</p>
<p>You need not take our word for it. Beside this page lie the same events as data and a proof for each. The program
<code>verify.py</code> checks that none was changed and none left out; you need only the log's public key, which you
should get from somebody other than the person who gave you this file.</p>
{events}
</main>
</body>
</html>
"""
_SHOWN = """<section>
<h2>{number}. {when}</h2>
<dl>
{rows}
</dl>
</section>
"""
_WITHHELD = """<section>
<h2>{number}. An event that is not shown to you.</h2>
<p>It is counted here, so that you know of it. Ask the data protection officer for the reason.</p>
</section>
"""
_HEADER_WORDS = {
    "at": "when",
    "actor": "who did it, by pseudonym",
    "organisation": "on whose behalf",
}
_CHAIN = frozenset({"subject_prev", "subject_seq"})
"""What only the verifier needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEvent:
    """One event to be shown: its leaf, its sealed words, and the names of those that stay closed."""

    header: Group
    words: Group
    closed: frozenset[str]


def export_page(events: Sequence[PageEvent | None], *, origin: str, at: datetime) -> str:
    """Return the page for all events of a child; None is an event that is withheld."""
    sections = "".join(_section(number, event) for number, event in enumerate(events, start=1))
    return _PAGE.format(count=len(events), at=time_text(at), origin=escape(origin), events=sections)


def _section(number: int, event: PageEvent | None) -> str:
    if event is None:
        return _WITHHELD.format(number=number)
    rows = [_row(name, _text(event.header[name])) for name in _HEADER_WORDS if name in event.header]
    rows += [_row(name, _text(value)) for name, value in event.header.items() if name in FIELDS]
    rows += [
        _row(name, "not shown to you" if name in event.closed else _text(value))
        for name, value in event.words.items()
        if name not in _CHAIN
    ]
    when = KINDS[EventKind(str(event.header["kind"]))].when
    return _SHOWN.format(number=number, when=escape(when), rows="\n".join(rows))


def _row(name: str, text: str) -> str:
    meaning = _HEADER_WORDS[name] if name in _HEADER_WORDS else FIELDS[name].meaning
    return f"<dt>{escape(meaning)}</dt><dd>{escape(text)}</dd>"


def _text(value: Tree) -> str:
    return value if isinstance(value, str) else canonical(value).decode()
