"""Has a wait for the meaning of an answer a clock, and does what is made of a record wait as the record does?"""

from pathlib import Path
from typing import Any

import pytest

from gateway.app.operations.health import findings_of
from gateway.app.operations.labels import list_labels
from gateway.conversations.review import DUTY_MANAGER, role_for
from gateway.flows.by_hand.reviews import Verdict
from gateway.flows.documents import open_document
from gateway.flows.store.rows import Delivery, ReviewTask, State
from gateway.flows.understanding import sources
from gateway.simulators.school import superstar_report
from tests.acceptance.forms import form
from tests.fakes.school_files import report
from tests.integration.flows.house import ECAF, MASH, SCHOOL, House
from tests.unit.operations.house import a_caller

LABEL = "Wholly Invented"
WHO = "person:0123"
PUPIL = {
    "primary_id": "2001",
    "Forename": "Testina",
    "Surname": "Exampleton",
    "DOB": "2016-06-15T00:00:00+01:00",
    "Ethnicity": LABEL,
    "CAF Consent Given": "Yes",
    "CAF Consent Date": "2026-10-02T00:00:00+01:00",
    "CAF Consent Mode": "In writing, signed",
    "CAF Consent Signatory Capacity": "Parent with parental responsibility",
}


def a_report(house: House, **changes: str) -> None:
    house.accept(superstar_report([PUPIL | changes]), by=SCHOOL, form="sims/superstar-1")
    house.work()


def pass_time(house: House, **later: float) -> None:
    house.clock.move(**later)
    house.app.clocks.tick()
    house.work()


def say(house: House, code: str = "WBRI", *, label: str = LABEL, list_name: str = "ethnicity") -> None:
    house.app.meanings.say(list_name, label, code, actor=WHO)
    house.app.meanings.tick()
    house.work()


def asked(house: House) -> list[ReviewTask]:
    return house.reviews("H-LABEL")


def finding(house: House) -> tuple[str, str]:
    (found,) = [one for one in findings_of(house.app) if one.check == "held answers"]
    return found.level, found.found


def test_nobody_is_asked_while_there_is_time(house: House) -> None:
    a_report(house)

    pass_time(house, days=1)
    pass_time(house, days=1)

    assert asked(house) == []


def test_before_the_time_is_over_whoever_maps_answers_is_asked(house: House) -> None:
    a_report(house)

    pass_time(house, days=1)
    pass_time(house, days=1, hours=23)

    (task,) = asked(house)
    assert (task.kind, task.role, task.status) == ("label", role_for("H-LABEL"), "open")
    assert house.clock.now() < task.due_at


def test_when_it_is_over_the_manager_is_asked_and_nothing_is_refused_however_long_it_takes(house: House) -> None:
    a_report(house)
    pass_time(house, days=1)
    pass_time(house, days=1, hours=23)

    pass_time(house, days=1)
    (late,) = asked(house)
    pass_time(house, days=30)

    (task,) = asked(house)
    assert (late.role, late.status) == (DUTY_MANAGER, "escalated")
    assert late.due_at < task.due_at
    assert [one.state for one in house.deliveries(ECAF)] == [State.HELD_LABEL]


def test_many_documents_with_one_label_are_one_question(house: House) -> None:
    a_report(house)
    a_report(house, primary_id="2002", Forename="Otto", Surname="Unreal", DOB="2012-02-03T00:00:00+00:00")

    pass_time(house, days=10)
    pass_time(house, days=1)

    assert len(asked(house)) == 1


def test_mapping_the_label_answers_the_question(house: House) -> None:
    a_report(house)
    pass_time(house, days=10)

    say(house)
    pass_time(house, days=10)

    assert [task.status for task in asked(house)] == ["settled"]
    assert len(house.outlet.to(ECAF)) == 1


def test_a_question_laid_down_with_the_label_still_unmapped_is_asked_again(house: House) -> None:
    a_report(house)
    pass_time(house, days=10)
    (first,) = asked(house)
    done = Verdict(choice="done", by="usr_1", role="CAF_COORDINATOR", rationale="I shall look at it.")

    house.app.reviews.decide(first.review_id, done)
    pass_time(house, days=1)

    assert sorted(task.status for task in asked(house)) == ["done", "open"]


def test_a_label_that_holds_nothing_up_is_asked_about_by_nobody(house: House) -> None:
    house.accept(form("single-child", "LABEL1", child_ethnicity=LABEL))
    house.work()

    pass_time(house, days=10)

    assert len(house.outlet.to(MASH)) == 1
    assert asked(house) == []


def test_a_label_taken_back_runs_a_new_clock(house: House) -> None:
    a_report(house)
    house.app.meanings.say("ethnicity", LABEL, "WBRI", actor=WHO)
    house.app.meanings.tick()
    (known,) = house.app.store.read(lambda uow: uow.labels.meanings(limit=9))
    house.app.meanings.take_back("ethnicity", known.label_blind, actor=WHO)
    house.app.meanings.tick()

    pass_time(house, days=10)

    assert [task.status for task in asked(house)] == ["open"]


def test_doctor_tells_how_many_are_held_and_for_how_long(house: House) -> None:
    assert finding(house) == ("ok", "no document waits for an answer to be mapped")
    a_report(house)

    house.clock.move(hours=3)
    young = finding(house)
    house.clock.move(days=4)
    old = finding(house)

    assert young == ("ok", "1 document held by 1 unmapped answer, the oldest for 3 hours")
    assert old == ("warning", "1 document held by 1 unmapped answer, the oldest for 99 hours")


def early_help(house: House, reference: str = "HELD1", name: str = "early-help-consent", **answers: str) -> None:
    """Let a family be referred with an answer nobody knows, and the MASH ask for early help."""
    house.accept(form(name, reference, consent_agencies="School, Early help", **answers))
    house.work()
    house.decide(reference)
    house.work()


def episodes(house: House) -> list[Delivery]:
    return house.deliveries(ECAF)


def record_tree(house: House, delivery: Delivery) -> dict[str, Any]:
    return house.app.store.read(
        lambda uow: open_document(house.app.desk.vault, uow, uow.records.get(delivery.record_id))
    )


def test_an_episode_made_of_a_referral_with_an_unmapped_answer_waits(house: House) -> None:
    early_help(house, child_ethnicity=LABEL)

    assert [(one.state, one.reason) for one in episodes(house)] == [(State.HELD_LABEL, "H-LABEL")]
    assert house.outlet.to(ECAF) == []


def test_the_referral_itself_waits_for_nothing(house: House) -> None:
    early_help(house, child_ethnicity=LABEL)

    assert [document["reference"] for document in house.outlet.to(MASH)] == ["HELD1"]
    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED]


def test_it_flows_on_with_the_answer_once_it_is_mapped(house: House) -> None:
    early_help(house, child_sex=LABEL)

    say(house, "2", list_name="sex")

    assert [document["child"]["sex"] for document in house.outlet.to(ECAF)] == ["2"]
    assert house.app.meanings.tick() == 0


def test_it_waits_for_each_of_two_such_answers(house: House) -> None:
    early_help(house, child_ethnicity=LABEL, child_sex="Wholly Other")

    say(house)
    (first,) = episodes(house)
    say(house, "2", label="Wholly Other", list_name="sex")

    assert first.state is State.HELD_LABEL
    assert [document["child"]["sex"] for document in house.outlet.to(ECAF)] == ["2"]


def test_a_label_mapped_before_the_mash_decides_holds_nothing(house: House) -> None:
    house.accept(form("early-help-consent", "HELD1", consent_agencies="School, Early help", child_sex=LABEL))
    house.work()
    say(house, "2", list_name="sex")

    house.decide("HELD1")
    house.work()

    assert [document["child"]["sex"] for document in house.outlet.to(ECAF)] == ["2"]


def test_a_label_mapped_and_not_followed_up_when_the_mash_decides_holds_the_episode_until_it_is(house: House) -> None:
    house.accept(form("early-help-consent", "HELD1", consent_agencies="School, Early help", child_sex=LABEL))
    house.work()
    house.app.meanings.say("sex", LABEL, "2", actor=WHO)

    house.decide("HELD1")
    house.work()
    before = len(house.outlet.to(ECAF))
    house.app.meanings.tick()
    house.work()

    assert before == 0
    assert [document["child"]["sex"] for document in house.outlet.to(ECAF)] == ["2"]


def test_each_child_of_a_family_gets_its_own_answer(house: House) -> None:
    early_help(house, name="two-siblings", child_sex=LABEL, consent_to_share="Yes")
    held = [one.state for one in episodes(house)]

    say(house, "1", list_name="sex")

    assert held == [State.HELD_LABEL] * 2
    assert [record_tree(house, one)["child"]["sex"] for one in episodes(house)] == ["1", "2"]


def test_a_held_episode_has_a_clock_too(house: House) -> None:
    early_help(house, child_ethnicity=LABEL)

    pass_time(house, days=10)

    assert [task.status for task in asked(house)] == ["open"]
    assert [one.state for one in episodes(house)] == [State.HELD_LABEL]


def test_a_meaning_taken_back_holds_an_episode_that_has_not_left(house: House) -> None:
    early_help(house, child_sex=LABEL)
    house.app.meanings.say("sex", LABEL, "2", actor=WHO)
    house.app.meanings.tick()
    (known,) = house.app.store.read(lambda uow: uow.labels.meanings(limit=9))

    house.app.meanings.take_back("sex", known.label_blind, actor=WHO)
    house.app.meanings.tick()
    house.work()

    assert [one.state for one in episodes(house)] == [State.HELD_LABEL]
    assert house.outlet.to(ECAF) == []


def test_the_label_is_told_once_and_by_its_words_although_two_records_wait(house: House) -> None:
    early_help(house, child_sex=LABEL)

    (line,) = list_labels(house.app, a_caller("MASH_SCREENER"), {})["labels"]

    assert (line["label"], line["records"]) == (LABEL, 2)


def test_an_answer_of_a_pupil_of_a_large_file_is_understood_again_without_reading_the_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House.build(tmp_path, whole_limit_bytes=50_000)
    odd = "".join(report(60)).replace("<Gender>Male<", "<Gender>Wholly Invented<", 1).encode()
    house.accept(odd, by=SCHOOL, form="sims/superstar-1")
    house.work_messages()
    monkeypatch.setattr(sources, "open_original", None)

    house.app.meanings.say("sex", LABEL, "1", actor=WHO)
    understood = house.app.meanings.tick()

    waiting = house.app.store.read(lambda uow: uow.labels.find())
    house.app.stop()
    assert (understood, waiting) == (1, [])
