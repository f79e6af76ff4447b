"""Which names in a drop folder are documents, which are reports of ours, and which are neither?"""

import re
from hashlib import sha256

ACCEPTED = ".accepted.json"
REFUSED = ".refused.json"
RECORDS = ".records.json"
LONGEST_NAME_BYTES = 180
_UNFINISHED = re.compile(r"\..*|~.*|.*~|.*\.(part|partial|filepart|tmp|temp|crdownload)", re.IGNORECASE | re.DOTALL)
_LEFTOVER = re.compile(r"\.report_[0-9a-z]{26}")


def is_leftover(name: str) -> bool:
    """Tell whether *name* is one under which we begin a report; it stays when the process ends before it is whole."""
    return _LEFTOVER.fullmatch(name) is not None


def is_report(name: str) -> bool:
    """Tell whether *name* is one that reports of ours have."""
    return name.endswith((ACCEPTED, REFUSED, RECORDS))


def is_unfinished(name: str) -> bool:
    """Tell whether programs give such a name to what they are still writing."""
    return _UNFINISHED.fullmatch(name) is not None


def is_odd(name: str) -> bool:
    """Tell whether *name* is empty, too long, not text, or holds a character nobody can see."""
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        return True
    return not encoded or len(encoded) > LONGEST_NAME_BYTES or not name.isprintable()


def report_name(name: str, ending: str) -> str:
    """Return what the report about the file *name* is called: beside it and after it, or by digest if *name* is odd."""
    if is_odd(name):
        return f"unnamed-{sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}{ending}"
    return f"{name}{ending}"
