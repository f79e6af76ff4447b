"""What does an XML document hold? The only XML parser there is.

Source: the hardening follows the OWASP XML security cheat sheet; the gate before lxml is ours.
"""

import threading
from collections.abc import Iterable
from functools import cache
from typing import Protocol, cast

from lxml import etree

from gateway.errors import MalformedMessageError, Place, TooLargeError
from gateway.formats.limits import Limits, check_size
from gateway.formats.xml_encoding import to_utf8
from gateway.formats.xml_gate import inspect, is_plain
from gateway.model.tree import Group, Tree

Element = etree._Element  # noqa: SLF001  # lxml has no public name for its class of elements


class LogEntry(Protocol):
    """One line of what lxml has to say; its `message` may quote the document, so nobody here reads it."""

    type_name: str
    path: str | None
    line: int


def entries(log: object) -> Iterable[LogEntry]:
    """Return the lines of an lxml error log."""
    return cast("Iterable[LogEntry]", log)


def read_xml(body: bytes, *, limits: Limits) -> tuple[str, Tree]:
    """Return the root's name and the tree under it.

    Shape: an element with children or attributes is a group: child name -> list of trees in document order, attributes
    under `@name`, its own text, if it is more than white space, under `#text`. Any other element is its text. Names in
    a namespace are written `{namespace}name`. Comments and processing instructions are left out.

    Raises:
        MalformedMessageError: see `parse`.
        TooLargeError: see `parse`.
    """
    root = parse(body, limits=limits)
    return str(root.tag), to_tree(root)


def parse(body: bytes, *, limits: Limits) -> Element:
    """Return the root element of *body*, after the gate.

    Raises:
        MalformedMessageError: empty, an encoding we do not read or that is not what it is declared, not well-formed,
            cut off, a document type, a style sheet.
        TooLargeError: over a limit of size, depth, number or length.
    """
    check_size(body, limits=limits)
    utf8 = to_utf8(body).utf8
    if not is_plain(utf8, limits=limits):
        inspect(utf8, limits=limits)
    try:
        root = etree.fromstring(utf8, parser=_own.parser)
    except etree.XMLSyntaxError as error:
        _own.parser = _parser()  # the old one remembers what it stumbled over
        inspect(utf8, limits=limits)  # it has the better words, and sees first what comes first
        raise _refused(error) from None
    if _deeper_than(limits.depth)(root):
        inspect(utf8, limits=limits)
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedMessageError("a document type declaration (DOCTYPE) is not taken", code="doctype")
    if len(utf8) > limits.text_length:
        check_lengths(root, limits)
    return root


def parse_again(body: bytes) -> Element:
    """Return the root element of *body*, which `parse` has taken before; what was found harmless then is so now.

    Raises:
        MalformedMessageError: it has not, and is not XML.
        TooLargeError: it has not, and is too much for the parser.
    """
    try:
        return etree.fromstring(to_utf8(body).utf8, parser=_own.parser)
    except etree.XMLSyntaxError as error:
        _own.parser = _parser()
        raise _refused(error) from None


@cache
def _deeper_than(depth: int) -> etree.XPath:
    """Return what tells whether anything is nested deeper than *depth* levels."""
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


def to_tree(element: Element) -> Tree:
    """Return *element* as a tree, in the shape `read_xml` describes."""
    text = _own_text(element)
    if len(element) == 0 and not element.attrib:
        return text
    group: Group = {"@" + str(name): str(value) for name, value in element.attrib.items()}
    if text.strip():
        group["#text"] = text
    for child in element:
        cast("list[Tree]", group.setdefault(str(child.tag), [])).append(to_tree(child))
    return group


def _own_text(element: Element) -> str:
    if len(element) == 0:
        return element.text or ""
    return "".join((element.text or "", *(child.tail or "" for child in element)))


def check_lengths(root: Element, limits: Limits) -> None:
    """Refuse a document with a text that is too long.

    Raises:
        TooLargeError: it has one; the place is the line.
    """
    for element in root.iter():
        longest = max(len(_own_text(element)), *map(len, element.attrib.values()), 0)
        if longest > limits.text_length:
            place = Place(line=cast("int | None", element.sourceline))
            raise TooLargeError(f"a text is longer than {limits.text_length} characters", place=place)


def _parser() -> etree.XMLParser:
    """Return a parser that resolves, fetches, defaults and repairs nothing."""
    return etree.XMLParser(  # type: ignore[call-arg]  # the stubs do not know `decompress`
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        decompress=False,
        remove_comments=True,
        remove_pis=True,
    )


class _Own(threading.local):
    """What each thread has to itself: two threads with one parser would wait for each other."""

    def __init__(self) -> None:
        self.parser = _parser()


_own = _Own()


def _refused(error: etree.XMLSyntaxError) -> MalformedMessageError | TooLargeError:
    """Return our error; the library's wording is left out because it may quote the document."""
    place = Place(line=error.lineno)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in entries(error.error_log)):
        return TooLargeError("a text or a name is longer than the XML parser takes", place=place)
    return MalformedMessageError("not well-formed XML", place=place)
