"""What might a label mean that no list knows, and why?"""

from datetime import date

import pytest

from gateway.translation.code_lists import CodeLists
from gateway.translation.suggestions import Suggestion, suggestions

_HEAD = "ours,theirs,system,valid_from,valid_to,source,note\n"
_ROWS = """WBRI,White - British,,,,example,
WIRI,White - Irish,,,,example,
MWBC,Mixed - White and Black Caribbean,,,,example,
OLD,Wholly former,,,2020-08-31,example,
N1,Abuse or neglect,,,2025-03-31,example,
N1,"Abuse, neglect or exploitation",,2025-04-01,,example,
L2,Early help level,mash,,,example,
"""
ON = date(2026, 11, 21)


def likely(label: str) -> tuple[Suggestion, ...]:
    lists = CodeLists({"example": (_HEAD + _ROWS).encode()})
    return suggestions(lists.rows("example"), label, on=ON)


@pytest.mark.parametrize(
    ("label", "code", "because"),
    [
        pytest.param("Abuse or neglect", "N1", "the same label, until 2025-03-31", id="it meant so in other years"),
        pytest.param("early help LEVEL", "L2", "the same label, as mash has it", id="another system says it so"),
        pytest.param("White/British", "WBRI", "the same letters, spaced or punctuated otherwise", id="punctuation"),
        pytest.param("British, White", "WBRI", "the same words", id="other order"),
        pytest.param("White Brittish", "WBRI", "spelt alike: 96 of 100 letters", id="misspelt"),
        pytest.param("Black Caribbean mixed parents", "MWBC", "3 of 5 words the same", id="some words"),
    ],
)
def test_the_likeliest_code_comes_first_with_its_reason(label: str, code: str, because: str) -> None:
    first = likely(label)[0]

    assert (first.code, first.because) == (code, because)


def test_a_label_like_no_other_gets_no_suggestion() -> None:
    assert likely("Zzyzx 42") == ()


def test_a_code_there_is_no_longer_is_not_suggested() -> None:
    assert likely("Wholly former") == ()


def test_each_code_is_suggested_once_for_its_best_reason() -> None:
    codes = [one.code for one in likely("Abuse or neglect")]

    assert codes == ["N1"]
