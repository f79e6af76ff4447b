"""Does the outsider's program find whatever was done to an export?"""

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.audit import verify
from gateway.audit.note import write_note
from tests.unit.audit.log_builders import (
    a_chain,
    a_signer,
    accepted,
    an_export,
    every_flip,
    logged,
    unzipped,
    zipped,
)
from tests.unit.audit.verify_tools import (
    EXPORT,
    HEAD,
    KEY,
    OTHER_VKEY,
    REFUSED,
    put,
    run,
)


def resigned(files: dict[str, bytes], **changes: object) -> bytes:
    """Return an export whose signed list was made again, as the log's own operator could."""
    said = json.loads(files["manifest.note"].decode().split("\n")[1])
    said["files"] = {name: hashlib.sha256(body).hexdigest() for name, body in files.items() if name != "manifest.note"}
    text = json.dumps({**said, **changes}, sort_keys=True, separators=(",", ":"))
    return zipped({**files, "manifest.note": write_note(f"ecaf-gateway/export@v1\n{text}\n", a_signer()).encode()})


def without_event(number: int) -> dict[str, bytes]:
    """Return the export's files with one event taken out and the rest numbered anew."""
    files = unzipped(EXPORT)
    lines = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    del lines[number]
    kept = [json.dumps({**line, "seq": seq}, sort_keys=True, separators=(",", ":")) for seq, line in enumerate(lines)]
    proofs = [files.pop(f"proofs/00000{seq}.tlog-proof") for seq in range(4)]
    del proofs[number]
    named = {f"proofs/00000{seq}.tlog-proof": proof for seq, proof in enumerate(proofs)}
    return {**files, **named, "events.jsonl": "".join(f"{line}\n" for line in kept).encode()}


class TestExport:
    def test_a_whole_export_is_accepted(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("export", put(tmp_path, "e.zip", EXPORT)) == 0

        answer = json.loads(capsys.readouterr().out)
        assert (answer["events"], answer["withheld"]) == (4, 0)

    def test_an_export_with_withheld_words_and_events_is_accepted(self, tmp_path: Path) -> None:
        events = logged(a_chain(4))
        events[1] = replace(events[1], is_withheld=True)
        events[2] = replace(events[2], withhold=frozenset({"idempotency_key"}))

        assert run("export", put(tmp_path, "e.zip", an_export(events).archive)) == 0

    def test_an_export_under_a_key_that_is_not_trusted_is_refused(self, tmp_path: Path) -> None:
        assert run("export", put(tmp_path, "e.zip", EXPORT), key=OTHER_VKEY) == 1

    @pytest.mark.parametrize("name", sorted(unzipped(EXPORT)))
    def test_a_file_that_was_changed_is_found(self, tmp_path: Path, name: str) -> None:
        files = unzipped(EXPORT)
        changed = {**files, name: files[name].replace(b"0", b"1", 1)}

        assert run("export", put(tmp_path, "e.zip", zipped(changed))) == 1

    @pytest.mark.parametrize("name", sorted(set(unzipped(EXPORT)) - {"manifest.note"}))
    def test_a_file_that_was_taken_away_is_found(self, tmp_path: Path, name: str) -> None:
        files = {kept: body for kept, body in unzipped(EXPORT).items() if kept != name}

        assert run("export", put(tmp_path, "e.zip", zipped(files))) == 1

    def test_a_file_that_was_added_is_found(self, tmp_path: Path) -> None:
        assert run("export", put(tmp_path, "e.zip", zipped({**unzipped(EXPORT), "letter.html": b""}))) == 1

    def test_without_its_signed_list_an_export_is_unreadable(self, tmp_path: Path) -> None:
        files = {name: body for name, body in unzipped(EXPORT).items() if name != "manifest.note"}

        assert run("export", put(tmp_path, "e.zip", zipped(files))) == 3

    @pytest.mark.parametrize("number", range(4))
    def test_an_event_silently_removed_is_found(self, tmp_path: Path, number: int) -> None:
        files = without_event(number)

        assert run("export", put(tmp_path, "e.zip", zipped(files))) == 1

    @pytest.mark.parametrize("number", range(4))
    def test_an_event_removed_by_the_one_who_signs_is_found(self, tmp_path: Path, number: int) -> None:
        assert run("export", put(tmp_path, "e.zip", resigned(without_event(number)))) == 1

    @pytest.mark.parametrize("number", range(3))
    def test_an_event_removed_and_the_count_lowered_is_found(self, tmp_path: Path, number: int) -> None:
        last = a_chain(4)[3].commitment.hex()
        archive = resigned(without_event(number), events=3, last_commitment=last)

        assert run("export", put(tmp_path, "e.zip", archive)) == 1

    @pytest.mark.parametrize("number", range(3))
    def test_an_event_removed_without_numbering_the_rest_anew_is_found(self, tmp_path: Path, number: int) -> None:
        files = unzipped(EXPORT)
        lines = files["events.jsonl"].splitlines(keepends=True)
        files["events.jsonl"] = b"".join(lines[:number] + lines[number + 1 :])

        assert run("export", put(tmp_path, "e.zip", resigned(files, events=3))) == 1

    def test_a_withheld_event_cannot_stand_for_two(self, tmp_path: Path) -> None:
        events = logged(a_chain(4))
        files = unzipped(an_export([events[0], replace(events[1], is_withheld=True), *events[2:]]).archive)
        files["events.jsonl"] = files["events.jsonl"].replace(b'"seq":1}', b'"seq":2}')

        assert run("export", put(tmp_path, "e.zip", resigned(files))) == 1

    def test_the_zip_that_names_a_file_twice_is_unreadable(self, tmp_path: Path) -> None:
        files = unzipped(EXPORT)
        path = put(tmp_path, "e.zip", EXPORT)
        with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
            archive.writestr("checkpoint", files["checkpoint"])

        assert run("export", path) == 3

    @pytest.mark.parametrize("body", [b"", b"no zip at all", EXPORT[: len(EXPORT) // 2]], ids=["empty", "text", "half"])
    def test_what_is_no_zip_is_unreadable(self, tmp_path: Path, body: bytes) -> None:
        assert run("export", put(tmp_path, "e.zip", body)) == 3

    @pytest.mark.parametrize(
        ("place", "byte"),
        [
            pytest.param(8, 1, id="encrypted"),
            pytest.param(10, 97, id="packed in a way nobody knows"),
        ],
    )
    def test_a_zip_that_nobody_can_unpack_is_unreadable(self, tmp_path: Path, place: int, byte: int) -> None:
        """And not called tampered with: that is what 1 says, with which Python ends on what nobody has caught."""
        entry = EXPORT.index(b"PK\x01\x02")
        local = bytearray(EXPORT)
        local[entry + place] = byte
        local[6] |= local[entry + 8]

        assert run("export", put(tmp_path, "e.zip", bytes(local))) == 3

    def test_an_event_that_is_no_event_is_unreadable(self, tmp_path: Path) -> None:
        files = unzipped(EXPORT)
        line = json.loads(files["events.jsonl"].splitlines()[0]) | {"more": 1}
        first = json.dumps(line, sort_keys=True, separators=(",", ":")).encode()
        files["events.jsonl"] = b"\n".join([first, *files["events.jsonl"].splitlines()[1:]])

        assert run("export", put(tmp_path, "e.zip", resigned(files))) == 3

    def test_a_proof_under_another_checkpoint_is_found(self, tmp_path: Path) -> None:
        files = unzipped(EXPORT)
        files["checkpoint"] = HEAD.encode()

        assert run("export", put(tmp_path, "e.zip", resigned(files, size=13))) == 1

    def test_a_proof_of_another_event_is_found(self, tmp_path: Path) -> None:
        files = unzipped(EXPORT)
        files["proofs/000001.tlog-proof"] = files["proofs/000002.tlog-proof"]

        assert run("export", put(tmp_path, "e.zip", resigned(files))) == 1

    def test_no_bit_of_an_event_can_be_turned_even_by_the_one_who_signs(self) -> None:
        files = unzipped(EXPORT)
        line = files["events.jsonl"].splitlines()[1]
        before, proof = a_chain(1)[0].commitment.hex(), files["proofs/000001.tlog-proof"]

        def check(changed: bytes) -> None:
            read = verify.obj(changed)
            assert read["seq"] == 1
            verify.check_event(read, before, KEY, proof)

        assert accepted(check, every_flip(line), refusal=(*REFUSED, AssertionError)) == []
