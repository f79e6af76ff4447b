"""What real forms do to those who read them, asked of every kind of form: refused with its reason, or read unharmed."""

import json
from datetime import date

import pytest

from gateway.app.commands.shipped import library, schemas
from gateway.errors import GatewayError, MalformedMessageError, TooLargeError, UnsupportedFormatError
from gateway.formats.gate import Checked, gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.model.tree import Group
from gateway.translation.message_translator import Translated, nothing_known, translate_in
from tests.fakes.forms import CHANNELS, JSON_CHANNELS, POST_CHANNELS, Answers, Child

TESTINA: Child = {"first_name": "Testina", "last_name": "Exampleton", "dob": "14/06/2016"}
WHY: Answers = {"worry": "Invented"}
EVERY = list(CHANNELS)


def body_of(channel: str, *children: Child, **answers: str | list[str]) -> bytes:
    return CHANNELS[channel][2]("R-1", children or (TESTINA,), {**WHY, **answers})


def checked(channel: str, body: bytes, content_type: str | None = None, *, limits: Limits | None = None) -> Checked:
    name, media, _ = CHANNELS[channel]
    content_type = content_type or media
    return gate(FORMATS[name], body, content_type=content_type, schemas=schemas(), limits=limits or Limits())


def read(channel: str, body: bytes) -> Translated:
    name, media, _ = CHANNELS[channel]
    checked(channel, body)
    (record,) = split(FORMATS[name], body, limits=Limits(), content_type=media)
    return translate_in(library().inbound(name), record.tree, meaning=nothing_known, on=date(2026, 11, 20))


def children_of(channel: str, *children: Child, **answers: str | list[str]) -> list[Group]:
    made = read(channel, body_of(channel, *children, **answers))
    assert {one.path.partition(".")[0] for one in made.losses} <= {"service", "meta"}, "what a form calls itself"
    found = made.tree["children"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


# the bytes


@pytest.mark.parametrize("channel", JSON_CHANNELS)
@pytest.mark.parametrize(
    ("encoding", "code"), [("utf-8-sig", "encoding"), ("utf-16", "encoding"), ("utf-16-le", "encoding")]
)
def test_json_that_is_not_plain_utf_8_is_refused(channel: str, encoding: str, code: str) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        checked(channel, body_of(channel).decode().encode(encoding))

    assert caught.value.code == code


@pytest.mark.parametrize("channel", JSON_CHANNELS)
def test_json_that_declares_another_encoding_is_refused(channel: str) -> None:
    with pytest.raises(UnsupportedFormatError):
        checked(channel, body_of(channel), "application/json; charset=iso-8859-1")


@pytest.mark.parametrize("channel", POST_CHANNELS)
def test_a_post_behind_a_byte_order_mark_is_read(channel: str) -> None:
    made = read(channel, b"\xef\xbb\xbf" + body_of(channel))

    assert (made.tree["reference"], made.losses) == ("R-1", ())


@pytest.mark.parametrize("channel", POST_CHANNELS)
def test_a_post_in_utf_16_is_refused(channel: str) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        checked(channel, body_of(channel).decode().encode("utf-16"))

    assert caught.value.code in {"encoding", "bad-text"}


@pytest.mark.parametrize("channel", POST_CHANNELS)
def test_a_post_in_another_encoding_than_it_declares_is_refused(channel: str) -> None:
    body = body_of(channel).replace(b"Invented", b"caf%E9")

    with pytest.raises(MalformedMessageError) as caught:
        checked(channel, body, f"{CHANNELS[channel][1]}; charset=utf-8")

    assert caught.value.code == "encoding"


@pytest.mark.parametrize("channel", POST_CHANNELS)
def test_a_post_that_declares_nothing_is_read_as_windows_1252_and_said_to_be(channel: str) -> None:
    made = checked(channel, body_of(channel).replace(b"Invented", b"caf%E9"))

    assert [one.code for one in made.warnings] == ["encoding-guessed"]


@pytest.mark.parametrize("channel", JSON_CHANNELS)
def test_a_name_twice_in_one_object_is_refused(channel: str) -> None:
    body = body_of(channel)

    with pytest.raises(MalformedMessageError) as caught:
        checked(channel, body[:1] + b'"x": 1, "x": 2, ' + body[1:])

    assert caught.value.code == "duplicate-name"


@pytest.mark.parametrize("channel", EVERY)
def test_a_hundred_megabytes_are_refused_unread(channel: str) -> None:
    with pytest.raises(TooLargeError):
        checked(channel, body_of(channel) + b" " * 100_000_000)


@pytest.mark.parametrize("channel", JSON_CHANNELS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_form_that_was_cut_off_is_refused(channel: str, share: float) -> None:
    body = body_of(channel)

    with pytest.raises(MalformedMessageError):
        checked(channel, body[: int(len(body) * share)])


@pytest.mark.parametrize("channel", POST_CHANNELS)
def test_a_post_that_was_cut_off_inside_an_escape_is_refused(channel: str) -> None:
    body = body_of(channel)

    with pytest.raises(MalformedMessageError) as caught:
        checked(channel, body[: body.rindex(b"%") + 2])

    assert caught.value.code == "cut-off"


@pytest.mark.parametrize("channel", JSON_CHANNELS)
@pytest.mark.parametrize(("before", "after"), [(b"x", b""), (b"", b"x"), (b"<!-- -->", b""), (b"", b"{}")])
def test_stray_text_around_a_form_is_refused(channel: str, before: bytes, after: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        checked(channel, before + body_of(channel) + after)


@pytest.mark.parametrize("channel", EVERY)
def test_an_entity_in_a_form_is_a_text_like_any_other(channel: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "boom">]><x>&a;</x>'

    made = read(channel, body_of(channel, worry=bomb))

    assert bomb in {made.tree.get("worry"), made.tree.get("needs")}


@pytest.mark.parametrize("channel", JSON_CHANNELS)
def test_a_document_type_where_a_form_should_be_is_refused(channel: str) -> None:
    with pytest.raises(GatewayError):
        checked(channel, b'<!DOCTYPE x [<!ENTITY a "boom">]><x>&a;</x>')


# the names


@pytest.mark.parametrize("channel", [*POST_CHANNELS, "flat json"])
def test_names_in_capitals_are_read(channel: str) -> None:
    name, media, _ = CHANNELS[channel]
    body = body_of(channel)
    for small in ("first_name", "last_name", "date_of_birth"):
        body = body.replace(small.encode(), small.upper().encode())

    (record,) = split(FORMATS[name], body, limits=Limits(), content_type=media)
    made = translate_in(library().inbound(name), record.tree, meaning=nothing_known)

    assert made.tree["children"] == [{"given_names": "Testina", "family_name": "Exampleton", "born": "2016-06-14"}]
    assert (made.losses, made.warnings) == ((), ())


@pytest.mark.parametrize("channel", ["govuk", "moj payload"])
def test_an_answer_that_comes_twice_is_read_once_and_the_other_is_carried(channel: str) -> None:
    body = json.loads(body_of(channel))
    listed = body["answers"] if channel == "govuk" else [one for page in body["pages"] for one in page["answers"]]
    again = dict(listed[-1])
    again["answer_text" if channel == "govuk" else "answer"] = "Something else"
    (body["answers"] if channel == "govuk" else body["pages"][-1]["answers"]).append(again)

    made = read(channel, json.dumps(body).encode())

    assert "Something else" in json.dumps(made.tree)
    assert "Invented" in json.dumps(made.tree)


@pytest.mark.parametrize("channel", POST_CHANNELS)
def test_two_birthdays_of_one_child_are_both_kept_and_uneven_lists_are_told(channel: str) -> None:
    made = read(channel, body_of(channel) + b"&date_of_birth=15%2F06%2F2016")

    assert [one.get("born") for one in made.tree["children"]] == ["2016-06-14", "2016-06-15"]
    assert "uneven-lists" in {one.code for one in made.warnings}


# the texts


@pytest.mark.parametrize("channel", EVERY)
def test_non_breaking_blanks_are_blanks(channel: str) -> None:
    (child,) = children_of(channel, {**TESTINA, "ethnicity": "White\u00a0British", "postcode": "ZZ99\u00a03AA"})

    assert child["ethnicity"] == "WBRI"
    assert child["address"] == {"postcode": "ZZ99 3AA"}


@pytest.mark.parametrize("channel", EVERY)
def test_a_summer_birthday_stays_on_its_day(channel: str) -> None:
    (child,) = children_of(channel, {**TESTINA, "dob": "2016-06-14T00:00:00+01:00"})

    assert child["born"] == "2016-06-14"


@pytest.mark.parametrize("channel", EVERY)
def test_a_child_to_come_has_no_first_name_and_a_day_to_come(channel: str) -> None:
    (child,) = children_of(channel, {"first_name": "", "last_name": "Exampleton", "expected_date": "12/03/2027"})

    assert child == {"family_name": "Exampleton", "expected": "2027-03-12"}


@pytest.mark.parametrize("channel", EVERY)
def test_twins_are_two_children(channel: str) -> None:
    home = {"last_name": "Exampleton", "dob": "14/06/2016", "address": "1 Nowhere Lane", "postcode": "ZZ99 3AA"}

    twins = children_of(channel, {"first_name": "Ada", **home}, {"first_name": "Bea", **home})

    assert [one["given_names"] for one in twins] == ["Ada", "Bea"]
    assert twins[0] | {"given_names": "Bea"} == twins[1]


@pytest.mark.parametrize("channel", EVERY)
def test_twins_of_whom_no_first_name_is_known_are_still_two(channel: str) -> None:
    home = {"last_name": "Exampleton", "dob": "14/06/2016"}

    assert children_of(channel, home, home) == [{"family_name": "Exampleton", "born": "2016-06-14"}] * 2


@pytest.mark.parametrize("channel", [name for name in EVERY if name != "govuk"])
def test_a_father_of_his_son_s_name_is_another_person(channel: str) -> None:
    made = read(
        channel,
        body_of(
            channel,
            {"first_name": "Otto", "last_name": "Pretendman", "dob": "14/06/2016"},
            parent_name="Otto Pretendman",
            parent_dob="19/11/1988",
            parent_relationship="Father",
        ),
    )

    assert made.tree["children"] == [{"given_names": "Otto", "family_name": "Pretendman", "born": "2016-06-14"}]
    assert made.tree.get("parents", made.tree.get("family")) == [
        {"name": "Otto Pretendman", "born": "1988-11-19", "relationship": "Father"}
    ]


@pytest.mark.parametrize("channel", EVERY)
def test_a_pupil_number_that_is_not_sound_is_kept_and_told(channel: str) -> None:
    made = read(channel, body_of(channel, {**TESTINA, "upn": "B801200005002"}))

    assert [one["upn"] for one in made.tree["children"]] == ["B801200005002"]
    assert "upn-check" in {one.code for one in made.warnings}


@pytest.mark.parametrize("channel", EVERY)
def test_an_ethnicity_nobody_has_mapped_waits_for_a_person_and_keeps_its_words(channel: str) -> None:
    made = read(channel, body_of(channel, {**TESTINA, "ethnicity": "Wite Brit"}))

    assert [one["ethnicity_as_written"] for one in made.tree["children"]] == ["Wite Brit"]
    assert [one.label for one in made.unmapped] == ["Wite Brit"]
    assert "ethnicity" not in made.tree["children"][0]
