"""What does a JSON document hold, read strictly?

The standard library's scanner, with everything refused that two readers could understand differently (Source: RFC
8259, section 4 on duplicate names, 8.1 on encoding, 8.2 on surrogates; RFC 7493).
"""

import json
import math
import re
from decimal import Decimal, DecimalException
from functools import cache
from typing import NoReturn, cast

from gateway.errors import GatewayError, MalformedMessageError, Place, SchemaViolationError, TooLargeError
from gateway.formats.json_fault import locate
from gateway.formats.limits import Limits, check_size
from gateway.model.tree import Tree

_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_AGAIN = json.JSONDecoder(parse_float=Decimal)
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_BRACKETS_ONLY = bytes(byte for byte in range(256) if byte not in b'[]{}"')
_BEGINNINGS_ONLY = bytes(byte for byte in range(256) if byte not in b"[{,")
_STRUCTURE_ONLY = bytes(byte for byte in range(256) if byte not in b'[]{}",')


def read_json(body: bytes, *, limits: Limits) -> Tree:
    """Return the tree *body* holds: fractions as Decimal, names and list members in the order they came.

    Raises:
        MalformedMessageError: empty, not UTF-8, a byte order mark, not JSON, cut off, a name twice in one object, NaN
            or Infinity or a number that large, too many digits, half a surrogate pair, U+0000.
        TooLargeError: over a limit of size, depth, number or length.
    """
    check_size(body, limits=limits)
    text = _decode(body)
    _check_structure(body, limits)
    try:
        tree = cast("Tree", _decoder(limits).decode(text))
        if _may_hold_bad_text(body, limits):
            _check_texts(tree, limits)
    except json.JSONDecodeError as error:
        raise _not_json(error) from None
    except GatewayError as error:
        error.place = Place(path=locate(text, limits=limits))
        raise
    return tree


def read_json_again(body: bytes) -> Tree:
    """Return the tree *body* holds, which `read_json` has taken before; what was found in order then is so now.

    Raises:
        MalformedMessageError: it has not, and is not JSON.
    """
    text = _decode(body)
    try:
        return cast("Tree", _AGAIN.decode(text))
    except json.JSONDecodeError as error:
        raise _not_json(error) from None


def write_json(tree: Tree) -> bytes:
    """Return *tree* as compact JSON in UTF-8: names in the order they stand, a Decimal with exactly its digits.

    Raises:
        SchemaViolationError: a text UTF-8 cannot hold, or a number JSON cannot.
    """
    try:
        text = _COMPACT.encode(tree)
    except TypeError:
        text = _written(tree)
    except ValueError as error:
        raise SchemaViolationError("the tree holds a number that JSON cannot") from error
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise SchemaViolationError("the tree holds half a surrogate pair, which UTF-8 cannot carry") from None


def _decode(body: bytes) -> str:
    if body.startswith(_BYTE_ORDER_MARKS):
        raise MalformedMessageError("JSON starts without a byte order mark; send plain UTF-8", code="encoding")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise MalformedMessageError("JSON must be UTF-8", place=Place(line=line), code="encoding") from None
    if "\0" in text:
        raise MalformedMessageError("JSON must be UTF-8 and hold no U+0000; is it UTF-16?", code="encoding")
    return text


def _check_structure(body: bytes, limits: Limits) -> None:
    """Refuse what is too numerous or too deep before anything recurses or is built."""
    beginnings = body.translate(None, _BEGINNINGS_ONLY)
    if len(beginnings) > limits.nodes:
        structure = _without_strings(body, _STRUCTURE_ONLY)
        if structure.count(b",") + structure.count(b"{") + structure.count(b"[") > limits.nodes:
            raise TooLargeError(f"more than {limits.nodes} values", code="too-many")
    if len(beginnings) - beginnings.count(b",") > limits.depth:
        _check_depth(_without_strings(body, _BRACKETS_ONLY), limits)


def _without_strings(body: bytes, delete: bytes) -> bytes:
    """Return the characters that make the structure, none of them from inside a string.

    As far as *body* is well-formed this is exact; behind the first error it can only hold too many brackets.
    """
    if b"\\" in body:
        body = _ESCAPE.sub(b"", body)
    return _STRING.sub(b"", body.translate(None, delete))


def _check_depth(brackets: bytes, limits: Limits) -> None:
    """Refuse brackets nested deeper than allowed.

    Each round takes away at most two levels, in C. Only what has not vanished after half as many rounds as there may
    be levels is counted one by one.
    """
    rest = brackets
    for _ in range(limits.depth // 2):
        rest = rest.replace(b"{}", b"").replace(b"[]", b"")
        if not rest:
            return
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > limits.depth:
            raise TooLargeError(f"nested deeper than {limits.depth} levels", code="too-deep")


def _may_hold_bad_text(body: bytes, limits: Limits) -> bool:
    """Tell whether any text could be one that is refused; raw UTF-8 cannot, an escape or a very long body can."""
    return (b"\\" in body and b"\\u" in body) or len(body) > limits.text_length


def _check_texts(tree: Tree, limits: Limits) -> None:
    match tree:
        case str():
            _check_text(tree, limits)
        case list():
            for item in tree:
                _check_texts(item, limits)
        case dict():
            for name, part in tree.items():
                _check_text(name, limits)
                _check_texts(part, limits)
        case _:
            pass


def _check_text(text: str, limits: Limits) -> None:
    if len(text) > limits.text_length:
        raise TooLargeError(f"a text is longer than {limits.text_length} characters")
    if "\0" in text:
        raise MalformedMessageError("a text holds U+0000", code="bad-text")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise MalformedMessageError("a text holds half a surrogate pair", code="bad-text")


@cache
def _decoder(limits: Limits) -> json.JSONDecoder:
    def group(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
        built = dict(pairs)
        if len(built) != len(pairs):
            raise MalformedMessageError("a name comes twice in one object; send a list", code="duplicate-name")
        return built

    def whole(digits: str) -> int:
        _check_digits(digits, limits)
        return int(digits)

    def fraction(digits: str) -> Decimal:
        _check_digits(digits.lower().partition("e")[0], limits)
        return _finite(digits)

    return json.JSONDecoder(object_pairs_hook=group, parse_int=whole, parse_float=fraction, parse_constant=_constant)


def _check_digits(digits: str, limits: Limits) -> None:
    if len(digits) > limits.digits and sum(map(str.isdigit, digits)) > limits.digits:
        raise MalformedMessageError(f"a number has more than {limits.digits} digits", code="bad-number")


def _finite(digits: str) -> Decimal:
    """Return the number, unless other readers would make infinity, or nothing, of it."""
    try:
        number = Decimal(digits)
        rounded = float(number)
    except (DecimalException, OverflowError):
        rounded, number = math.inf, Decimal(0)
    if math.isinf(rounded) or (rounded == 0 and number != 0):
        raise MalformedMessageError("a number is too large or too small for other readers", code="bad-number")
    return number


def _constant(_name: str) -> NoReturn:
    raise MalformedMessageError("NaN and Infinity are not JSON", code="bad-number")


def _not_json(error: json.JSONDecodeError) -> MalformedMessageError:
    """Return our error; the library's own wording names what it expected and never what it found."""
    place = Place(line=error.lineno)
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
        return MalformedMessageError("the JSON ends in the middle: was the file cut off?", place=place, code="cut-off")
    return MalformedMessageError(f"not JSON: {error.msg}", place=place)


def _written(tree: Tree) -> str:
    """Return *tree* as JSON text; the slow way, for trees that hold a Decimal."""
    match tree:
        case dict():
            return "{" + ",".join(f"{_quoted(name)}:{_written(part)}" for name, part in tree.items()) + "}"
        case list():
            return "[" + ",".join(_written(item) for item in tree) + "]"
        case Decimal():
            if not tree.is_finite():
                raise SchemaViolationError("the tree holds a number that JSON cannot")
            return str(tree)
        case str():
            return _quoted(tree)
        case _:
            return json.dumps(tree)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
