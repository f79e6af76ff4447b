"""Where in a stream of XML does each record begin and end?

One pass of expat over UTF-8, which builds nothing and refuses whatever the gate refuses, before any other parser sees a
byte of it. What it cuts out are the records, each whole; the rest is what stands beside them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.formats.limits import Limits
from gateway.formats.xml_gate import Inspector

_TAG = re.compile(rb"""<[^<>"']*(?:"[^<"]*"[^<>"']*|'[^<']*'[^<>"']*)*>""")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of the stream, which the parts in their order make up without a gap.

    Shape: `line` is where a record begins, None of what stands between records.
    """

    utf8: bytes
    line: int | None = None


class OtherRootError(Exception):
    """The document is another one than was expected; `name` is its root's, as lxml writes it."""

    def __init__(self, name: str) -> None:
        super().__init__("another root")
        self.name = name


class Framer(Inspector):
    """Cuts the elements at the end of one path out of a stream.

    Shape: *path* names the elements from the root to a record, none of them in a namespace. `opening` are the tags
    above the records as they stand in the document, but without attributes, once one record was found.
    """

    def __init__(self, path: tuple[str, ...], limits: Limits) -> None:
        super().__init__(limits)
        self._path = path
        self._on_path = 0
        self._window = bytearray()
        self._gone = 0
        """How much of the stream is no longer in the window."""
        self._safe = 0
        """Nothing that begins before here is still being read."""
        self._open: tuple[int, int] | None = None
        self._cuts: list[tuple[int, int, int]] = []
        self._beside = 0
        self._records = 0
        self._declared: list[tuple[str | None, str | None]] = []
        self._spaces: list[list[tuple[str | None, str | None]]] = []
        self.opening = b""

    def cut(self, pieces: Iterable[bytes]) -> Iterator[Cut]:
        """Return the parts of a document.

        Raises:
            OtherRootError: its root is not the path's.
            MalformedMessageError: as `gateway.formats.xml_gate.inspect` does.
            TooLargeError: likewise; or a record, or their number, or what stands beside them, is over a limit.
        """
        for piece in pieces:
            self._window += piece
            self.feed(piece, is_last=False)
            yield from self._taken()
            if len(self._window) > self._limits.record_bytes:
                self._over(f"one record or text has more than {self._limits.record_bytes} bytes", "too-large")
        self.feed(b"", is_last=True)
        self._safe = self._gone + len(self._window)
        yield from self._taken()

    def _taken(self) -> Iterator[Cut]:
        """Return what the window holds of parts that are complete, and let go of it."""
        done = self._gone
        for start, end, line in self._cuts:
            yield from self._between(done, start)
            yield Cut(self._slice(start, end), line)
            done = end
        self._cuts = []
        safe = max(done, self._safe if self._open is None else self._open[0])
        yield from self._between(done, safe)
        del self._window[: safe - self._gone]
        self._gone = safe

    def _between(self, start: int, end: int) -> Iterator[Cut]:
        if end > start:
            yield Cut(self._slice(start, end))

    def _slice(self, start: int, end: int) -> bytes:
        return bytes(self._window[start - self._gone : end - self._gone])

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        super()._namespace(prefix, uri)
        if self._open is None:
            self._declared.append((prefix, uri))

    def _start(self, name: str, attributes: list[str]) -> None:
        super()._start(name, attributes)
        if self._open is not None:
            return
        declared, self._declared = self._declared, []
        depth, self._safe = self._depth, self._parser.CurrentByteIndex
        if depth == 1 and name != self._path[0]:
            uri, _, local = name.rpartition(" ")
            raise OtherRootError(f"{{{uri}}}{local}" if uri else local)
        if self._on_path != depth - 1 or depth > len(self._path) or name != self._path[depth - 1]:
            self._beside += 1
            self._count(self._beside, self._limits.nodes, "elements beside the records")
            return
        self._on_path = depth
        if depth == len(self._path):
            self._begin_record()
        else:
            self._spaces[depth - 1 :] = [declared]

    def _begin_record(self) -> None:
        self._open = (self._parser.CurrentByteIndex, self._parser.CurrentLineNumber)
        self._nodes = 1
        self._records += 1
        self._count(self._records, self._limits.records, "records")
        if not self.opening:
            tags = zip(self._path, self._spaces, strict=False)
            self.opening = b"".join(_tag(name, declared) for name, declared in tags)

    def _end(self, name: str) -> None:
        depth = self._depth
        super()._end(name)
        if depth != self._on_path:
            return
        self._on_path = depth - 1
        self._safe = self._parser.CurrentByteIndex
        if self._open is not None:
            start, line = self._open
            end = self._end_of_record(start)
            self._cuts.append((start, end, line))
            self._open, self._safe, self._nodes = None, end, 0

    def _end_of_record(self, start: int) -> int:
        """Return where the record that began at *start* ends, now that expat has come to its end.

        Of an element that is one tag expat tells where that ends, of any other where its end tag begins.
        """
        first = _TAG.match(self._window, start - self._gone)
        if first is None or first[0].endswith(b"/>"):
            return self._gone + first.end() if first else self._safe
        last = _TAG.match(self._window, self._safe - self._gone)
        return self._gone + last.end() if last else self._safe

    def _count(self, number: int, most: int, what: str) -> None:
        if number > most:
            self._over(f"more than {most} {what}", "too-many")


def closing(path: tuple[str, ...]) -> bytes:
    """Return the end tags of everything above the records."""
    return b"".join(f"</{name}>".encode() for name in reversed(path[:-1]))


def _tag(name: str, declared: list[tuple[str | None, str | None]]) -> bytes:
    said = "".join(
        f' xmlns{f":{prefix}" if prefix else ""}="{(uri or "").translate(_ESCAPES)}"' for prefix, uri in declared
    )
    return f"<{name}{said}>".encode()
