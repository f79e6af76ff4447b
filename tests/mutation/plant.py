"""How does a changed function take the place of the old one, wherever that is held?"""

import gc
import importlib
import re
import sys
from functools import _lru_cache_wrapper
from types import CodeType, FunctionType
from typing import Any, Final

from tests.mutation.mutants import Mutant

PACKAGE: Final = "gateway.consent."


def plant(mutant: Mutant) -> None:
    """Put the changed code where the old is, also in what the function has made and others hold."""
    _exchange(_function(mutant).__code__, mutant.code)


def forget() -> None:
    """Make every function of the sharing decision work out anew what it remembers."""
    for module in [held for name, held in sys.modules.items() if name.startswith(PACKAGE)]:
        for held in vars(module).values():
            if isinstance(held, _lru_cache_wrapper):
                held.cache_clear()


def read_policy_anew() -> bool:
    """Let the policy of the tests be what the code as it now is reads from the file, and tell whether it is the same.

    It may be the same and said to be another, where a set comes in another order; not the other way round.
    """
    questions = importlib.import_module("tests.unit.consent.questions")
    base = questions.load_policy(questions.POLICY_TEXT)
    is_same = _shape(base) == _shape(questions.BASE)
    for held, anew in ((questions.BASE, base), (questions.POLICY, questions.with_areas(base))):
        for slot in type(anew).__slots__:
            object.__setattr__(held, slot, getattr(anew, slot))
    return is_same


def _shape(policy: object) -> str:
    return re.sub(" at 0x[0-9a-f]+>", ">", repr(policy))


def _exchange(old: CodeType, new: CodeType) -> None:
    if old.co_freevars == new.co_freevars:
        for holder in gc.get_referrers(old):
            if isinstance(holder, FunctionType):
                holder.__code__ = new
    inner, changed = ([part for part in code.co_consts if isinstance(part, CodeType)] for code in (old, new))
    if [part.co_qualname for part in inner] == [part.co_qualname for part in changed]:
        for part, other in zip(inner, changed, strict=True):
            _exchange(part, other)


def _function(mutant: Mutant) -> FunctionType:
    """Return the function to change, also behind a property, a class's or a remembered function."""
    held: Any = importlib.import_module(mutant.module)
    for name in mutant.function.split("."):
        held = vars(held)[name]
    inner = getattr(held, "fget", None) or getattr(held, "__func__", None) or getattr(held, "__wrapped__", held)
    if not isinstance(inner, FunctionType):
        raise TypeError("not a function")
    return inner
