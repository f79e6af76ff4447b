"""Does the JSON reader take what is JSON, and refuse what two readers could understand differently?"""

import json
from decimal import Decimal

import pytest

from gateway.errors import MalformedMessageError, SchemaViolationError, TooLargeError
from gateway.formats.json import read_json, write_json
from gateway.formats.limits import Limits
from gateway.model.tree import Tree

LIMITS = Limits()


def test_names_keep_the_order_they_came_in() -> None:
    tree = read_json(b'{"b": 1, "a": [true, null, "x"]}', limits=LIMITS)

    assert isinstance(tree, dict)
    assert list(tree.items()) == [("b", 1), ("a", [True, None, "x"])]


@pytest.mark.parametrize("written", ["0.10", "-12.500", "1E+2", "0.1234567890123456789"[:20]])
def test_a_fraction_keeps_every_digit(written: str) -> None:
    tree = read_json(f"[{written}]".encode(), limits=LIMITS)

    assert tree == [Decimal(written)]
    assert isinstance(tree[0], Decimal)
    assert str(tree[0]) == written


@pytest.mark.parametrize(
    "text", ["Zoë", "Siân \u2013 \u201cquoted\u201d", "😀", 'back\\slash "quote" \n', "\u2028", "\ufeff"]
)
def test_any_letters_survive_writing_and_reading(text: str) -> None:
    assert read_json(write_json({text: [text]}), limits=LIMITS) == {text: [text]}


@pytest.mark.parametrize("escaped", [r'"\ud83d\ude00"', r'"\u00eb"', r'"\\ud83d"', r'"\/"'])
def test_an_escape_that_means_a_letter_is_that_letter(escaped: str) -> None:
    assert read_json(escaped.encode(), limits=LIMITS) == json.loads(escaped)


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b'{"answers": [{"a": 1}, {"b": 1, "b": 2}]}', "duplicate-name", "answers[1].b"),
        (b'{"a": {"n": NaN}}', "bad-number", "a.n"),
        (b"[true, null, Infinity]", "bad-number", "[2]"),
        (b'{"a": 1e999}', "bad-number", "a"),
        (b'{"a": -1e-999}', "bad-number", "a"),
        (b'{"a": 1e99999999999999999999}', "bad-number", "a"),
        (b'{"a": 12345678901234567890}', "bad-number", "a"),
        (b'{"a": 0.1234567890123456789012}', "bad-number", "a"),
        (b'{"a": ["ok", "\\ud800"]}', "bad-text", "a[1]"),
        (b'{"a": "\\u0000"}', "bad-text", "a"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_is_refused_with_its_place(body: bytes, code: str, path: str) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_json(body, limits=LIMITS)

    assert caught.value.code == code
    assert caught.value.place.path == path


def test_what_is_refused_before_the_document_breaks_off_has_no_place_and_still_its_reason() -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_json(b"[NaN, {", limits=LIMITS)

    assert caught.value.code == "bad-number"
    assert caught.value.place.path is None


def test_a_name_that_is_no_plain_word_is_not_repeated_in_the_place() -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_json(b'{"Testina <t@home.example>": {"a": 1, "a": 2}}', limits=LIMITS)

    assert caught.value.place.path == "?.a"


def test_a_syntax_error_names_its_line() -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_json(b'{\n"a": 1,\n"b": tru}', limits=LIMITS)

    assert caught.value.code == "malformed"
    assert caught.value.place.line == 3


@pytest.mark.parametrize("body", [b'{"a": "Testi', b'{"a": 1', b'{"a":', b"[1,", b'{"a": "x"'])
def test_a_cut_off_document_is_said_to_be_cut_off(body: bytes) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_json(body, limits=LIMITS)

    assert caught.value.code == "cut-off"
    assert caught.value.place.line == 1


@pytest.mark.parametrize("depth", [99, 100])
def test_nesting_up_to_the_limit_is_read(depth: int) -> None:
    body = b"[" * depth + b"]" * depth

    assert write_json(read_json(body, limits=LIMITS)) == body


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 101 + b"]" * 101,
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b"[{}," * 101 + b"1" + b"]" * 101,
        b'["\\"]", ' + b"[" * 100 + b"]" * 100 + b"]",
        b"[" * 400_000,
    ],
    ids=["lists", "groups", "lists beside empty groups", "behind a bracket in a string", "never closed"],
)
def test_nesting_over_the_limit_is_refused_before_anything_recurses(body: bytes) -> None:
    with pytest.raises(TooLargeError) as caught:
        read_json(body, limits=LIMITS)

    assert caught.value.code == "too-deep"


def test_brackets_inside_texts_are_no_nesting() -> None:
    tree: Tree = ["[[[{{{" * 200, '\\"[{' * 200, {"{[" * 200: "\\"}]

    assert read_json(write_json(tree), limits=LIMITS) == tree


def test_commas_inside_texts_do_not_count_as_values() -> None:
    limits = Limits(nodes=10)

    assert read_json(b'["a,,,,,,,,,,,,,,,,,,,,,,,b"]', limits=limits) == ["a,,,,,,,,,,,,,,,,,,,,,,,b"]


@pytest.mark.parametrize(
    ("body", "limits", "code"),
    [
        (b"[1,2,3,4,5,6]", Limits(nodes=5), "too-many"),
        (b'["123456"]', Limits(size_bytes=9), "too-large"),
        (b'["123456"]', Limits(text_length=5), "too-large"),
        (b'{"123456": 1}', Limits(text_length=5), "too-large"),
    ],
    ids=["values", "bytes", "a text", "a name"],
)
def test_each_limit_is_kept(body: bytes, limits: Limits, code: str) -> None:
    with pytest.raises(TooLargeError) as caught:
        read_json(body, limits=limits)

    assert caught.value.code == code


@pytest.mark.parametrize("tree", [Decimal("Infinity"), [Decimal("NaN")], "\ud800", float("nan")])
def test_what_json_cannot_hold_is_not_written(tree: Tree) -> None:
    with pytest.raises(SchemaViolationError):
        write_json(tree)


def test_a_decimal_is_written_with_exactly_its_digits_beside_everything_else() -> None:
    tree: Tree = {"a": [Decimal("1.50"), True, None, 7, "é"], "b": {}}

    assert write_json(tree).decode() == '{"a":[1.50,true,null,7,"é"],"b":{}}'
