"""Does the tool change what it says, wherever it is held, and ask the tests that can notice?"""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from gateway.consent.case import Case
from gateway.consent.predicates import PREDICATES
from tests.mutation.calls import CODE, entered
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.order import Order, Told
from tests.mutation.plant import plant, read_policy_anew
from tests.unit.consent.questions import POLICY, a_question

ROOT = CODE.parents[1]
SHOP = '''
from functools import cache
from typing import cast

def is_open(hour):
    """Tell whether it is open."""
    return hour >= 9 and hour < 17

def opens_at(opening):
    return lambda hour: hour >= cast("int", opening)

class Shop:
    @property
    def sold(self):
        return 1

    def sell(self, name):
        if not name:
            raise ValueError("nothing " + "named")
        return None

at_ten = opens_at(10)
remembered = cache(is_open)
'''


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = tmp_path / "shop.py"
    path.write_text(SHOP, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("shop", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "shop", module)
    return module


def changes(shop: ModuleType) -> dict[str, Mutant]:
    """Return every change to the shop by what it says."""
    found = mutants_of(Path(str(shop.__file__)), "shop", lambda: True)
    return {f"{mutant.function}: {mutant.change}": mutant for mutant in found}


def test_every_small_change_is_made_but_to_words_of_errors_and_to_nothing(shop: ModuleType) -> None:
    assert list(changes(shop)) == [
        "is_open: nothing returned",
        "is_open: And turned",
        "is_open: part 1 left out",
        "is_open: part 2 left out",
        "is_open: GtE for Gt",
        "is_open: 9 and one",
        "is_open: Lt for LtE",
        "is_open: 17 and one",
        "opens_at: nothing returned",
        "opens_at: GtE for Gt",
        "Shop.sold: nothing returned",
        "Shop.sold: 1 and one",
        "Shop.sell: if turned",
        "Shop.sell: not left out",
    ]


def test_a_changed_function_takes_the_place_of_the_old(shop: ModuleType) -> None:
    assert not shop.is_open(17)

    plant(changes(shop)["is_open: Lt for LtE"])

    assert shop.is_open(17)


def test_so_does_one_that_is_remembered_or_a_property(shop: ModuleType) -> None:
    plant(changes(shop)["is_open: Lt for LtE"])
    plant(changes(shop)["Shop.sold: 1 and one"])

    assert shop.remembered(17)
    assert shop.Shop().sold == 2


def test_so_does_what_a_changed_function_has_made_before(shop: ModuleType) -> None:
    assert shop.at_ten(10)

    plant(changes(shop)["opens_at: GtE for Gt"])

    assert not shop.at_ten(10)


def test_the_policy_read_anew_is_the_same_while_nothing_is_changed() -> None:
    before = POLICY.tables

    assert read_policy_anew()
    assert POLICY.tables == before


def test_what_is_entered_is_told_by_name_and_nothing_else_is() -> None:
    with entered() as functions:
        case = Case(a_question(), POLICY.tables)
        assert case.next_change is None

    assert "gateway.consent.case:Case.next_change" in functions
    assert "gateway.consent.case:Case.standing" not in functions


def test_what_a_function_has_made_counts_as_the_function() -> None:
    case = Case(a_question(), POLICY.tables)

    with entered() as functions:
        PREDICATES["purpose_is_transfer"](case)

    assert functions == {"gateway.consent.predicates:_purpose_is"}


TOLD = Told(
    seconds={"slow": 3.0, "quick": 0.1, "middling": 0.4, "elsewhere": 0.01},
    enters={
        "slow": frozenset({"shop:is_open", "shop:sell"}),
        "quick": frozenset({"shop:is_open", "shop:sell"}),
        "middling": frozenset({"shop:is_open"}),
        "elsewhere": frozenset({"shop:close"}),
    },
)


def a_mutant(function: str) -> Mutant:
    """Return a change to *function* of the shop."""
    code = a_mutant.__code__
    return Mutant(module="shop", function=function, line=1, change="turned", whole=code, code=code)


def test_only_tests_that_enter_a_function_are_asked_the_quickest_first() -> None:
    assert Order(TOLD).of(a_mutant("is_open"), every=False) == ["quick", "middling", "slow"]


def test_where_every_test_is_asked_those_that_enter_it_are_the_first() -> None:
    assert Order(TOLD).of(a_mutant("is_open"), every=True) == ["quick", "middling", "slow", "elsewhere"]


def test_a_test_that_noticed_a_change_of_the_function_is_asked_sooner() -> None:
    order = Order(TOLD)

    order.noticed(a_mutant("is_open"), "middling")

    assert order.of(a_mutant("is_open"), every=False) == ["middling", "quick", "slow"]


def test_to_have_noticed_a_change_of_another_function_of_the_module_counts_for_less() -> None:
    order = Order(TOLD)

    order.noticed(a_mutant("is_open"), "slow")

    assert order.of(a_mutant("sell"), every=False) == ["quick", "slow"]


def tried(tests: str) -> tuple[int, str]:
    """Return how the tool ends, and its last line, where it tries a few changes with *tests*."""
    arguments = ("--only", "help_agreement", "--share", "0.3", "--tests", f"tests/unit/consent/{tests}")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.mutation", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout.splitlines()[-1]


@pytest.mark.timeout(300)
def test_the_tool_ends_well_where_the_tests_notice_the_changes_and_badly_where_they_do_not() -> None:
    assert tried("test_help_agreement.py") == (0, "8 of 8 killed, 100.0 %")
    assert tried("test_school_forms.py") == (1, "0 of 8 killed, 0.0 %")
