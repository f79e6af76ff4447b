"""What each part of the grammar does, on mappings of a few rows."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from gateway.errors import TranslationError
from gateway.model.tree import Group
from gateway.translation.code_lists import CodeLists
from gateway.translation.load import load_mapping
from gateway.translation.losses import Loss, Unmapped, Warning_
from gateway.translation.message_translator import Translated, translate_in

Translate = Callable[..., Translated]
CARRY = '[[carry]]\nto = "local[]"\nkey = "x-form"\n'
CONTACT = '[[field]]\nfrom = "reference"\nto = "reference"\n'


def codes_of(translated: Translated) -> list[tuple[str, str]]:
    return [(warning.path, warning.code) for warning in translated.warnings]


def answers(translated: Translated) -> list[tuple[str, ...]]:
    local = translated.tree.get("local", [])
    assert isinstance(local, list)
    return [tuple(str(text) for text in one.values()) for one in local if isinstance(one, dict)]


def test_a_row_takes_a_value_without_the_white_space_around_it(try_out: Translate) -> None:
    made = try_out('[[field]]\nfrom = "a.b"\nto = "worry"\n', {"a": {"b": "  Hungry\n and cold\t"}})

    assert made.tree == {"worry": "Hungry\n and cold"}


@pytest.mark.parametrize("source", [{}, {"w": ""}, {"w": " \u00a0"}, {"w": None}, {"w": []}, {"w": [""]}, {"w": {}}])
def test_a_blank_is_no_value_and_no_loss(try_out: Translate, source: Group) -> None:
    made = try_out('[[field]]\nfrom = "w"\nto = "worry"\n', source)

    assert (made.tree, made.losses) == ({}, ())


@pytest.mark.parametrize(("value", "text"), [(7, "7"), (True, "true"), (Decimal("1.50"), "1.50")])
def test_a_number_becomes_text_without_losing_a_digit(try_out: Translate, value: int | Decimal, text: str) -> None:
    assert try_out(CONTACT, {"reference": value}).tree == {"reference": text}


def test_an_alias_is_read_where_the_name_is_not_there(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "Your Involvemnt"\nto = "worry"\naliases = ["Your Involvement"]\n'

    assert try_out(rows, {"Your Involvement": "daily"}).tree == {"worry": "daily"}


def test_a_second_different_value_is_told_and_carried(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "a"\nto = "worry"\naliases = ["b"]\n' + CARRY

    made = try_out(rows, {"a": "one", "b": "two"})

    assert made.tree["worry"] == "one"
    assert answers(made) == [("x-form", "b", "two")]
    assert codes_of(made) == [("b", "several-values")]


def test_a_second_value_that_says_the_same_is_read_with_the_first(try_out: Translate) -> None:
    made = try_out('[[field]]\nfrom = "a"\nto = "worry"\naliases = ["b"]\n', {"a": "one", "b": "one "})

    assert (made.tree, made.losses, made.warnings) == ({"worry": "one"}, (), ())


def test_of_two_different_codes_none_is_chosen(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "c"\nto = "form_name"\ncodes = "colour"\n' + CARRY

    made = try_out(rows, {"c": ["Red", "Blue"]})

    assert "form_name" not in made.tree
    assert answers(made) == [("x-form", "c", "Red"), ("x-form", "c", "Blue")]
    assert codes_of(made) == [("c[1]", "several-values")]


def test_two_labels_of_one_code_agree(try_out: Translate) -> None:
    made = try_out('[[field]]\nfrom = "c"\nto = "form_name"\ncodes = "colour"\n', {"c": ["Red", "scarlet"]})

    assert (made.tree, made.losses, made.warnings) == ({"form_name": "R"}, (), ())


def test_of_two_different_days_none_is_chosen(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "d"\nto = "consent.given_on"\nusing = "date"\n'

    made = try_out(rows, {"d": ["14/06/2016", "15/06/2016"]})

    assert made.tree == {}
    assert len(made.losses) == 2


def test_an_unknown_label_is_never_guessed(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "c"\nto = "form_name"\ncodes = "colour"\n' + CARRY

    made = try_out(rows, {"c": " Rde\u00a0ish "})

    assert made.unmapped == (Unmapped(path="c", list_name="colour", label="Rde ish"),)
    assert made.tree == {"local": [{"key": "x-form", "question": "c", "answer": "Rde\u00a0ish"}]}


def test_the_text_of_a_label_is_kept_where_the_row_says(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "c"\nto = "form_name"\ncodes = "colour"\nwritten = "worry"\n'

    known, unknown = try_out(rows, {"c": "RED"}), try_out(rows, {"c": "Rdeish"})

    assert known.tree == {"form_name": "R", "worry": "RED"}
    assert (unknown.tree, unknown.losses) == ({"worry": "Rdeish"}, ())


def test_of_two_unknown_labels_both_are_kept(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "c"\nto = "form_name"\ncodes = "colour"\nwritten = "worry"\n' + CARRY

    made = try_out(rows, {"c": ["Reddish", "Bluish"]})

    assert made.tree["worry"] == "Reddish"
    assert answers(made) == [("x-form", "c", "Bluish")]


def test_a_label_one_row_cannot_read_and_another_keeps_is_carried_once(try_out: Translate) -> None:
    rows = (
        '[[field]]\nfrom = "c"\nto = "consent.agencies_agreed[]"\ncodes = "colour"\nunknown = "UNKNOWN"\n'
        '[[field]]\nfrom = "c"\nto = "worry"\n'
    )

    made = try_out(rows + CARRY, {"c": "Reddish"})

    assert made.tree == {"consent": {"agencies_agreed": ["UNKNOWN"]}, "worry": "Reddish"}


def test_a_single_label_nobody_can_read_stands_as_unknown_and_is_carried(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "c"\nto = "consent.mode"\ncodes = "colour"\nunknown = "UNKNOWN"\n' + CARRY

    made = try_out(rows, {"c": "Reddish"})

    assert made.tree["consent"] == {"mode": "UNKNOWN"}
    assert answers(made) == [("x-form", "c", "Reddish")]


def test_what_one_row_cannot_read_does_not_taint_the_next(try_out: Translate) -> None:
    rows = (
        '[[field]]\nfrom = "c"\nto = "form_name"\ncodes = "colour"\n'
        '[[field]]\nfrom = "d"\nto = "worry"\n'
        '[[field]]\nfrom = ["e", "f"]\nto = "harm"\nusing = "join_words"\n'
    )

    made = try_out(rows, {"c": "Reddish", "d": "Hungry", "e": "and", "f": "cold"})

    assert [loss.path for loss in made.losses] == ["c"]


def test_a_label_known_to_say_nothing_is_read(try_out: Translate) -> None:
    made = try_out('[[field]]\nfrom = "c"\nto = "form_name"\ncodes = "colour"\n', {"c": "Rather not say"})

    assert (made.tree, made.losses, made.unmapped) == ({}, (), ())


def test_a_restriction_nobody_can_read_is_still_one(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "c"\nto = "consent.agencies_excluded[]"\nusing = "semicolons"\ncodes = "colour"\n'

    made = try_out(rows + 'unknown = "UNKNOWN"\n' + CARRY, {"c": "Red; Greenish"})

    assert made.tree["consent"] == {"agencies_excluded": ["R", "UNKNOWN"]}
    assert [one.label for one in made.unmapped] == ["Greenish"]
    assert answers(made) == [("x-form", "c", "Red; Greenish")]


def test_a_list_with_one_unknown_label_is_not_half_read(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "c"\nto = "consent.agencies_excluded[]"\nusing = "semicolons"\ncodes = "colour"\n'

    made = try_out(rows, {"c": "Red; Greenish"})

    assert made.tree == {}
    assert [loss.path for loss in made.losses] == ["c"]


def test_a_person_s_word_for_a_label_counts_if_the_list_has_the_code() -> None:
    codes = CodeLists({"colour": b"ours,theirs,system,valid_from,valid_to,source,note\nR,Red,,,,here,\n"})
    rows = b'title="t"\nformat="a/b-1"\ndirection="inbound"\ndocument="mash.referral"\n[[field]]\nfrom="c"\n'
    mapping = load_mapping("a/b-1.inbound.toml", rows + b'to="form_name"\ncodes="colour"\n', codes=codes)
    asked: list[tuple[str, str]] = []

    def meaning(list_name: str, label: str) -> str | None:
        asked.append((list_name, label))
        return {"Cherry": "R", "Plum": "P"}.get(label)

    known = translate_in(mapping, {"c": " Cherry "}, meaning=meaning)
    odd = translate_in(mapping, {"c": "Plum"}, meaning=meaning)

    assert known.tree == {"form_name": "R"}
    assert asked == [("colour", "Cherry"), ("colour", "Plum")]
    assert [one.label for one in odd.unmapped] == ["Plum"]


@pytest.mark.parametrize(
    ("row", "value", "code"),
    [
        ('to = "level"', "L9", "not-in-list"),
        ('to = "submitted_at"', "17/11/2026", "instant-not-read"),
        ('to = "consent.given_on"', "17/11/2026", "date-not-read"),
        ('to = "consent.given_on"', "2026-02-30", "date-not-read"),
    ],
)
def test_a_value_of_the_wrong_kind_never_gets_in(try_out: Translate, row: str, value: str, code: str) -> None:
    made = try_out(f'[[field]]\nfrom = "v"\n{row}\n', {"v": value})

    assert made.tree == {}
    assert codes_of(made) == [("v", code)]
    assert [loss.path for loss in made.losses] == ["v"]


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ('to = "level"', "L3"),
        ('to = "submitted_at"', "2026-11-17T10:04:09+00:00"),
        ('to = "consent.given_on"', "2026-11-17"),
    ],
)
def test_a_value_of_the_right_kind_does(try_out: Translate, row: str, value: str) -> None:
    made = try_out(f'[[field]]\nfrom = "v"\n{row}\n', {"v": value})

    assert (made.losses, made.warnings) == ((), ())
    assert made.tree != {}


@pytest.mark.parametrize(("value", "made"), [(3, 3), ("3", 3), ("three", None), (True, None), ("", None)])
def test_a_whole_number_is_read_from_a_number_or_its_text(
    try_out: Translate, value: str | int, made: int | None
) -> None:
    rows = '[[group]]\nto = "parents[]"\n[[group.field]]\nfrom = "p"\nto = "priority"\n'

    assert try_out(rows, {"p": value}).tree == ({} if made is None else {"parents": [{"priority": made}]})


def test_a_missing_value_can_be_a_literal(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "l"\nto = "level"\nmissing = { literal = "NONE" }\n'

    assert try_out(rows, {}).tree == {"level": "NONE"}
    assert try_out(rows, {"l": "L2"}).tree == {"level": "L2"}


@pytest.mark.parametrize("source", [{}, {"l": " "}, {"l": "unreadable"}, {"l": ["L1", "L2"]}])
def test_a_value_that_must_be_there_is_asked_for_by_its_place(try_out: Translate, source: Group) -> None:
    rows = '[[field]]\nfrom = "l"\nto = "level"\nmissing = "reject"\n'

    with pytest.raises(TranslationError) as refused:
        try_out(rows, source)

    assert refused.value.place.path == "l"
    assert "unreadable" not in refused.value.message


@pytest.mark.parametrize("source", [{}, {"c": "Greenish"}])
def test_a_list_that_must_be_there_is_asked_for_too(try_out: Translate, source: Group) -> None:
    rows = '[[field]]\nfrom = "c"\nto = "consent.agencies_agreed[]"\ncodes = "colour"\nmissing = "reject"\n'

    with pytest.raises(TranslationError):
        try_out(rows, source)


def test_a_joined_value_that_must_be_there_is_asked_for_too(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = ["a", "b"]\nto = "worry"\nusing = "join_words"\nmissing = "reject"\n'

    with pytest.raises(TranslationError):
        try_out(rows, {})


def test_a_joined_value_goes_through_the_list_it_is_coded_by(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = ["a", "b"]\nto = "level"\nusing = "join_words"\nmissing = "reject"\n'

    with pytest.raises(TranslationError, match="cannot read"):
        try_out(rows, {"a": "L", "b": "2"})


def test_several_places_are_gathered_into_one_list_in_the_rows_order(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = ["a3", "a1"]\nto = "referrer.address.lines[]"\n'

    made = try_out(rows, {"a1": "Exampleton", "a3": ["1 Nowhere Lane", "", "Nowhere"]})

    assert made.tree == {"referrer": {"address": {"lines": ["1 Nowhere Lane", "Nowhere", "Exampleton"]}}}


def test_what_a_transform_drops_is_listed(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "d"\nto = "consent.given_on"\nusing = "date"\n'

    made = try_out(rows, {"d": ["2026-11-17T13:20:00"]})

    assert made.tree == {"consent": {"given_on": "2026-11-17"}}
    assert made.losses == (Loss(path="d[0]", why="the time of day: the canonical record keeps the day"),)


def test_each_makes_one_part_for_each_element(try_out: Translate) -> None:
    rows = '[[group]]\nto = "children[]"\neach = "kids[]"\n[[group.field]]\nfrom = "name"\nto = "given_names"\n'

    made = try_out(rows, {"kids": [{"name": "Ada"}, {"name": " "}, {"name": "Bea"}, "a stray text"]})

    assert made.tree == {"children": [{"given_names": "Ada"}, {"given_names": "Bea"}]}
    assert [loss.path for loss in made.losses] == ["kids[3]"]


def test_a_part_with_nothing_but_constants_is_not_made(try_out: Translate) -> None:
    rows = (
        '[[group]]\nto = "parents[]"\n[[group.field]]\nto = "relationship"\nconst = "Mother"\n'
        '[[group.field]]\nfrom = "m"\nto = "name"\n'
    )

    assert try_out(rows, {}).tree == {}
    assert try_out(rows, {"m": " "}).tree == {}
    assert try_out(rows, {"m": "Mona"}).tree == {"parents": [{"relationship": "Mother", "name": "Mona"}]}


def test_a_part_can_be_asked_for_whatever_is_in_it(try_out: Translate) -> None:
    rows = '[[group]]\nto = "parents[]"\nemit = "always"\n[[group.field]]\nto = "relationship"\nconst = "Mother"\n'

    assert try_out(rows, {}).tree == {"parents": [{"relationship": "Mother"}]}


def test_times_makes_a_group_again_under_other_names(try_out: Translate) -> None:
    rows = (
        '[[group]]\nto = "children[]"\ntimes = ["", "_2"]\n[[group.field]]\nfrom = "child{}_name"\nto = "given_names"\n'
    )

    made = try_out(rows, {"child_name": "Ada", "child_2_name": "Bea", "child_3_name": "Cy"})

    assert made.tree == {"children": [{"given_names": "Ada"}, {"given_names": "Bea"}]}
    assert [loss.path for loss in made.losses] == ["child_3_name"]


ZIP = (
    '[[group]]\nto = "children[]"\nzip = ["n", "d", "a"]\n'
    '[[group.field]]\nfrom = "n"\nto = "given_names"\n'
    '[[group.field]]\nfrom = "d"\nto = "family_name"\n'
    '[[group.field]]\nfrom = "a"\nto = "address.lines[]"\nper = 2\n'
)


def test_parallel_lists_belong_together_place_by_place(try_out: Translate) -> None:
    made = try_out(ZIP, {"n": ["Ada", ""], "d": ["Exampleton", "Fictional"], "a": ["1", "Lane", "2", "Road"]})

    assert made.tree["children"] == [
        {"given_names": "Ada", "family_name": "Exampleton", "address": {"lines": ["1", "Lane"]}},
        {"family_name": "Fictional", "address": {"lines": ["2", "Road"]}},
    ]
    assert made.warnings == ()


def test_single_values_are_lists_of_one(try_out: Translate) -> None:
    made = try_out(ZIP, {"n": "Ada", "d": "Exampleton", "a": ["1", "Lane", "Nowhere", "ZZ"]})

    assert made.tree["children"] == [
        {"given_names": "Ada", "family_name": "Exampleton", "address": {"lines": ["1", "Lane", "Nowhere", "ZZ"]}}
    ]
    assert (made.warnings, made.losses) == ((), ())


def test_uneven_lists_are_zipped_and_told(try_out: Translate) -> None:
    made = try_out(ZIP, {"n": ["Ada", "Bea"], "d": ["Exampleton"]})

    assert made.tree["children"] == [{"given_names": "Ada", "family_name": "Exampleton"}, {"given_names": "Bea"}]
    assert codes_of(made) == [("d", "uneven-lists")]


def test_of_uneven_chunks_nothing_is_dropped(try_out: Translate) -> None:
    made = try_out(ZIP + CARRY, {"n": ["Ada", "Bea"], "a": ["1", "Lane", "2", "Road", "3"]})

    assert [one["address"]["lines"] for one in made.tree["children"]] == [["1", "Lane"], ["2", "Road"]]
    assert codes_of(made) == [("a", "uneven-lists")]
    assert made.losses[0].path == "a[4]"


GATHER = (
    '[[group]]\nto = "."\ncollect = "Row[]"\n'
    '[[group.field]]\nfrom = "Pupil"\nto = "reference"\n'
    '[[group.group]]\nto = "parents[]"\ncollect = "."\nby = [["Id"], ["Name"]]\n'
    '[[group.group.field]]\nfrom = "Name"\nto = "name"\n'
    '[[group.group.field]]\nfrom = "Phone"\nto = "telephones[]"\n'
    '[[group.group.group]]\nto = "address"\ncollect = "."\nby = ["Place"]\ntake = "first"\n'
    '[[group.group.group.field]]\nfrom = "Place"\nto = "lines[]"\n'
    '[[group.group.group]]\nto = "other_addresses[]"\ncollect = "."\nby = ["Place"]\ntake = "rest"\n'
    '[[group.group.group.field]]\nfrom = "Place"\nto = "lines[]"\n'
)


def test_a_cross_product_comes_apart_again(try_out: Translate) -> None:
    rows: list[dict[str, str]] = [
        {"Pupil": "7", "Id": identity, "Name": name, "Phone": phone, "Place": place}
        for identity, name in (("1", "Mona"), ("2", "Otto"))
        for phone in ("0101", "0102")
        for place in ("Lane", "Court")
    ]

    made = try_out(GATHER, {"Row": rows})

    assert made.tree["reference"] == "7"
    assert made.tree["parents"] == [
        {
            "name": name,
            "telephones": ["0101", "0102"],
            "address": {"lines": ["Lane"]},
            "other_addresses": [{"lines": ["Court"]}],
        }
        for name in ("Mona", "Otto")
    ]
    assert [loss.path for loss in made.losses] == [f"Row[{number}].Id" for number in range(8)]
    assert made.warnings == ()


def test_rows_without_the_first_key_are_gathered_by_the_second(try_out: Translate) -> None:
    made = try_out(GATHER, {"Row": [{"Name": "Mona"}, {"Name": "Mona", "Phone": "0101"}, {"Name": "Otto"}]})

    assert made.tree["parents"] == [{"name": "Mona", "telephones": ["0101"]}, {"name": "Otto"}]


def test_a_name_is_not_mistaken_for_an_identifier(try_out: Translate) -> None:
    made = try_out(GATHER, {"Row": [{"Id": "Mona", "Phone": "0101"}, {"Name": "Mona", "Phone": "0102"}]})

    assert made.tree["parents"] == [{"telephones": ["0101"]}, {"name": "Mona", "telephones": ["0102"]}]


def test_rows_without_any_key_are_left_alone(try_out: Translate) -> None:
    made = try_out(GATHER, {"Row": [{"Phone": "0101"}]})

    assert "parents" not in made.tree
    assert [loss.path for loss in made.losses] == ["Row[0].Phone"]


def test_rows_that_disagree_are_told_and_nothing_vanishes(try_out: Translate) -> None:
    made = try_out(GATHER, {"Row": [{"Pupil": "7"}, {"Pupil": "8"}]})

    assert made.tree == {"reference": "7"}
    assert codes_of(made) == [("Row[1].Pupil", "several-values")]
    assert [loss.path for loss in made.losses] == ["Row[1].Pupil"]


def test_no_rows_at_all_make_nothing(try_out: Translate) -> None:
    assert try_out(GATHER, {"Row": []}).tree == {}


@pytest.mark.parametrize(
    ("edition", "value"),
    [("2021", "old"), ("2022", "old"), ("2023", "new"), ("12.0", "first"), (None, "none"), ("draft", "other")],
)
def test_a_choice_goes_by_the_first_branch_that_holds(try_out: Translate, edition: str | None, value: str) -> None:
    def branch(question: str, made: str) -> str:
        return f'[[choose.when]]\n{question}\n[[choose.when.field]]\nto = "worry"\nconst = "{made}"\n'

    rows = (
        '[[choose]]\non = "edition"\n'
        + branch("absent = true", "none")
        + branch('in = ["12.0", "13.0"]', "first")
        + branch('edition = { from = "2020", to = "2022" }', "old")
        + branch('edition = { from = "2023" }', "new")
        + '[choose.else]\n[[choose.else.field]]\nto = "worry"\nconst = "other"\n'
    )

    assert try_out(rows, {} if edition is None else {"edition": edition}).tree == {"worry": value}


def test_an_open_start_of_editions_takes_everything_up_to_the_end(try_out: Translate) -> None:
    rows = (
        '[[choose]]\non = "e"\n[[choose.when]]\nedition = { to = "12.1" }\n'
        '[[choose.when.field]]\nto = "worry"\nconst = "old"\n'
    )

    assert try_out(rows, {"e": "12.0"}).tree == {"worry": "old"}
    assert try_out(rows, {"e": "12.10"}).tree == {}


def test_a_value_that_a_branch_names_has_been_read_and_one_only_asked_about_has_not(try_out: Translate) -> None:
    named = '[[choose]]\non = "a"\n[[choose.when]]\nequals = "Yes"\n'
    asked = '[[choose]]\non = "a"\n[[choose.when]]\npresent = true\n'

    assert try_out(named, {"a": " YES "}).losses == ()
    assert [loss.path for loss in try_out(named, {"a": "No"}).losses] == ["a"]
    assert [loss.path for loss in try_out(asked, {"a": "Yes"}).losses] == ["a"]


def test_a_choice_goes_by_the_first_value_and_reads_what_it_names(try_out: Translate) -> None:
    rows = '[[choose]]\non = ["a", "b"]\n[[choose.when]]\nequals = "Yes"\n'

    made = try_out(rows, {"a": ["Yes", "yes", "No"], "b": "Yes"})

    assert [loss.path for loss in made.losses] == ["a[2]"]


def test_same_copies_what_the_model_knows_and_nothing_else(try_out: Translate) -> None:
    source: Group = {
        "r": {
            "name": "Mo",
            "telephones": ["0101", "", None],
            "address": {"lines": [], "town": "Exampleton"},
            "agrees_to_be_contacted": "perhaps",
            "emails": "not a list",
            "hobby": "chess",
            "role": "",
        }
    }

    made = try_out('[[same]]\nfrom = "r"\nto = "referrer"\nexcept = ["address.town"]\n', source)

    assert made.tree == {"referrer": {"name": "Mo", "telephones": ["0101"]}}
    assert [loss.path for loss in made.losses] == [
        "r.address.town",
        "r.agrees_to_be_contacted",
        "r.emails",
        "r.hobby",
    ]
    assert codes_of(made) == [("r.agrees_to_be_contacted", "not-in-list")]


def test_parts_of_one_group_come_together_whoever_makes_them(try_out: Translate) -> None:
    rows = (
        '[[field]]\nfrom = "t"\nto = "referrer.address.town"\n'
        '[[same]]\nfrom = "r"\nto = "referrer"\nexcept = ["address.town"]\n'
        '[[group]]\nto = "consent"\n[[group.field]]\nfrom = "s"\nto = "signatory"\n'
        '[[group]]\nto = "consent"\n[[group.field]]\nfrom = "m"\nto = "mode"\n'
    )

    made = try_out(rows, {"t": "Exampleton", "r": {"name": "Mo", "address": {"county": "Nowhere"}}, "s": "A", "m": "B"})

    assert made.tree == {
        "referrer": {"address": {"town": "Exampleton", "county": "Nowhere"}, "name": "Mo"},
        "consent": {"signatory": "A", "mode": "B"},
    }


def test_same_copies_lists_of_groups(try_out: Translate) -> None:
    made = try_out('[[same]]\nfrom = "p[]"\nto = "parents[]"\n', {"p": [{"name": "Mona"}, {}, {"name": "Otto"}]})

    assert made.tree == {"parents": [{"name": "Mona"}, {"name": "Otto"}]}


def test_same_takes_the_first_where_only_one_can_be(try_out: Translate) -> None:
    made = try_out('[[same]]\nfrom = "r"\nto = "referrer"\n', {"r": [{"name": "Mo"}, {"name": "Nia"}]})

    assert made.tree == {"referrer": {"name": "Mo"}}
    assert [loss.path for loss in made.losses] == ["r[1].name"]


def test_what_nobody_reads_is_carried_under_the_rule_s_key(try_out: Translate) -> None:
    source: Group = {"reference": "7", "pets": {"dog": ["Rex", "Fido"]}, "n": 3, "t": True}

    made = try_out(CONTACT + CARRY, source)

    assert answers(made) == [
        ("x-form", "pets.dog", "Rex"),
        ("x-form", "pets.dog", "Fido"),
        ("x-form", "n", "3"),
        ("x-form", "t", "true"),
    ]
    assert made.losses == ()


def test_distinct_carries_a_repeated_answer_once(try_out: Translate) -> None:
    made = try_out(CONTACT + CARRY + "distinct = true\n", {"pet": ["Rex", "Rex", "Fido"]})

    assert answers(made) == [("x-form", "pet", "Rex"), ("x-form", "pet", "Fido")]


def test_an_address_that_finds_no_room_is_never_carried_under_another_kind(try_out: Translate) -> None:
    rows = '[[field]]\nfrom = "t"\nto = "referrer.address.town"\n' + CARRY

    made = try_out(rows, {"t": ["Exampleton", "Nowhere"]})

    assert "local" not in made.tree
    assert [loss.path for loss in made.losses] == ["t[1]"]
    assert "another kind" in made.losses[0].why


def test_without_a_carry_rule_what_nobody_reads_is_listed(try_out: Translate) -> None:
    made = try_out(CONTACT, {"pets": [{"dog": "Rex"}, {"dog": "Fido"}]})

    assert [loss.path for loss in made.losses] == ["pets[0].dog", "pets[1].dog"]


def test_what_is_not_carried_is_listed_once_with_its_reason(try_out: Translate) -> None:
    rows = CONTACT + '[[not_carried]]\npath = "pets[].dog"\nwhy = "dogs are not ours"\n' + CARRY

    made = try_out(rows, {"pets": [{"dog": "Rex"}, {"dog": "Fido"}]})

    assert made.losses == (Loss(path="pets[].dog", why="dogs are not ours"),)


def test_a_report_never_repeats_a_name_that_may_be_a_sentence(try_out: Translate) -> None:
    made = try_out(CONTACT, {"Testina was seen at 1 Nowhere Lane": {"x y": "and this"}})

    assert [loss.path for loss in made.losses] == ["?.?"]


KEY = '[[key]]\nname = "q"\nlist = "answers[]"\nby = "id"\nwording = "text"\nwhole = "all"\nrepeats = "many"\n'
NAMED = '[[field]]\nfrom = ["q.who.first", "q.who.mid"]\nto = "worry"\nusing = "join_words"\n'


def test_an_entry_is_found_by_its_id(try_out: Translate) -> None:
    rows = KEY + '[key.expects]\nw = "Why?"\n[[field]]\nfrom = "q.w.all"\nto = "worry"\n'

    made = try_out(rows, {"answers": [{"id": "x", "all": ""}, {"id": "w", "text": " WHY? ", "all": "Hungry"}]})

    assert made.tree == {"worry": "Hungry"}
    assert [loss.path for loss in made.losses] == ["answers[0].id"]
    assert made.warnings == ()


def test_a_reworded_question_is_told_and_its_wording_kept(try_out: Translate) -> None:
    rows = KEY + '[key.expects]\nw = "Why?"\n[[field]]\nfrom = "q.w.all"\nto = "worry"\n'
    source: Group = {"answers": [{"id": "w", "text": "What for?", "all": "Hungry"}]}

    carried, listed = try_out(rows + CARRY, source), try_out(rows, source)

    assert codes_of(carried) == [("answers[0].text", "question-drift")]
    assert answers(carried) == [("w", "What for?")]
    assert [loss.path for loss in listed.losses] == ["answers[0].text"]


def test_a_wording_nobody_stated_is_kept_without_a_warning(try_out: Translate) -> None:
    rows = KEY + '[[field]]\nfrom = "q.w.all"\nto = "worry"\n' + CARRY

    made = try_out(rows, {"answers": [{"id": "w", "text": "Why?", "all": "Hungry"}]})

    assert made.warnings == ()
    assert answers(made) == [("w", "Why?")]


def test_a_question_nobody_maps_becomes_a_local_answer_with_its_wording(try_out: Translate) -> None:
    rows = KEY + '[[field]]\nfrom = "q.w.all"\nto = "worry"\n' + CARRY
    entry: Group = {"id": "pets", "text": "Any pets?", "all": ["dog", "cat"], "first": ["dog", "cat"], "many": True}

    made = try_out(rows, {"answers": [entry, {"id": "unasked", "text": "And now?", "all": ""}]})

    assert answers(made) == [("pets", "Any pets?", "dog"), ("pets", "Any pets?", "cat"), ("unasked", "And now?")]
    assert made.losses == ()


def test_a_list_by_key_needs_neither_wording_nor_whole(try_out: Translate) -> None:
    rows = '[[key]]\nname = "q"\nlist = "answers[]"\nby = "id"\n[[field]]\nfrom = "q.w.a"\nto = "worry"\n'

    made = try_out(rows + CARRY, {"answers": [{"id": "w", "a": "Hungry", "b": "Cold"}, {"id": "x", "a": "Rex"}]})

    assert made.tree["worry"] == "Hungry"
    assert answers(made) == [("w", "(b)", "Cold"), ("x", "(a)", "Rex")]


def test_without_a_carry_rule_every_part_of_an_unread_entry_is_listed(try_out: Translate) -> None:
    rows = KEY + '[[field]]\nfrom = "q.w.all"\nto = "worry"\n'

    made = try_out(rows, {"answers": [{"id": "x", "first": "Ada", "all": "Ada"}]})

    assert [loss.path for loss in made.losses] == ["answers[0].id", "answers[0].first", "answers[0].all"]


def test_parts_that_say_more_than_the_whole_are_carried_by_themselves(try_out: Translate) -> None:
    rows = KEY + NAMED + CARRY
    entry: Group = {"id": "who", "text": "", "first": "Ada", "title": "Miss", "all": "Ada Exampleton"}

    made = try_out(rows, {"answers": [entry]})

    assert made.tree["worry"] == "Ada"
    assert answers(made) == [("who", "(title)", "Miss"), ("who", "Ada Exampleton")]


def test_a_whole_that_only_repeats_its_parts_is_read_with_them(try_out: Translate) -> None:
    rows = KEY + NAMED
    entry: Group = {"id": "who", "first": "Ada", "mid": "May", "all": "may, ADA"}

    assert try_out(rows, {"answers": [entry]}).losses == ()


def test_parts_are_read_where_the_whole_they_make_up_is(try_out: Translate) -> None:
    rows = KEY + '[[field]]\nfrom = "q.who.all"\nto = "worry"\n'
    entry: Group = {"id": "who", "title": "Miss", "first": "Ada", "all": "Miss Ada"}

    assert try_out(rows, {"answers": [entry]}).losses == ()


def test_of_two_entries_of_one_id_the_second_is_carried(try_out: Translate) -> None:
    rows = KEY + '[[field]]\nfrom = "q.w.all"\nto = "worry"\n' + CARRY

    made = try_out(rows, {"answers": [{"id": "w", "all": "Hungry"}, {"id": "w", "all": "Cold"}]})

    assert made.tree["worry"] == "Hungry"
    assert answers(made) == [("w", "Cold")]


def test_an_entry_s_address_that_finds_no_room_is_listed_and_not_carried(try_out: Translate) -> None:
    rows = KEY + '[[field]]\nfrom = "q.home.town"\nto = "referrer.address.town"\n' + CARRY
    entry: Group = {"id": "home", "town": ["Exampleton", "Nowhere"], "flat": "2", "all": "x"}

    made = try_out(rows, {"answers": [entry]})

    assert "local" not in made.tree
    assert {loss.path for loss in made.losses} == {"answers.town", "answers.flat", "answers.all"}


@pytest.mark.parametrize(
    ("entries", "carried"),
    [
        ("text", [("x-form", "answers", "text")]),
        ([["nested"]], [("x-form", "answers", "nested")]),
        ([{"all": "no id"}], [("x-form", "answers.all", "no id")]),
        ([{"id": 5, "all": "x"}], [("x-form", "answers.id", "5"), ("x-form", "answers.all", "x")]),
        ([{"id": "w", "all": {"deep": "x"}}], [("x-form", "answers.all.deep", "x")]),
        (
            [{"id": "w", "text": ["a", "b"], "all": ""}],
            [("x-form", "answers.text", "a"), ("x-form", "answers.text", "b")],
        ),
        ([None, 7], [("x-form", "answers", "7")]),
        ([], []),
    ],
)
def test_entries_of_any_shape_are_survived_and_nothing_vanishes(
    try_out: Translate, entries: object, carried: list[tuple[str, ...]]
) -> None:
    rows = KEY + '[[field]]\nfrom = "q.w.all"\nto = "worry"\n' + CARRY

    made = try_out(rows, {"answers": entries})

    assert (answers(made), made.losses) == (carried, ())


def test_a_day_after_the_document_s_own_is_a_day_to_come(try_out: Translate) -> None:
    rows = (
        '[[group]]\nto = "children[]"\n[[group.field]]\nfrom = "dob"\nto = "born"\nusing = "birth_date"\n'
        '[[group.field]]\nfrom = "dob"\nto = "expected"\nusing = "due_date"\n'
    )

    by_document = try_out('dated_by = "sent"\n' + rows, {"dob": "12/03/2027", "sent": "2026-11-18T09:00:00Z"})
    by_caller = try_out(rows, {"dob": "12/03/2027"}, on=date(2026, 11, 18))
    by_nobody = try_out('dated_by = "sent"\n' + rows, {"dob": "12/03/2027", "sent": "lately"})

    assert by_document.tree["children"] == by_caller.tree["children"] == [{"expected": "2027-03-12"}]
    assert by_nobody.tree["children"] == [{"born": "2027-03-12"}]


def test_warnings_hold_no_value(try_out: Translate) -> None:
    rows = '[[group]]\nto = "children[]"\n[[group.field]]\nfrom = "upn"\nto = "upn"\nusing = "upn"\n'

    made = try_out(rows, {"upn": "Q207000016049"})

    assert made.warnings == (
        Warning_(
            path="upn",
            code="upn-check",
            message="not a sound unique pupil number: kept, but not used to find a child",
        ),
    )
