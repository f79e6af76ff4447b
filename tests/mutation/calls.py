"""Which functions of the sharing decision does a piece of work enter?"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

CODE: Final = Path(__file__).parents[2] / "gateway" / "consent"


@contextmanager
def entered() -> Iterator[set[str]]:
    """Give a set that holds, once the work is done, the functions it entered: `gateway.consent.case:Case.hides`.

    What is defined inside a function counts as the function.
    """
    codes: dict[int, CodeType] = {}
    names: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            codes[id(frame.f_code)] = frame.f_code

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(before)
        names.update(_name(code) for code in codes.values() if Path(code.co_filename).parent == CODE)


def _name(code: CodeType) -> str:
    return f"gateway.consent.{Path(code.co_filename).stem}:{code.co_qualname.partition('.<locals>')[0]}"
