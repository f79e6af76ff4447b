"""The library finds a mapping by its format, and refuses two for one thing."""

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.errors import MappingError, TranslationError, UnsupportedFormatError
from gateway.translation.library import Library, library_of
from gateway.translation.message_translator import nothing_known, translate_in

FOLDER = Path(__file__).parents[3] / "mappings"
RELEASED = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob("*.*")
    if path.parent != FOLDER and FOLDER / "policy" not in path.parents
)
RULES = sorted(str(path.relative_to(FOLDER)) for path in (FOLDER / "policy").rglob("*.*"))
ONE = b'title="t"\nformat="a/b-1"\ndirection="inbound"\ndocument="mash.feedback"\n[[same]]\nfrom="."\nto="."\n'


def test_the_ending_of_a_file_s_name_does_not_matter() -> None:
    one, other = Library({"a/b-1.inbound": ONE}, {}), Library({"a/b-1.inbound.toml": ONE}, {})

    assert [mapping.name for mapping in one] == [mapping.name for mapping in other] == ["a/b-1.inbound.toml"]
    assert one.digest == other.digest


def test_the_same_files_are_one_library_and_a_changed_one_makes_another() -> None:
    one, again = (library_of({"a/b-1.inbound": ONE}, {}, {}) for _ in range(2))
    other = library_of({"a/b-1.inbound": ONE + b"# more\n"}, {}, {})

    assert one is again
    assert other is not one
    assert other.digest != one.digest


def test_a_mapping_is_kept_compiled_once_it_was_used_and_not_before() -> None:
    library = Library({"a/b": ONE}, {})

    before = (next(iter(library)), next(iter(library)))
    used = library.inbound("a/b-1")

    assert before[0] is not before[1]
    assert library.inbound("a/b-1") is used is next(iter(library))
    assert {one.digest for one in (*before, used)} == {used.digest}


def test_an_odd_mapping_is_refused_at_once_and_not_when_it_is_first_used() -> None:
    with pytest.raises(MappingError):
        Library({"a/b": ONE, "a/c": ONE.replace(b"[[same]]", b"[[seme]]")}, {})


def test_two_mappings_for_one_thing_are_refused() -> None:
    with pytest.raises(MappingError, match=r"a/c\.toml: a/b\.toml does the same already"):
        Library({"a/b": ONE, "a/c": ONE}, {})


def test_a_format_nobody_maps_is_refused() -> None:
    library = Library({"a/b": ONE}, {})

    with pytest.raises(UnsupportedFormatError, match="no mapping reads a/z-1"):
        library.inbound("a/z-1")
    with pytest.raises(UnsupportedFormatError, match="no mapping writes a/b-1"):
        library.outbound("a/b-1")


def test_a_mapping_that_only_writes_reads_nothing() -> None:
    library = Library({"a/b": ONE.replace(b"inbound", b"outbound")}, {})

    with pytest.raises(UnsupportedFormatError, match="no mapping reads"):
        library.inbound("a/b-1")
    with pytest.raises(TranslationError, match=r"a/b\.toml does not work inbound"):
        translate_in(library.outbound("a/b-1"), {}, meaning=nothing_known)


def test_the_library_s_digest_changes_with_any_mapping() -> None:
    assert Library({"a/b": ONE}, {}).digest != Library({"a/b": ONE + b"# more\n"}, {}).digest


def test_every_shipped_mapping_is_in_the_library_once(library: Library) -> None:
    assert [mapping.name for mapping in library] == [name for name in RELEASED if name.endswith(".toml")]


@pytest.mark.parametrize("name", RULES)
def test_a_released_rule_is_as_it_was_released(name: str) -> None:
    """What was decided under a version is asked again under that version, so it never changes unnoticed."""
    locked = tomllib.loads((FOLDER / "LOCK.toml").read_text())

    assert locked[name] == {"sha256": sha256((FOLDER / name).read_bytes()).hexdigest()}


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_file_is_as_it_was_released(name: str) -> None:
    """A released table changes only with a new line in mappings/LOCK.toml, and a mapping with a new revision."""
    locked = tomllib.loads((FOLDER / "LOCK.toml").read_text())
    text = (FOLDER / name).read_bytes()

    assert locked[name]["sha256"] == sha256(text).hexdigest()
    assert locked[name].get("revision") == (tomllib.loads(text.decode())["revision"] if name.endswith("l") else None)


def test_the_lock_names_no_file_that_is_gone() -> None:
    assert sorted(tomllib.loads((FOLDER / "LOCK.toml").read_text())) == sorted((*RELEASED, *RULES))
