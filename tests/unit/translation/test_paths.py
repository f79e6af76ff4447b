import pytest

from gateway.translation.paths import Path, parse_path, tellable


@pytest.mark.parametrize(
    ("text", "names", "many"),
    [
        ("name", ("name",), (False,)),
        ("child.address.lines[]", ("child", "address", "lines"), (False, False, True)),
        ("Your Involvemnt", ("Your Involvemnt",), (False,)),
        ('"a.b[]".c', ("a.b[]", "c"), (False, False)),
        ("pages[].answers[].field", ("pages", "answers", "field"), (True, True, False)),
        ("Contact Phone (Home/Work)", ("Contact Phone (Home/Work)",), (False,)),
        (".", (), ()),
    ],
)
def test_a_path_names_parts_and_marks_lists(text: str, names: tuple[str, ...], many: tuple[bool, ...]) -> None:
    assert parse_path(text) == Path(names, many)


@pytest.mark.parametrize("text", ["", "a.", ".a", "a..b", "a[", "a[0]", "a{}", '"a', "a]b", "a.b[].", '"".a'])
def test_what_is_no_path_is_none(text: str) -> None:
    assert parse_path(text) is None


@pytest.mark.parametrize("text", ["a", "a[].b", '"a.b"[].c', "."])
def test_a_path_writes_itself_as_it_was_read(text: str) -> None:
    assert str(parse_path(text)) == text


def test_a_name_the_mapping_knows_may_be_told() -> None:
    assert tellable("Your Involvemnt", frozenset({"Your Involvemnt"})) == "Your Involvemnt"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("favourite_colour", "favourite_colour"),
        ("Testina Exampleton was seen at 1 Nowhere Lane", "?"),
        ("x" * 41, "?"),
        ("a.b", "?"),
    ],
)
def test_a_name_the_sender_made_up_is_told_only_if_it_looks_like_a_field(name: str, told: str) -> None:
    assert tellable(name, frozenset()) == told
