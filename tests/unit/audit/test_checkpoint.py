import pytest

from gateway.audit.checkpoint import Checkpoint, open_checkpoint, read_checkpoint, sign_checkpoint
from gateway.audit.note import to_base64, write_note
from gateway.errors import IntegrityError, MalformedMessageError
from tests.unit.audit.log_builders import ORIGIN, a_signer

ROOT = to_base64(bytes(32))
CHECKPOINT = Checkpoint(origin=ORIGIN, size=20_852_163, root=bytes(range(32)))


def test_a_checkpoint_is_three_lines() -> None:
    assert CHECKPOINT.text == f"{ORIGIN}\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def test_the_specifications_own_example_is_read() -> None:
    read = read_checkpoint("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")

    assert (read.origin, read.size, read.root.hex()[:8]) == ("example.com/behind-the-sofa", 20_852_163, "0ac5186a")


def test_a_signed_checkpoint_opens() -> None:
    note = sign_checkpoint(CHECKPOINT, a_signer())

    assert open_checkpoint(note, origin=ORIGIN, keys=[a_signer().key]) == CHECKPOINT


def test_another_logs_checkpoint_is_not_ours() -> None:
    note = sign_checkpoint(CHECKPOINT, a_signer())

    with pytest.raises(IntegrityError, match="another log"):
        open_checkpoint(note, origin="elsewhere.example", keys=[a_signer().key])


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n1\n",
        f"{ORIGIN}\n1\n{ROOT}\nextension\n",
        f"\n1\n{ROOT}\n",
        f"{ORIGIN}\n01\n{ROOT}\n",
        f"{ORIGIN}\n-1\n{ROOT}\n",
        f"{ORIGIN}\n1e3\n{ROOT}\n",
        f"{ORIGIN}\n{10**20}\n{ROOT}\n",
        f"{ORIGIN}\n1\n{to_base64(bytes(31))}\n",
        f"{ORIGIN}\n1\n???\n",
    ],
    ids=[
        "two lines",
        "extension",
        "no origin",
        "leading 0",
        "negative",
        "not decimal",
        "huge",
        "short root",
        "no base 64",
    ],
)
def test_what_is_not_a_checkpoint_is_refused_even_signed(text: str) -> None:
    note = write_note(text, a_signer())

    with pytest.raises(MalformedMessageError):
        open_checkpoint(note, origin=ORIGIN, keys=[a_signer().key])
