"""Does the outsider's program accept true proofs and receipts, and nothing else?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit import verify
from gateway.audit.log import prove, prove_extension
from gateway.audit.note import to_base64, write_note
from tests.unit.audit.log_builders import (
    ORIGIN,
    a_log,
    a_signer,
    accepted,
    an_entry,
    an_identity,
    every_flip,
    grow,
    id_of,
)
from tests.unit.audit.verify_tools import HEAD, KEY, LOG, OTHER_VKEY, PROOF, RECEIPT, REFUSED, US, VKEY, put, run


class TestProof:
    def test_a_true_proof_is_accepted(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("proof", put(tmp_path, "p", PROOF)) == 0

        answer = json.loads(capsys.readouterr().out)
        assert answer["ok"] is True
        assert (answer["origin"], answer["size"], answer["index"]) == (ORIGIN, 13, 6)
        assert answer["event"]["kind"] == "message.received"

    def test_no_bit_of_a_proof_can_be_turned(self) -> None:
        passed = accepted(lambda proof: verify.check_proof(proof, KEY), every_flip(PROOF.encode()), refusal=REFUSED)

        assert passed == []

    def test_a_proof_under_a_key_that_is_not_trusted_is_refused(self, tmp_path: Path) -> None:
        assert run("proof", put(tmp_path, "p", PROOF), key=OTHER_VKEY) == 1

    def test_a_proof_of_another_log_is_refused(self, tmp_path: Path) -> None:
        assert run("proof", put(tmp_path, "p", PROOF), "--origin", ORIGIN) == 0
        assert run("proof", put(tmp_path, "p", PROOF), "--origin", "elsewhere.example") == 1

    @pytest.mark.parametrize(
        "lines",
        [
            lambda lines: [*lines[:3], *lines[4:]],
            lambda lines: [*lines[:4], *lines[3:]],
            lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]],
            lambda lines: [*lines[:2], "index 5", *lines[3:]],
            lambda lines: [*lines[:2], "index 13", *lines[3:]],
        ],
        ids=["shortened", "lengthened", "swapped", "moved", "outside"],
    )
    def test_a_changed_path_is_refused(self, tmp_path: Path, lines: Callable[[list[str]], list[str]]) -> None:
        changed = "\n".join(lines(PROOF.split("\n")))

        assert run("proof", put(tmp_path, "p", changed)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\n\n",
            HEAD,
            PROOF.replace("@v1", "@v2"),
            PROOF.replace("index 6\n", ""),
            PROOF.replace("extra", "xtra"),
            PROOF.partition("\n\n")[0] + "\n\n" + write_note("a text\n", a_signer()),
            PROOF.replace("\n\n\u2014", "\n\nx\u2014"),
            PROOF + "no signature\n",
            PROOF.replace("\n\n", f"\n{to_base64(bytes(31))}\n\n", 1),
        ],
        ids=[
            *("empty", "blank", "checkpoint", "version", "no index", "no leaf", "no checkpoint"),
            *("before a signature", "after the signatures", "short hash"),
        ],
    )
    def test_what_is_no_proof_is_unreadable(self, tmp_path: Path, text: str) -> None:
        assert run("proof", put(tmp_path, "p", text)) == 3

    def test_a_file_that_is_not_there_is_unreadable(self, tmp_path: Path) -> None:
        assert run("proof", tmp_path / "nothing") == 3


class TestConsistency:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path, Path]:
        proof = prove_extension(LOG, US, old=LOG.heads[0].note)
        return (
            put(tmp_path, "old", LOG.heads[0].note),
            put(tmp_path, "new", HEAD),
            put(tmp_path, "proof", proof.text),
        )

    def test_a_log_that_only_grew_is_accepted(self, files: tuple[Path, Path, Path]) -> None:
        assert run("consistency", *files) == 0

    @pytest.mark.parametrize("old", range(1, 34))
    def test_every_older_size_is_accepted(self, tmp_path: Path, old: int) -> None:
        store = a_log(old)
        before = store.heads[-1].note
        grow(store, old, 33)
        proof = prove_extension(store, US, old=before)

        files = put(tmp_path, "old", before), put(tmp_path, "new", proof.checkpoint), put(tmp_path, "p", proof.text)

        assert run("consistency", *files) == 0

    def test_a_forked_log_is_refused(self, tmp_path: Path, files: tuple[Path, Path, Path]) -> None:
        fork = a_log(4)
        grow(fork, 40, 41)

        assert run("consistency", put(tmp_path, "old", fork.heads[-1].note), *files[1:]) == 1

    def test_another_log_with_the_same_leaves_is_not_this_one(self, tmp_path: Path, files: tuple[Path, ...]) -> None:
        other = a_log(5, identity=an_identity(origin="elsewhere.example")).heads[-1].note

        assert run("consistency", put(tmp_path, "old", other), *files[1:]) == 1

    def test_a_log_that_became_shorter_is_refused(self, files: tuple[Path, Path, Path]) -> None:
        old, new, proof = files

        assert run("consistency", new, old, proof) == 1

    def test_no_bit_of_the_proof_can_be_turned(self, files: tuple[Path, Path, Path]) -> None:
        proof = files[2]

        def check(changed: bytes) -> object:
            proof.write_bytes(changed)
            return verify.consistency(verify.parse(["consistency", *map(str, files), "--key", VKEY]), KEY)

        top = proof.read_bytes().partition(b"\n\n")[0]
        note = proof.read_bytes()[len(top) :]

        assert accepted(check, (changed + note for changed in every_flip(top)), refusal=REFUSED) == []

    def test_what_is_no_proof_is_unreadable(self, tmp_path: Path, files: tuple[Path, Path, Path]) -> None:
        assert run("consistency", *files[:2], put(tmp_path, "p", "nothing")) == 3

    @pytest.mark.parametrize(
        ("old", "new", "path", "holds"),
        [
            ((0, verify.EMPTY), (0, verify.EMPTY), [], True),
            ((0, verify.EMPTY), (5, bytes(32)), [], True),
            ((0, bytes(32)), (5, bytes(32)), [], False),
            ((0, verify.EMPTY), (0, bytes(32)), [], False),
            ((0, verify.EMPTY), (5, bytes(32)), [bytes(32)], False),
            ((5, bytes(32)), (5, bytes(32)), [], True),
            ((5, bytes(32)), (5, verify.EMPTY), [], False),
            ((3, bytes(32)), (5, bytes(32)), [], False),
            ((9, bytes(32)), (5, bytes(32)), [bytes(32)], False),
        ],
    )
    def test_the_edges_of_the_algorithm_hold(
        self, old: tuple[int, bytes], new: tuple[int, bytes], path: list[bytes], holds: bool
    ) -> None:
        def check(_: bytes) -> None:
            verify.demand_consistency(verify.Tree("", *old), verify.Tree("", *new), path)

        assert bool(accepted(check, [b""], refusal=(verify.TamperedError,))) is holds


class TestReceipt:
    def test_a_true_receipt_is_accepted(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("receipt", put(tmp_path, "r", RECEIPT)) == 0

        answer = json.loads(capsys.readouterr().out)
        assert (answer["message_id"], answer["body_checked"], answer["in_the_log"]) == ("msg_6", False, False)

    def test_a_receipt_is_compared_with_the_document(self, tmp_path: Path) -> None:
        receipt = put(tmp_path, "r", RECEIPT)

        assert run("receipt", receipt, "--body", put(tmp_path, "b", b"a body")) == 0
        assert run("receipt", receipt, "--body", put(tmp_path, "b", b"another")) == 1

    def test_a_receipt_is_compared_with_the_log(self, tmp_path: Path) -> None:
        other = prove(LOG, US, event_id=id_of(7), header=an_entry(7).header).text
        receipt = put(tmp_path, "r", RECEIPT)

        assert run("receipt", receipt, "--proof", put(tmp_path, "p", PROOF)) == 0
        assert run("receipt", receipt, "--proof", put(tmp_path, "p", other)) == 1

    def test_a_receipt_for_one_log_is_not_kept_by_another(self, tmp_path: Path) -> None:
        elsewhere = an_identity(origin="elsewhere.example")
        proof = prove(a_log(9, identity=elsewhere), elsewhere, event_id=id_of(6), header=an_entry(6).header).text

        assert run("receipt", put(tmp_path, "r", RECEIPT), "--proof", put(tmp_path, "p", proof)) == 1

    def test_a_changed_receipt_is_refused(self, tmp_path: Path) -> None:
        assert run("receipt", put(tmp_path, "r", RECEIPT.replace("school-1", "school-2"))) == 1

    def test_a_checkpoint_is_no_receipt(self, tmp_path: Path) -> None:
        assert run("receipt", put(tmp_path, "r", HEAD)) == 3

    def test_a_proof_that_shows_another_leaf_than_it_proves_is_refused(self, tmp_path: Path) -> None:
        shown, other = (to_base64(an_entry(number).header) for number in (6, 7))
        misleading = put(tmp_path, "p", PROOF.replace(shown, other))

        assert run("receipt", put(tmp_path, "r", RECEIPT), "--proof", misleading) == 1

    @pytest.mark.parametrize("more", ['"organisation":"school-2",', " "], ids=["name twice", "blank"])
    def test_two_spellings_of_one_object_are_not_both_read(self, tmp_path: Path, more: str) -> None:
        text = RECEIPT.partition("\n\n")[0].replace('"origin"', f'{more}"origin"')
        loose = write_note(f"{text}\n", a_signer())

        assert run("receipt", put(tmp_path, "r", loose)) == 3
