"""Does a form post keep every value, in order, in the right letters?"""

import contextlib
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MalformedMessageError, PermanentError, TooLargeError, UnsupportedFormatError
from gateway.formats.content_type import parse_content_type
from gateway.formats.form_post import read_form, read_post
from gateway.formats.limits import Limits

LIMITS = Limits()
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XyZ"


def multipart(*parts: tuple[str, str], boundary: str = "XyZ") -> bytes:
    """Return parts of (extra header text, content) as a body."""
    pieces = (f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n" for head, content in parts)
    return ("".join(pieces) + f"--{boundary}--\r\n").encode()


def test_a_name_that_comes_three_times_keeps_three_values_in_order() -> None:
    body = b"mother_address=1+Nowhere+Lane&x=&mother_address=Exampleton&mother_address=1+Nowhere+Lane"

    assert read_form(body, limits=LIMITS, content_type=URLENCODED) == {
        "mother_address": ["1 Nowhere Lane", "Exampleton", "1 Nowhere Lane"],
        "x": [""],
    }


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"a=1&b", {"a": ["1"], "b": [""]}),
        (b"a=1&&b=2&", {"a": ["1"], "b": ["2"]}),
        (b"a=b=c", {"a": ["b=c"]}),
        (b"Your+Involvemnt=x&Your%20Involvemnt=y", {"Your Involvemnt": ["x", "y"]}),
        (b"a=100%25&b=%zz", {"a": ["100%"], "b": ["%zz"]}),
        (b"a=%2B%26%3D\r\n", {"a": ["+&="]}),
        (b"a=Zo%C3%AB", {"a": ["Zoë"]}),
        ("a=Zoë".encode(), {"a": ["Zoë"]}),
    ],
    ids=["no value", "empty pairs", "equals in it", "blanks", "percent signs", "signs", "escaped", "raw"],
)
def test_a_form_post_is_read_as_browsers_write_it(body: bytes, fields: dict[str, list[str]]) -> None:
    assert read_form(body, limits=LIMITS, content_type=URLENCODED) == fields


@pytest.mark.parametrize("charset", ["windows-1252", "ISO-8859-1"])
def test_a_declared_charset_is_honoured(charset: str) -> None:
    post = read_post(b"a=O%92Zo%EB", limits=LIMITS, declared=parse_content_type(f"{URLENCODED}; charset={charset}"))

    assert post.fields == {"a": ["O\u2019Zoë"]}
    assert post.warnings == ()


def test_without_a_charset_windows_1252_is_a_guess_that_is_said() -> None:
    post = read_post(b"a=Zo%EB&b=Zo%C3%AB", limits=LIMITS, declared=parse_content_type(URLENCODED))

    assert post.fields == {"a": ["Zoë"], "b": ["Zoë"]}
    assert [(warning.path, warning.code) for warning in post.warnings] == [("a", "encoding-guessed")]


def test_parts_keep_every_value_in_order_and_their_line_ends() -> None:
    body = multipart(('name="b"', "1\r\n2"), ('name="a é"', "é"), ('name="b"', ""))

    assert read_form(body, limits=LIMITS, content_type=MULTIPART) == {"b": ["1\r\n2", ""], "a é": ["é"]}


def test_a_part_may_have_a_charset_of_its_own() -> None:
    body = multipart(('name="a"\r\nContent-Type: text/plain; charset=utf-8', "ë"))

    assert read_form(body, limits=LIMITS, content_type=f"{MULTIPART}; charset=windows-1252") == {"a": ["ë"]}


def test_a_file_is_attached_and_its_name_answers_its_field() -> None:
    body = multipart(('name="caf"; filename="caf.pdf"\r\nContent-Type: application/pdf', "%PDF"), ('name="a"', "1"))

    post = read_post(body, limits=LIMITS, declared=parse_content_type(MULTIPART))

    assert post.fields == {
        "caf": ["caf.pdf"],
        "attached_files": [{"file_name": "caf.pdf", "media_type": "application/pdf", "content": "JVBERg=="}],
        "a": ["1"],
    }
    assert post.warnings == ()


@pytest.mark.parametrize(
    ("content", "limits"), [("", LIMITS), ("x" * 31, replace(LIMITS, text_length=40))], ids=["empty", "too long"]
)
def test_a_file_that_cannot_be_attached_is_named_and_that_is_said(content: str, limits: Limits) -> None:
    body = multipart(('name="caf"; filename="caf.pdf"', content), ('name="a"', "1"))

    post = read_post(body, limits=limits, declared=parse_content_type(MULTIPART))

    assert post.fields == {"caf": ["caf.pdf"], "a": ["1"]}
    assert [(warning.path, warning.code) for warning in post.warnings] == [("caf", "file-not-carried")]


def test_what_no_media_type_looks_like_is_not_kept_as_one() -> None:
    body = multipart(('name="caf"; filename="a"\r\nContent-Type: of Testina', "x"))

    post = read_post(body, limits=LIMITS, declared=parse_content_type(MULTIPART))

    assert post.fields["attached_files"] == [{"file_name": "a", "content": "eA=="}]


def test_a_file_box_left_empty_is_nothing() -> None:
    body = multipart(('name="caf"; filename=""\r\nContent-Type: application/octet-stream', ""), ('name="a"', "1"))

    post = read_post(body, limits=LIMITS, declared=parse_content_type(MULTIPART))

    assert post.fields == {"a": ["1"]}
    assert post.warnings == ()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"a=1&a=2", {"a": ["1", "2"]}),
        (multipart(('name="a"', "1"), ('name="a"', "2"), boundary="--of-its-own"), {"a": ["1", "2"]}),
    ],
    ids=["urlencoded", "in parts"],
)
def test_a_file_without_a_content_type_is_taken_for_what_it_looks_like(
    body: bytes, fields: dict[str, list[str]]
) -> None:
    assert read_form(body, limits=LIMITS, content_type=None) == fields


@pytest.mark.parametrize(
    ("body", "limits", "code"),
    [
        (b"a=1&b=2&c=3", Limits(nodes=2), "too-many"),
        (multipart(('name="a"', "1"), ('name="b"', "2"), ('name="c"', "3")), Limits(nodes=2), "too-many"),
        (b"a=123456", Limits(text_length=5), "too-large"),
        (b"a=123456", Limits(size_bytes=5), "too-large"),
    ],
    ids=["fields", "parts", "a text", "bytes"],
)
def test_each_limit_is_kept(body: bytes, limits: Limits, code: str) -> None:
    with pytest.raises(TooLargeError) as caught:
        read_form(body, limits=limits, content_type=None)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (multipart(('name="a"', "1"))[:-4], MULTIPART),
        (multipart(('name="a"', "1"))[:40], MULTIPART),
        (b"a=Zo%C3%A", URLENCODED),
        (b"a=Zo%C3%", URLENCODED),
    ],
    ids=["before the end", "in a header", "in an escape", "at an escape"],
)
def test_a_cut_off_form_is_said_to_be_cut_off(body: bytes, content_type: str) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_form(body, limits=LIMITS, content_type=content_type)

    assert caught.value.code == "cut-off"


def test_a_charset_nobody_reads_is_refused() -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        read_form(b"a=1", limits=LIMITS, content_type=f"{URLENCODED}; charset=utf-7")

    assert caught.value.code == "unsupported-media-type"


def test_half_a_name_of_a_field_in_the_wrong_charset_is_refused_by_its_number() -> None:
    with pytest.raises(MalformedMessageError, match="field 2 ") as caught:
        read_form(b"a=1&b%EB=2", limits=LIMITS, content_type=f"{URLENCODED}; charset=utf-8")

    assert caught.value.code == "encoding"


FIELDS = st.lists(st.tuples(*(st.text(st.characters(exclude_characters="\0", codec="utf-8")),) * 2), min_size=1)


@given(FIELDS)
def test_whatever_a_browser_posts_comes_back(pairs: list[tuple[str, str]]) -> None:
    read = read_form(urlencode(pairs).encode(), limits=LIMITS, content_type=f"{URLENCODED}; charset=utf-8")

    assert [(name, value) for name, values in read.items() for value in values] == sorted(
        pairs, key=lambda pair: list(read).index(pair[0])
    )


@given(
    st.binary(max_size=200) | st.text("a=&%+C3\r\n-XyZ", max_size=60).map(str.encode),
    st.sampled_from([None, URLENCODED, f"{URLENCODED}; charset=utf-8", MULTIPART, "multipart/form-data"]),
)
def test_any_bytes_are_read_or_refused_with_a_reason(body: bytes, content_type: str | None) -> None:
    with contextlib.suppress(PermanentError):
        read_form(body, limits=LIMITS, content_type=content_type)


@given(st.lists(st.sampled_from([b"--XyZ", b"--XyZ--", b"\r\n", b"Content-Disposition: form-data; name=a", b"x"])))
def test_anything_like_parts_is_read_or_refused_with_a_reason(pieces: list[bytes]) -> None:
    with contextlib.suppress(PermanentError):
        read_form(b"".join(pieces), limits=LIMITS, content_type=MULTIPART)
