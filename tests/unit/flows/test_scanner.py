"""What does a scanner's answer become?"""

import pytest

from gateway.audit.field import check_word
from gateway.flows.delivering.scanner import Malware

NAMES = [
    pytest.param("Win.Test.EICAR_HDB-1", "Win.Test.EICAR_HDB-1", id="as ClamAV writes them"),
    pytest.param("{HEX}php.shell 7.UNOFFICIAL", "HEX_php.shell_7.UNOFFICIAL", id="braces and blanks"),
    pytest.param("\x1b[31mTestina\nExampleton", "31mTestina_Exampleton", id="what would spoil a terminal"),
    pytest.param("A" * 300, "A" * 100, id="too long"),
    pytest.param("???", "unnamed", id="no letter at all"),
    pytest.param("", "unnamed", id="nothing"),
]


@pytest.mark.parametrize(("name", "told"), NAMES)
def test_a_name_of_malware_is_put_into_letters_that_may_stand_anywhere(name: str, told: str) -> None:
    assert Malware.called(name).signature == told


@pytest.mark.parametrize(("name", "told"), NAMES)
def test_a_name_of_malware_may_stand_in_the_audit_log(name: str, told: str) -> None:
    del told
    check_word("signature", Malware.called(name).signature, is_open=False)
