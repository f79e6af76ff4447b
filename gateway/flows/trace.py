"""Which trace does a document belong to? The ids of W3C Trace Context, and nothing else of it.

Source: https://www.w3.org/TR/trace-context/ (level 1). `tracestate` and baggage, which may hold any words, are never
read. What a sender wrote is taken apart and put together anew, so nothing of it is ever passed on as it came.
"""

import hashlib
import re

TRACE_ID_BYTES = 16
_KNOWN = "00"
_PARENT = re.compile(rf"{_KNOWN}-(?P<trace>[0-9a-f]{{32}})-(?P<parent>[0-9a-f]{{16}})-[0-9a-f]{{2}}")
_RECORDED = "01"


def read_trace_id(traceparent: str | None) -> str | None:
    """Return the trace id of a `traceparent` header, or None when there is none or it is not exactly what it must be.

    A header of a later version is dropped too: what it means is not known here.
    """
    found = _PARENT.fullmatch(traceparent) if traceparent else None
    if found is None or not int(found["trace"], 16) or not int(found["parent"], 16):
        return None
    return found["trace"]


def traceparent(trace_id: str, hop: str) -> str:
    """Return the header that goes out with *hop*, our reference of one delivery.

    The span is a digest of that reference, which the receiver is told anyway: it holds nothing a document says, and a
    retry has the same.
    """
    span = hashlib.sha256(hop.encode()).hexdigest()[:16]
    return f"{_KNOWN}-{trace_id}-{span}-{_RECORDED}"
