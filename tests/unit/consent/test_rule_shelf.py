"""What is on the shelf of rules, and how does one ask for any of it?"""

import hashlib

import pytest

from gateway.consent.rule_book import load_rule_book
from gateway.errors import NotFoundError
from tests.unit.consent.questions import AT, BASE, ROOT, SOUTHWARK

FOLDER = ROOT / "mappings" / "policy"
SHIPPED = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.toml")}
BOOK = load_rule_book(SHIPPED)
VERSION = BASE.version
KEPT = BOOK.at(SOUTHWARK, AT).policy.version


def test_every_profile_is_named() -> None:
    files = {name.removeprefix("local/").removesuffix(".toml") for name in SHIPPED if name.startswith("local/")}

    assert set(BOOK.profiles) == files


def test_what_holds_is_named_by_the_policys_digest_and_every_law() -> None:
    laws = f"{BASE.digest}\ns16LA False\ns16LC False"

    assert BOOK.at(None, AT).digest == hashlib.sha256(laws.encode()).hexdigest()


def test_a_version_can_be_asked_as_it_would_hold_in_an_area() -> None:
    assert KEPT.startswith(f"{VERSION}/")
    assert BOOK.as_if(VERSION, SOUTHWARK, AT).version == KEPT
    assert BOOK.as_if(VERSION, None, AT).version == VERSION
    assert BOOK.as_if(KEPT, None, AT).version == VERSION


@pytest.mark.parametrize("version", ["sharing-1999.1", f"{VERSION}/nowhere-1999.1"])
def test_a_version_that_is_not_on_the_shelf_is_not_asked_as_if_it_were(version: str) -> None:
    with pytest.raises(NotFoundError, match="put its file back"):
        BOOK.as_if(version, SOUTHWARK, AT)
