import pytest

from gateway.audit.note import NoteKey, NoteSigner, open_note, write_note
from gateway.errors import IntegrityError, MalformedMessageError
from tests.unit.audit.log_builders import ORIGIN, a_signer, accepted, every_flip

# The example every implementation of signed notes is tried on: golang.org/x/mod/sumdb/note.
KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
KNOWN_NOTE = (
    f"{KNOWN_TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = a_signer()
NOTE = write_note("a text\n", SIGNER)


def test_a_published_note_opens_with_its_published_key() -> None:
    assert open_note(KNOWN_NOTE, [NoteKey.from_vkey(KNOWN_KEY)]) == KNOWN_TEXT


def test_a_key_is_written_as_it_was_read() -> None:
    assert NoteKey.from_vkey(KNOWN_KEY).vkey == KNOWN_KEY
    assert NoteKey.from_vkey(f" {KNOWN_KEY}\n").vkey == KNOWN_KEY


def test_what_was_signed_opens() -> None:
    assert open_note(NOTE, [SIGNER.key]) == "a text\n"


def test_a_signer_is_made_from_what_a_key_store_gives() -> None:
    assert NoteSigner.of(SIGNER.key.vkey, SIGNER.sign) == SIGNER


def test_a_text_may_hold_empty_lines() -> None:
    text = "one\n\ntwo\n\n\nthree\n"

    assert open_note(write_note(text, SIGNER), [SIGNER.key]) == text


def test_signatures_of_others_are_passed_over() -> None:
    witness = a_signer(seed=2, name="witness.nowhere.example")
    witnessed = NOTE + write_note("a text\n", witness).rpartition("\n\n")[2]

    assert open_note(witnessed, [SIGNER.key]) == "a text\n"
    assert open_note(witnessed, [witness.key]) == "a text\n"


def test_a_note_nobody_known_has_signed_does_not_open() -> None:
    with pytest.raises(IntegrityError, match="no known key") as caught:
        open_note(NOTE, [a_signer(seed=2).key])

    assert caught.value.found == NOTE


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    other = write_note("another text\n", SIGNER).rpartition("\n\n")[2]

    with pytest.raises(IntegrityError, match="is wrong"):
        open_note(NOTE + other, [SIGNER.key])


def test_no_bit_of_a_note_can_be_turned() -> None:
    passed = accepted(
        lambda note: open_note(note.decode(), [SIGNER.key]),
        every_flip(NOTE.encode()),
        refusal=(IntegrityError, MalformedMessageError, UnicodeDecodeError),
    )

    assert passed == []


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T=",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy",
        "PeterNeumann+c74f20a3+Axpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+!!!!",
    ],
    ids=[
        "empty",
        "name only",
        "no key",
        "wrong id",
        "blank in name",
        "bad base 64",
        "short",
        "not Ed25519",
        "no base 64",
    ],
)
def test_a_malformed_key_is_refused(vkey: str) -> None:
    with pytest.raises(MalformedMessageError):
        NoteKey.from_vkey(vkey)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a text\n",
        "a text\n\n",
        f"a text\n\n- {ORIGIN} AAAA\n",
        f"a text\n\n— {ORIGIN}\n",
        f"a text\n\n— {ORIGIN} AAAA\n",
        f"a text\n\n— {ORIGIN} AAAAAAB=\n",
        f"a text\n\n— two names {ORIGIN} AAAAAAAA\n",
        f"\n\n— {ORIGIN} AAAAAAAA\n",
        f"a\ttext\n\n— {ORIGIN} AAAAAAAA\n",
        NOTE.rstrip("\n"),
        "a text\n\n" + f"— {ORIGIN} AAAAAAAA\n" * 101,
    ],
    ids=[
        "empty",
        "unsigned",
        "no signature line",
        "hyphen",
        "no signature",
        "key id only",
        "loose bits",
        "blank in name",
        "no text",
        "control character",
        "no last newline",
        "too many signatures",
    ],
)
def test_a_malformed_note_is_refused(note: str) -> None:
    with pytest.raises(MalformedMessageError):
        open_note(note, [SIGNER.key])


@pytest.mark.parametrize("text", ["", "no newline", "\n", "a\rb\n", "a\x00b\n"])
def test_a_text_that_is_no_note_is_not_signed(text: str) -> None:
    with pytest.raises(MalformedMessageError):
        write_note(text, SIGNER)


def test_what_is_no_signature_is_not_written_down_as_one() -> None:
    with pytest.raises(IntegrityError):
        write_note("a text\n", NoteSigner(key=SIGNER.key, sign=lambda _: b"short"))


@pytest.mark.parametrize(
    ("name", "public"), [("", bytes(32)), ("a+b", bytes(32)), ("a b", bytes(32)), ("a", bytes(31))]
)
def test_a_key_has_a_name_without_blanks_and_32_bytes(name: str, public: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        NoteKey(name=name, public=public)
