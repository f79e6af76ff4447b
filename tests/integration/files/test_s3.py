"""Does what only an S3 server has keep to the rules: keys of any shape, no renaming, an address and an account pinned?

What holds for every kind of server is in `test_far_shelves.py`.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.files import s3_bucket
from gateway.adapters.files.s3_place import S3Place
from gateway.adapters.files.s3_shelf import S3Shelf
from gateway.adapters.files.shelf import OpenShelf
from gateway.errors import PartnerUnavailableError
from tests.engines.certificates import make_certificates
from tests.engines.s3 import S3Server, s3_server
from tests.integration.files.canned import Answer, begins, canned, says
from tests.integration.files.elsewhere import FORM, REPORT, Elsewhere
from tests.integration.files.grounds import S3Ground

SUBMISSION = b'{"form_name": "Ask for help", "answers": []}'
IN_FORM = "form_submissions/1234/"
FOLDER = f"{IN_FORM}20261122T094024Z_ABCD1234/"
LISTED = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>'
    "</ListBucketResult>"
)


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def ground(server: S3Server) -> S3Ground:
    return S3Ground(server)


@pytest.fixture
def elsewhere(ground: S3Ground) -> Elsewhere:
    return Elsewhere(ground)


@pytest.fixture
def forms(server: S3Server) -> S3Ground:
    return S3Ground(server, prefix=IN_FORM)


@pytest.fixture
def portal(forms: S3Ground) -> Elsewhere:
    """Who looks at what GOV.UK Forms put there."""
    made = Elsewhere(forms)
    made.watch = made.watching(S3Shelf(replace(forms.place, form="mash/govuk-forms-1"), seconds=10))
    return made


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("elsewhere.xml", "wrong-folder"),
        (f"{FORM}/../../../report.xml", "name"),
        (f"{FORM}/bell\x07.xml", "name"),
        (f"{FORM}/\u202exml.xml", "name"),
        (f"{FORM}/{'l' * 900}", "name"),
        (f"{FORM}/", "name"),
    ],
    ids=["at the top", "upwards", "unseen", "turned round", "huge", "empty"],
)
def test_an_object_with_an_odd_key_is_left_and_told_of_and_its_neighbour_is_taken(
    elsewhere: Elsewhere, ground: S3Ground, key: str, code: str
) -> None:
    ground.put_at(f"{ground.prefix}{key}", b"<hostile/>")
    elsewhere.put("neighbour.xml")

    elsewhere.settle(seconds=1000)

    (told,) = [one for one in ground.keys_there() if one.endswith(".refused.json")]
    assert [file.body for file in elsewhere.hands.taken] == [REPORT]
    assert f'"code": "{code}"'.encode() in ground.read_at(told)
    assert ground.read_at(f"{ground.prefix}{key}") == b"<hostile/>"


def test_what_lies_too_deep_is_told_of_once_however_much_it_is(elsewhere: Elsewhere, ground: S3Ground) -> None:
    ground.put_at(f"{ground.prefix}{FORM}/deep/one.xml", REPORT)
    ground.put_at(f"{ground.prefix}{FORM}/deep/two.xml", REPORT)
    ground.put_at(f"{ground.prefix}{FORM}/deep/er/three.xml", REPORT)

    elsewhere.settle()

    assert [one for one in ground.files() if one.endswith(".json")] == [f"{FORM}/deep.refused.json"]


def test_the_marks_that_consoles_put_for_folders_are_no_files(elsewhere: Elsewhere, ground: S3Ground) -> None:
    ground.put_at(ground.prefix, b"")
    ground.put_at(f"{ground.prefix}sims/", b"")
    ground.put_at(f"{ground.prefix}{FORM}/", b"")
    ground.put_at(f"{ground.prefix}.taking/", b"")

    elsewhere.settle(seconds=1000)

    assert elsewhere.hands.taken == []
    assert len(ground.keys_there()) == 4


def test_what_somebody_else_keeps_where_we_take_is_left_alone(elsewhere: Elsewhere, ground: S3Ground) -> None:
    ground.put_at(f"{ground.prefix}.taking/notes.txt", b"whose?")

    elsewhere.settle()

    assert elsewhere.hands.taken == []
    assert ground.files() == [".taking/notes.txt"]


def test_a_report_that_has_no_more_to_tell_costs_no_request(elsewhere: Elsewhere, server: S3Server) -> None:
    elsewhere.watch.tell_records(lambda _place, message: json.dumps({"message_id": message}).encode())
    elsewhere.put("report.xml")
    elsewhere.settle()
    elsewhere.watch.look()
    elsewhere.watch.look()
    before = len(server.requests)

    elsewhere.watch.look()

    assert ["list-type=2" in asked for asked in server.requests[before:]] == [True, True]


def test_a_report_of_a_single_record_is_read_once(elsewhere: Elsewhere, server: S3Server) -> None:
    elsewhere.watch.tell_records(lambda _place, _message: None)
    elsewhere.put("report.xml")
    elsewhere.settle()
    elsewhere.watch.look()
    before = len(server.requests)

    elsewhere.watch.look()

    assert ["list-type=2" in asked for asked in server.requests[before:]] == [True, True]


def test_another_partners_part_of_the_bucket_is_not_looked_at(elsewhere: Elsewhere, ground: S3Ground) -> None:
    ground.put_at(f"for them/{FORM}/report.xml", REPORT)
    ground.put_at(f"{FORM}/report.xml", REPORT)

    elsewhere.settle(seconds=1000)

    assert elsewhere.hands.taken == []
    assert len(ground.keys_there()) == 2


def test_more_objects_than_one_answer_holds_are_all_seen(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_bucket, "_PAGE", 2)
    elsewhere.put("a.xml")
    elsewhere.put("b.xml")
    elsewhere.put("c.xml")
    elsewhere.put("d.xml")
    elsewhere.put("e.xml")

    elsewhere.settle()

    assert [file.name for file in elsewhere.hands.taken] == ["a.xml", "b.xml", "c.xml", "d.xml", "e.xml"]


def test_a_bucket_without_end_is_looked_at_no_further_than_we_can(
    elsewhere: Elsewhere, ground: S3Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_bucket, "_PAGE", 1)
    monkeypatch.setattr(s3_bucket, "_PAGES", 2)
    elsewhere.put("a.xml")
    elsewhere.put("b.xml")
    elsewhere.put("c.xml")

    with ground.shelf(seconds=10).opened() as shelf, pytest.raises(OSError, match="more objects"):
        list(shelf.dropped())


def test_an_object_written_anew_before_it_is_claimed_is_not_lost(elsewhere: Elsewhere, ground: S3Ground) -> None:
    elsewhere.put("report.xml", b"<older/>")
    with ground.shelf(seconds=10).opened() as shelf:
        (found,) = shelf.dropped()
        elsewhere.put("report.xml")

        with shelf.claim(found, "take_1~report.xml") as claimed:
            assert claimed is None

    assert ground.files() == [f"{FORM}/report.xml"]
    assert elsewhere.settle() == 1
    assert elsewhere.hands.taken[0].body == REPORT


def test_an_object_its_sender_took_back_is_nobodys_trouble(elsewhere: Elsewhere, ground: S3Ground) -> None:
    elsewhere.put("report.xml")
    with ground.shelf(seconds=10).opened() as shelf:
        (found,) = shelf.dropped()
        ground.client.delete_object(Bucket=ground.bucket, Key=f"{ground.prefix}{FORM}/report.xml")

        with shelf.claim(found, "take_1~report.xml") as claimed:
            assert claimed is None

    assert ground.files() == []


def test_what_we_may_not_take_away_is_left_and_never_piles_up(server: S3Server, elsewhere: Elsewhere) -> None:
    ground = elsewhere.ground
    assert isinstance(ground, S3Ground)
    reads = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject"], "Resource": "*"}
    place = replace(ground.place, key_file=server.kept("reader", *server.new_key(reads)))
    elsewhere.watch = elsewhere.watching(S3Shelf(place, seconds=10))
    elsewhere.put("report.xml")
    elsewhere.settle()

    elsewhere.settle(seconds=61)

    assert elsewhere.hands.taken == []
    assert elsewhere.report("report.xml.refused.json")["problem"]["code"] == "not-movable"
    assert ground.files() == [".taking/may-remove", f"{FORM}/report.xml", f"{FORM}/report.xml.refused.json"]


def test_a_form_filled_in_is_taken_and_its_receipt_lies_beside(portal: Elsewhere, forms: S3Ground) -> None:
    forms.put_at(f"{FOLDER}form_submission.json", SUBMISSION)

    portal.settle()

    (file,) = portal.hands.taken
    assert (file.partner, file.message, file.body) == ("mash", "govuk-forms-1", SUBMISSION)
    assert file.name == "20261122T094024Z_ABCD1234/form_submission.json"
    assert forms.keys_there() == [f"{FOLDER}form_submission.json.accepted.json"]


def test_what_was_uploaded_with_a_form_stays_where_it_is(portal: Elsewhere, forms: S3Ground) -> None:
    forms.put_at(f"{FOLDER}a letter.pdf", b"%PDF")
    forms.put_at(f"{FOLDER}form_submission.json", SUBMISSION)

    portal.settle()

    assert len(portal.hands.taken) == 1
    assert forms.keys_there() == [f"{FOLDER}a letter.pdf", f"{FOLDER}form_submission.json.accepted.json"]


def test_a_form_that_comes_as_csv_is_handed_in_and_not_overlooked(portal: Elsewhere, forms: S3Ground) -> None:
    forms.put_at(f"{FOLDER}form_submission.csv", b"Reference,Name\nABCD1234,Testina\n")

    portal.settle()

    assert [file.name.rpartition("/")[2] for file in portal.hands.taken] == ["form_submission.csv"]


def test_a_form_whose_taking_was_cut_off_is_found_again(portal: Elsewhere, forms: S3Ground) -> None:
    portal.hands.raises = SystemExit()
    forms.put_at(f"{FOLDER}form_submission.json", SUBMISSION)
    with pytest.raises(SystemExit):
        portal.settle()
    portal.hands.raises = None

    portal.settle(seconds=61)

    assert [file.name for file in portal.hands.taken] == ["20261122T094024Z_ABCD1234/form_submission.json"] * 2
    assert forms.keys_there() == [f"{FOLDER}form_submission.json.accepted.json"]


def _code(place: S3Place) -> str:
    with pytest.raises(PartnerUnavailableError) as caught:
        _look(place)
    return caught.value.code


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"bucket": "nobodys"}, "bucket"), ({"endpoint": "http://127.0.0.1:1"}, "unreachable")],
    ids=["no such bucket", "nobody there"],
)
def test_a_place_that_is_not_there_is_told_as_such(ground: S3Ground, changed: dict[str, Any], code: str) -> None:
    assert _code(replace(ground.place, **changed)) == code


@pytest.mark.parametrize(("key", "secret"), [(None, "another"), ("AKIANOBODY", "another")], ids=["secret", "key"])
def test_a_key_that_the_server_does_not_know_lets_us_not_in(
    ground: S3Ground, server: S3Server, key: str | None, secret: str
) -> None:
    file = server.kept("wrong", key or server.ours[0], secret)

    assert _code(replace(ground.place, key_file=file)) == "login"


def test_a_key_that_others_can_read_is_not_used(ground: S3Ground, server: S3Server) -> None:
    file = server.kept("open", *server.ours)
    file.chmod(0o640)

    assert _code(replace(ground.place, key_file=file)) == "key"


@pytest.mark.parametrize("content", [b"", b"Testina\n", b"Testina\nExampleton\nTestson\n", b"\xff\xfe\n\n"])
def test_a_key_file_without_a_key_is_told_and_never_shown(ground: S3Ground, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "no-key"
    file.write_bytes(content)
    file.chmod(0o600)

    with pytest.raises(PartnerUnavailableError) as caught:
        _look(replace(ground.place, key_file=file))

    assert caught.value.code == "key"
    assert "Testina" not in str(caught.value)


def _look(place: S3Place, *, seconds: float = 10) -> None:
    with S3Shelf(place, seconds=seconds).opened() as shelf:
        list(shelf.dropped())


def test_a_bucket_we_may_not_list_says_so_as_a_folder_would(ground: S3Ground, server: S3Server) -> None:
    nothing = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "*"}
    place = replace(ground.place, key_file=server.kept("writer", *server.new_key(nothing)))

    with pytest.raises(PermissionError):
        _look(place)


@pytest.mark.parametrize(
    "setting",
    [
        {"AWS_ACCESS_KEY_ID": "AKIASOMEBODY", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x"},
        {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_REGION": "mars-1"},
        {"AWS_PROFILE": "nobodys", "AWS_CONFIG_FILE": "/nowhere"},
        {"HTTP_PROXY": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"},
        {"AWS_CA_BUNDLE": "/nowhere"},
    ],
    ids=["another's key", "another address", "a profile", "a proxy", "an authority"],
)
def test_nothing_of_the_machines_own_settings_is_read(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, setting: dict[str, str]
) -> None:
    elsewhere.put("report.xml")
    for name, value in setting.items():
        monkeypatch.setenv(name, value)

    assert elsewhere.settle() == 1


@pytest.mark.parametrize("is_vouched_for", [True, False])
def test_only_a_server_somebody_vouches_for_is_told_anything(tmp_path: Path, *, is_vouched_for: bool) -> None:
    with s3_server(make_certificates(tmp_path / "theirs")) as server:
        ground = S3Ground(server)
        others = make_certificates(tmp_path / "others").authority
        place = replace(ground.place, authority_file=ground.place.authority_file if is_vouched_for else others)
        elsewhere = Elsewhere(ground)
        elsewhere.put("report.xml")
        elsewhere.watch = elsewhere.watching(S3Shelf(place, seconds=10))

        assert (_looked(elsewhere), len(elsewhere.hands.taken)) == ((1, 1) if is_vouched_for else ("certificate", 0))


def _looked(elsewhere: Elsewhere) -> int | str:
    try:
        return elsewhere.settle()
    except PartnerUnavailableError as error:
        return error.code


def _elsewhere(ground: S3Ground, endpoint: str) -> S3Place:
    return replace(ground.place, endpoint=endpoint, owner="123456789012")


def _opened(ground: S3Ground, endpoint: str) -> AbstractContextManager[OpenShelf]:
    return S3Shelf(_elsewhere(ground, endpoint), seconds=10).opened()


def _refusal(code: str) -> str:
    return f"<Error><Code>{code}</Code><Message>Testina</Message><Region>mars-1</Region></Error>"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (says("400 Bad Request", _refusal("AuthorizationHeaderMalformed")), "region"),
        (says("301 Moved Permanently", _refusal("PermanentRedirect"), "x-amz-bucket-region: mars-1"), "region"),
        (says("403 Forbidden", _refusal("RequestTimeTooSkewed")), "clock"),
        (says("503 Slow Down", _refusal("SlowDown")), "troubled"),
        (says("429 Too Many Requests"), "troubled"),
        (says("200 OK", "not XML"), "troubled"),
        (says("200 OK", LISTED.replace("false", "true")), "nonsense"),
        (says("200 OK", LISTED.replace("</List", "<Contents><Key>for us/x</Key></Contents></List")), "nonsense"),
        (begins(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<ListBucket"), "troubled"),
        (begins(b"HTTP/1.1 200 OK\r\n\r\n", b"<!-- x -->" * 100_000, again=True), "nonsense"),
        (begins(b"HTTP/1.1 200 OK\r\n\r\n", b" ", pause=0.2, again=True), "slow"),
        (begins(b"not HTTP at all\r\n\r\n"), "cut-off"),
        (begins(), "cut-off"),
    ],
    ids=[
        "another region",
        "moved",
        "another time",
        "busy",
        "too many",
        "not XML",
        "never the last page",
        "half an entry",
        "half an answer",
        "without end",
        "dripping",
        "not HTTP",
        "hung up",
    ],
)
def test_a_server_that_misbehaves_is_unavailable_in_time_and_its_words_are_kept_to_itself(
    ground: S3Ground, answer: Answer, code: str
) -> None:
    with canned(answer) as server, pytest.raises(PartnerUnavailableError) as caught:
        _look(_elsewhere(ground, server.endpoint), seconds=0.5)

    assert caught.value.code == code
    assert "Testina" not in str(caught.value)


def test_a_server_that_sends_us_elsewhere_is_not_followed(ground: S3Ground) -> None:
    with canned(says("200 OK", LISTED)) as other:
        moved = says("307 Temporary Redirect", _refusal("TemporaryRedirect"), f"Location: {other.endpoint}/x")
        with canned(moved) as server:
            assert _code(_elsewhere(ground, server.endpoint)) == "region"

        assert other.asked == []


def test_every_request_names_the_account_the_bucket_must_belong_to(ground: S3Ground) -> None:
    with canned(says("200 OK", LISTED)) as server, _opened(ground, server.endpoint) as shelf:
        assert (list(shelf.claimed()), list(shelf.dropped())) == ([], [])
        shelf.forget(("school-example", "sims", "superstar-1"), "report.xml")

    named = ["x-amz-expected-bucket-owner: 123456789012" in asked.casefold() for asked in server.asked]
    assert named == [True, True, True]


def test_neither_key_nor_secret_goes_over_the_wire_in_clear(ground: S3Ground, server: S3Server) -> None:
    with canned(says("200 OK", LISTED)) as other:
        _look(_elsewhere(ground, other.endpoint))

    assert server.ours[1] not in other.asked[0]
    assert "AWS4-HMAC-SHA256" in other.asked[0]
