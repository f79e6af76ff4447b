"""What does a parent read, and does it never give anybody away?"""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from gateway.consent.decision import Permit
from gateway.consent.family_words import Situation, Told, for_family, load_family_words
from gateway.consent.policy import SPOKEN_ELSEWHERE
from gateway.consent.question import Mode, PersonDecision, Purpose, Question
from gateway.errors import PolicyError
from gateway.model.category import Category
from tests.unit.consent import rows_early, rows_late, rows_mixed
from tests.unit.consent.questions import POLICY, ROOT, a_consent, a_flag, a_question, answer
from tests.unit.consent.row_parts import Told as RowTold
from tests.unit.consent.row_parts import a_referral, named
from tests.unit.consent.strategies import FLAG_RECORDS, QUESTIONS

TEXT = (ROOT / "mappings" / "policy" / "family.toml").read_bytes()
WORDS = load_family_words(TEXT)
REFUSED = a_consent(status="REFUSED", giver_capacity="PARENT_PR")
SECRETS = ("ADDRESS_WITHHELD", "ADOPTED", "THIRD_PARTY", "COMPETENT_CONFIDENTIAL")
NOBODY_MAY_KNOW = ("POLICE_HOLD", "INFORMANT")


def told(question: Question) -> tuple[Situation, Told]:
    found = for_family(answer(question), question, policy=POLICY, words=WORDS)
    return next(one for one, words in WORDS.items() if words == found.words), found.may_be_told


@pytest.mark.parametrize(
    ("question", "situation", "may_be_told"),
    [
        (a_question(), Situation.SENT_BY_AGREEMENT, Told.YES),
        (a_question(consents=()), Situation.NO_AGREEMENT, Told.YES),
        (a_question(consents=(REFUSED,)), Situation.NO_AGREEMENT, Told.YES),
        (a_question(consents=(a_consent(conflict=None),)), Situation.WAITING, Told.YES),
        (a_question(recipient={"agreement": None}), Situation.WAITING, Told.YES),
        (a_question(requester={"training_valid": None}), Situation.NOT_SENT, Told.YES),
        (
            a_question(level="L4", recipient={"listed_safeguarding_person": True}),
            Situation.SENT_TO_PROTECT,
            Told.IF_SAFE,
        ),
        (a_question(purpose=Purpose.CHECK_EXISTS, categories=()), Situation.CANNOT_SAY, Told.NO),
        (a_question(purpose=Purpose.SAFEGUARD_S47), Situation.CANNOT_SAY, Told.NO),
        (a_referral(), Situation.CANNOT_SAY, Told.NO),
        (
            a_question(mode=Mode.CONVEY, recipient={"secure_channel": None}),
            Situation.CANNOT_SAY,
            Told.NO,
        ),
        (a_question(consents=(a_consent(), a_consent(status="SUPERSEDED"))), Situation.SENT_BY_AGREEMENT, Told.YES),
        (a_question(consents=(a_consent(), a_consent(status="EXPIRED"))), Situation.SENT_BY_AGREEMENT, Told.YES),
    ],
)
def test_a_parent_is_told_what_became_of_it(question: Question, situation: Situation, may_be_told: Told) -> None:
    assert told(question) == (situation, may_be_told)


def test_what_would_go_to_protect_and_waits_for_a_person_is_not_told_as_sent() -> None:
    emptied = a_question(
        level="L4",
        recipient={"listed_safeguarding_person": True},
        categories=(Category.ADDR,),
        flags=(a_flag("ADDRESS_WITHHELD", need_list=()),),
    )
    assert answer(emptied).grounds.reason == "H-EMPTY"

    assert told(emptied) == (Situation.WAITING, Told.IF_SAFE)


def test_of_two_children_what_one_alone_said_is_told_of_neither() -> None:
    ours, theirs = a_question(), a_question(consents=(a_consent(giver_capacity="CHILD_COMPETENT"),))

    found = for_family(answer(ours), ours, theirs, policy=POLICY, words=WORDS)

    assert found.words == WORDS[Situation.CANNOT_SAY]


def test_a_disagreement_that_a_person_has_settled_is_not_told_either() -> None:
    person = PersonDecision(choice="permit", role="DSL", review_id="r1", reason="H-PARENT-CONFLICT")
    settled = a_question(consents=(a_consent(conflict=True),), person_decision=person)
    assert isinstance(answer(settled), Permit)

    assert told(settled) == (Situation.CANNOT_SAY, Told.NO)


@pytest.mark.parametrize("flag", SECRETS)
def test_a_protection_that_cuts_what_goes_is_never_mentioned(flag: str) -> None:
    """A parent reads the same, to the letter, whether there is such a protection or not."""
    cut = a_question(flags=(a_flag(flag, need_list=()),))
    assert isinstance(answer(cut), Permit)

    assert told(cut) == told(a_question())


def test_a_refuge_that_puts_it_before_a_person_reads_like_any_other_question() -> None:
    hidden = a_question(flags=(a_flag("ADDRESS_WITHHELD"),), recipient={"could_reidentify": True})
    assert answer(hidden).grounds.reason == "H-DA"

    assert told(hidden) == told(a_question(recipient={"agreement": None}))


@pytest.mark.parametrize("flag", NOBODY_MAY_KNOW)
def test_where_the_family_must_not_be_told_it_is_not(flag: str) -> None:
    held = a_question(flags=(a_flag(flag, whole_payload=True),))

    assert (
        told(held) == told(a_question(purpose=Purpose.CHECK_EXISTS, categories=())) == (Situation.CANNOT_SAY, Told.NO)
    )


@settings(max_examples=100, deadline=None)
@given(QUESTIONS, FLAG_RECORDS)
def test_another_flag_changes_a_parents_words_only_where_it_changes_what_goes(question: Question, flag: object) -> None:
    flagged = replace(question, flags=(*question.flags, flag))
    one, other = answer(question), answer(flagged)
    is_same = one.grounds.reason == other.grounds.reason and "O-NOINFORM" not in other.grounds.obligations

    assert not is_same or told(question) == told(flagged)


@pytest.mark.parametrize(
    "consents",
    [
        (a_consent(giver_capacity="CHILD_COMPETENT"),),
        (a_consent(giver_capacity="YP_16_17", status="REFUSED"),),
        (a_consent(consent_id="c1"), a_consent(consent_id="c2", status="REFUSED")),
    ],
    ids=["what a child agreed to", "what a young person refused", "what the other parent refused"],
)
def test_what_somebody_else_said_is_not_told_to_a_parent(consents: tuple[object, ...]) -> None:
    question = a_question(consents=consents)

    assert told(question)[0] in {Situation.CANNOT_SAY, Situation.WAITING}


def test_without_the_question_nothing_is_told_of_who_agreed() -> None:
    found = for_family(answer(a_question()), policy=POLICY, words=WORDS)

    assert found.words == WORDS[Situation.CANNOT_SAY]


@pytest.mark.parametrize("row", [*rows_early.FIRES, *rows_late.FIRES, *rows_mixed.FIRES], ids=named)
def test_a_parent_reads_no_code_and_no_reason_of_ours(row: RowTold) -> None:
    words = for_family(answer(row.question), row.question, policy=POLICY, words=WORDS).words
    said = f"{words.heading} {words.text} {words.next}"

    codes = [*POLICY.obligations, *SPOKEN_ELSEWHERE, *(one.reason for one in POLICY.rows), *Purpose]
    assert [code for code in codes if code in said.split()] == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"[waiting]", b"[waitng]", "there must be exactly [sent_by_agreement]"),
        (b"Nothing has been shared yet", b"The police hold it", "'police' is a code, or gives something away"),
        (b"Nothing has been shared yet", b"It is at the refuge", "'refuge' is a code, or gives something away"),
        (b"Nothing has been shared yet", b"Waiting: H-DA", "'H-DA' is a code, or gives something away"),
        (b"next = ", b"later = ", "no such key"),
        (b"[waiting]", b"[[", "no TOML"),
        (b"[waiting]", b"[other]\n[waiting]", "[other]: there must be exactly"),
        (TEXT[TEXT.rindex(b"[cannot_say]") :], b"", "[cannot_say]: there must be exactly"),
    ],
)
def test_words_that_would_give_something_away_are_refused_at_load(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_family_words(TEXT.replace(old, new, 1))

    assert message in caught.value.message
