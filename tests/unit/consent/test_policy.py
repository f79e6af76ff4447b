"""Is a policy file that is odd in any way refused, with what is wrong and how to mend it?"""

import re

import pytest

from gateway.consent.policy import load_policy
from gateway.consent.predicates import FIXED, PREDICATES
from gateway.errors import PolicyError
from tests.unit.consent.questions import POLICY, POLICY_TEXT

TEXT = POLICY_TEXT.decode()
ROW_3 = 'when = ["court_prohibits"]'


def test_the_shipped_policy_has_the_rows_of_the_decision_table() -> None:
    numbers = {row.number for row in POLICY.rows}

    assert numbers == set(range(1, 58))


def test_every_row_says_in_plain_words_what_it_does_and_where_that_comes_from() -> None:
    assert [row.number for row in POLICY.rows if not row.plain.endswith(".") or len(row.source) < 10] == []


def test_every_condition_has_a_meaning() -> None:
    assert [name for name, predicate in PREDICATES.items() if not (predicate.__doc__ or "").endswith(".")] == []


def test_every_condition_but_purposes_is_used() -> None:
    used = {word for row in POLICY.rows for group in row.when for word in group}

    assert set(PREDICATES) - used - FIXED == set()


def test_a_policy_knows_its_file_by_digest() -> None:
    other = load_policy(POLICY_TEXT + b"\n# a note\n")

    assert len(POLICY.digest) == 64
    assert other.digest != POLICY.digest


FAULTS = {
    "no TOML": (lambda text: text + "\n[[", "no TOML", None),
    "no text": (lambda text: text.encode("utf-16").decode("latin-1"), "no TOML", None),
    "empty": (lambda _: "", "must be given", None),
    "no rows": (
        lambda text: text[: text.index("[[row]]")] + text[text.index("[reason.P-EMERG]") :],
        "no rules means no",
        None,
    ),
    "an unknown table": (lambda text: text + '\n[extra]\na = "b"\n', "no such key", None),
    "an unknown key": (lambda text: text.replace(ROW_3, ROW_3 + '\nunless = "x"'), "no such key", None),
    "an unknown condition": (
        lambda text: text.replace(ROW_3, 'when = ["court_prohibit"]'),
        "row 3: there is no condition 'court_prohibit'; did you mean court_prohibits?",
        4,
    ),
    "an unknown condition like no other": (
        lambda text: text.replace(ROW_3, 'when = ["xyzzy"]'),
        "row 3: there is no condition 'xyzzy'; see docs/sharing-decision.md for those there are",
        4,
    ),
    "an unknown stage": (lambda text: text.replace("stage = 7\n", "stage = 8\n"), "order by stage", None),
    "rows out of order": (
        lambda text: text.replace("number = 1\nstage = 0", "number = 1\nstage = 5"),
        "order by stage",
        2,
    ),
    "a row twice": (lambda text: text.replace("number = 2\n", "number = 1\n"), "row 1 is there twice", 2),
    "a second row without conditions": (
        lambda text: text.replace(ROW_3, "when = []"),
        "exactly one row has no condition",
        4,
    ),
    "no row without conditions": (
        lambda text: text.replace("number = 44\n", 'number = 44\nwhen = ["disclosing"]\n'),
        "exactly one row has no condition",
        None,
    ),
    "a last row that permits": (
        lambda text: text.replace('result = "refuse"\nreason = "D-DEFAULT"', 'result = "permit"\nreason = "P-CONSENT"'),
        "exactly one row has no condition",
        None,
    ),
    "a permit with a refusal's reason": (
        lambda text: text.replace('reason = "P-EMERG"\n', 'reason = "D-LEGAL"\n'),
        "result permit needs a reason that begins with P-",
        None,
    ),
    "a terminal row that redacts": (
        lambda text: text.replace(
            'kind = "modifier"\nwhen = ["police_hold"]', 'kind = "terminal"\nwhen = ["police_hold"]'
        ),
        "row 9b: a row that redacts is a modifier, and only such a row is",
        None,
    ),
    "nothing to redact": (
        lambda text: text.replace('redacts = ["CAT-POLICE"]\n', ""),
        "row 9b: a row that redacts says what, and only such a row does",
        None,
    ),
    "an unknown category to redact": (
        lambda text: text.replace('redacts = ["CAT-POLICE"]\n', 'redacts = ["CAT-SHOES"]\n'),
        "row 9b: 'CAT-SHOES' cannot be redacted; there are beyond-minimum, denied-by-consent, told-in-confidence",
        None,
    ),
    "a permit that locates": (
        lambda text: text.replace('reason = "P-EMERG"\n', 'reason = "P-EMERG"\nlocating = true\n', 1),
        "row 10: only a row that redacts can be locating",
        None,
    ),
    "a row without a source": (
        lambda text: text.replace(
            'plain = "What no rule allows does not go."\nsource = ', 'plain = "No."\nsource = " "#'
        ),
        "row 44: a row needs a plain sentence and a source",
        None,
    ),
    "nothing but a cutting row": (
        lambda text: text[: text.index("[[row]]")] + text[text.index("[[row]]\nnumber = 57") :],
        "exactly one row has no condition",
        1,
    ),
    "a review without a person": (
        lambda text: text.replace('person = "says who"\n', "", 1),
        "row 4: a row that asks a person says what their yes does, and only such a row does",
        5,
    ),
    "a refusal that rests on consent": (
        lambda text: text.replace('reason = "D-LEGAL"\n', 'reason = "D-LEGAL"\nrests_on_consent = true\n', 1),
        "row 3: only a permit can rest on consent",
        4,
    ),
    "a row without a sentence": (
        lambda text: text.replace('plain = "What no rule allows does not go."', 'plain = " "'),
        "row 44: a row needs a plain sentence and a source",
        None,
    ),
    "a permit while cutting": (
        lambda text: text.replace("number = 43\nstage = 5", "number = 43\nstage = 7").replace(
            "number = 44\nstage = 6", "number = 44\nstage = 7"
        ),
        "row 43: a cutting row (stage 7) cuts or asks",
        None,
    ),
    "a reason without words": (
        lambda text: text.replace("[reason.D-LEGAL]", "[reason.D-LAGEL]"),
        "reason D-LEGAL is nowhere in words; add [reason.D-LEGAL]",
        None,
    ),
    "an area that is none": (
        lambda text: text + '\n[in_force_from]\nSouthwark = "2026-09-01"\n',
        "names 'Southwark'; write everywhere or the GSS code of an area, such as E09000028",
        None,
    ),
    "a day that is none": (
        lambda text: text + '\n[in_force_from]\neverywhere = "1 September"\n',
        "[in_force_from] everywhere: write a date such as 2026-09-01",
        None,
    ),
    "a time without its zone": (
        lambda text: text + '\n[in_force_from]\nE09000028 = "2026-09-01T00:00:00"\n',
        "[in_force_from] E09000028: write a date such as 2026-09-01",
        None,
    ),
    "something left to areas that there is not": (
        lambda text: text.replace('"agreement_first",', '"agreement_last",'),
        "expected one of agreement_first",
        None,
    ),
    "words for no reason": (
        lambda text: text + '\n[reason.D-IDLE]\nheading = "h"\ntext = "t"\nadvice = "a"\n',
        "no row gives reason D-IDLE",
        None,
    ),
    "an obligation without words": (
        lambda text: text.replace('O-ACK = "', 'O-AKC = "'),
        "obligation O-ACK is nowhere in words",
        None,
    ),
    "an unknown purpose": (
        lambda text: text.replace("REPORTING = []", "REPROTING = []"),
        "[minimum] names 'REPROTING'",
        None,
    ),
    "an unknown purpose in all but": (
        lambda text: text.replace("[all_but]\n", "[all_but]\nGOSSIP = []\n"),
        "[all_but] names 'GOSSIP'",
        None,
    ),
    "an unknown purpose in content": (
        lambda text: text.replace("[content]\n", '[content]\nGOSSIP = "always"\n'),
        "[content] names 'GOSSIP'",
        None,
    ),
    "an unknown purpose in kinds": (
        lambda text: text.replace("kinds = { ", "kinds = { GOSSIP = [], "),
        "[consent.kinds] names 'GOSSIP'",
        None,
    ),
    "a purpose with two limits": (
        lambda text: text.replace("[all_but]\n", "[all_but]\nFEEDBACK = []\n"),
        "FEEDBACK is in [minimum] and in [all_but]; say it once",
        None,
    ),
    "an unknown category in a limit": (
        lambda text: text.replace('CHECK_EXISTS = ["CAT-ID"]', 'CHECK_EXISTS = ["CAT-IDEA"]'),
        "expected one of CAT-ID",
        None,
    ),
    "a missing list": (
        lambda text: text.replace("social_work = [", "social_wrok = ["),
        "[roles] has no social_work",
        None,
    ),
    "a number for a text": (
        lambda text: text.replace('version = "sharing-2026.1"', "version = 1"),
        "expected text",
        None,
    ),
}


@pytest.mark.parametrize(("plant", "message", "row"), FAULTS.values(), ids=FAULTS)
def test_an_odd_policy_is_refused_with_what_is_wrong(plant: object, message: str, row: int | None) -> None:
    assert callable(plant)
    odd = plant(TEXT)
    assert odd != TEXT

    with pytest.raises(PolicyError) as caught:
        load_policy(odd.encode())

    assert re.search(rf"{re.escape(message)}(?!\w)", caught.value.message)
    assert row is None or caught.value.place.row == row


LISTS = [
    *(("roles", name) for name in ("manager_or_above", "audit", "social_work")),
    *(("recipients", name) for name in ("health_need", "parent_or_school", "family", "police_need", "check_need")),
]


@pytest.mark.parametrize(("table", "name"), LISTS)
def test_a_list_that_conditions_need_is_missed_by_its_table_and_name(table: str, name: str) -> None:
    odd = re.sub(rf"^{name} = ", f"{name}_not = ", TEXT, count=1, flags=re.MULTILINE)
    assert odd != TEXT

    with pytest.raises(PolicyError) as caught:
        load_policy(odd.encode())

    assert caught.value.message == f"[{table}] has no {name}; add the list, even if it is empty"


def test_a_policy_that_is_no_text_is_refused() -> None:
    with pytest.raises(PolicyError):
        load_policy(b"\xff\xfe\x00")
