"""Has whoever wrote this file finished?

School systems write a report for many seconds, and pause. A file that stands still may be half of one, so the end is
looked at too: XML must close its root, JSON its first bracket. Whether it is well-formed is the gate's question.
"""

import re

EDGE_BYTES = 4096
_ROOT = re.compile(rb"<([A-Za-z_][^\s/>\[<]*)")
_CLOSING = re.compile(rb"</([A-Za-z_][^\s>]*)\s*>\s*(?:<!--[^<]*-->\s*)*$")
_BRACKETS = {b"{": b"}", b"[": b"]"}


def looks_complete(head: bytes, tail: bytes) -> bool:
    """Tell whether a file with these first and last bytes (at most EDGE_BYTES each) looks finished.

    Null bytes are left out, so that UTF-16 reads alike; a format without brackets always looks finished.
    """
    head, tail = _plain(head), _plain(tail)
    if not head:
        return False
    if head.startswith(b"<"):
        return _closes_root(head, tail)
    wanted = _BRACKETS.get(head[:1])
    return wanted is None or tail.endswith(wanted)


def _plain(edge: bytes) -> bytes:
    return (
        edge.replace(b"\0", b"")
        .removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
        .strip()
    )


def _closes_root(head: bytes, tail: bytes) -> bool:
    root, closing = _ROOT.search(_without_prolog(head)), _CLOSING.search(tail)
    if root is None:
        return tail.endswith(b">")
    if closing is None:
        return tail.endswith(b"/>") and head == tail
    return closing[1] == root[1]


def _without_prolog(head: bytes) -> bytes:
    """Return what follows declaration, comments and instructions."""
    return re.sub(rb"^(?:\s*(?:<\?.*?\?>|<!--.*?-->))+", b"", head, flags=re.DOTALL)
