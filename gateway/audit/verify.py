"""Is what the gateway says about its audit log true? Checked with Python's standard library and `cryptography` alone.

    python verify.py proof       FILE                --key VKEY
    python verify.py export      ZIP                 --key VKEY
    python verify.py consistency OLD NEW PROOF       --key VKEY
    python verify.py log         DATABASE_OR_FOLDER  --key VKEY [--head CHECKPOINT] [--authority CODE]
    python verify.py receipt     FILE                --key VKEY [--body FILE] [--proof FILE]

VKEY is the log's public key, `name+id+key`. Get it from somebody you trust: a key found beside the evidence is worth
nothing. Exit status: 0 all is true, 1 something was tampered with, 3 it cannot be read as what it should be.

This file imports nothing of the gateway and shares no code with it, so that one mistake cannot hide in both.
"""

import argparse
import base64
import hashlib
import heapq
import hmac
import json
import re
import sqlite3
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import reduce
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

UNPACKING = (EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
FOREIGN = (OSError, ValueError, KeyError, TypeError, AttributeError, sqlite3.Error, *UNPACKING)
BIGGEST_FILE = 1 << 30
HASH, TILE, ED25519, EMPTY = 32, 256, 1, hashlib.sha256(b"").digest()
SHOWN, HIDDEN = {"seq", "index", "header", "key", "words"}, {"seq", "commitment"}
PROOF = r"c2sp\.org/tlog-proof@v1\n(?:extra ([^\n]+)\n)?index (0|[1-9][0-9]{0,18})((?:\n[^\s]+)*)"
NODES = "SELECT node_index, hash FROM audit_node WHERE authority = ? AND level = ? ORDER BY node_index"
LEAVES = """SELECT l.leaf_index, l.leaf_hash, e.header, e.commitment FROM audit_leaf l
    LEFT JOIN audit_event e ON e.authority = l.authority AND e.event_id = l.event_id
    WHERE l.authority = ? ORDER BY l.leaf_index"""


class TamperedError(Exception):
    """Something is not what was signed. What is not even of the right form raises ValueError."""


class Tree(NamedTuple):
    """A tree head."""

    origin: str
    size: int
    root: bytes


class Key:
    """The public key everything is measured by."""

    def __init__(self, vkey: str, origin: str | None = None) -> None:
        found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", vkey.strip())
        raw = unbase64(found[3]) if found else b""
        if found is None or len(raw) != HASH + 1 or raw[0] != ED25519:
            raise ValueError("--key is not an Ed25519 verifier key (name+id+key)")
        self.name, self.origin, self.public = found[1], origin, Ed25519PublicKey.from_public_bytes(raw[1:])
        self.id = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if self.id.hex() != found[2]:
            raise ValueError("--key: the id does not belong to the key")

    def text_of(self, note: bytes) -> str:
        """Return the signed text of a note."""
        body, _, tail = note.decode("utf-8").rpartition("\n\n")
        signatures = re.findall("\u2014 ([^ +\n]+) ([^ \n]+)\n", tail)
        if not signatures or "".join(f"\u2014 {name} {blob}\n" for name, blob in signatures) != tail:
            raise ValueError("this is not a signed note")
        good = [unbase64(blob)[4:] for name, blob in signatures if (name, unbase64(blob)[:4]) == (self.name, self.id)]
        if not good:
            raise TamperedError("the key you trust has not signed this")
        for signature in good:
            self.public.verify(signature, f"{body}\n".encode())
        return body + "\n"

    def tree_of(self, note: bytes, size: int | None = None) -> Tree:
        """Return the tree head a checkpoint signs, which must be of *size* leaves where that is given."""
        found = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/=]+)\n", self.text_of(note))
        if found is None:
            raise ValueError("this is not a checkpoint")
        if self.origin not in {None, found[1]} or size not in {None, int(found[2])}:
            raise TamperedError(f"this checkpoint is of {found[1]} at {found[2]} leaves, not the one it should be")
        return Tree(found[1], int(found[2]), unbase64(found[3], HASH))

    def titled(self, note: bytes, title: str) -> dict[str, object]:
        """Return the JSON object of a signed statement that starts with *title*."""
        first, _, rest = self.text_of(note).partition("\n")
        if first != title:
            raise ValueError(f"this does not start with {title}")
        return obj(rest.encode())


def unbase64(text: str, size: int | None = None) -> bytes:
    """Return bytes, refusing any but the one proper spelling, and any but *size* of them."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text or size not in {None, len(raw)}:
        raise ValueError("base 64 with loose bits, or a hash of the wrong length")
    return raw


def spelled(value: object) -> bytes:
    """Return JSON as RFC 8785 spells it, for what the log uses: ASCII names, no fractions."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def obj(raw: bytes) -> dict[str, object]:
    """Return a JSON object that is spelled in the one proper way, so that two readers cannot read it differently."""
    read_as = json.loads(raw)
    if not isinstance(read_as, dict) or spelled(read_as) != raw.strip():
        raise ValueError("this is not a JSON object in canonical form")
    return read_as


def leaf(data: bytes) -> bytes:
    """Return RFC 6962's hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def pair(left: bytes, right: bytes) -> bytes:
    """Return RFC 6962's hash of two children."""
    return hashlib.sha256(b"\1" + left + right).digest()


def climb(at: int, last: int, path: list[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Yield each step to the root, and whether it stands on the left. Source: RFC 9162, 2.1.3.2 and 2.1.4.2."""
    for step in path:
        if last == 0:
            raise TamperedError("the path is too long")
        is_left = bool(at & 1) or at == last
        while is_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
        yield is_left, step
    if last:
        raise TamperedError("the path is too short")


def demand_inclusion(result: bytes, index: int, tree: Tree, path: list[bytes]) -> None:
    """Raise unless the path leads from the leaf to the root."""
    if index >= tree.size:
        raise TamperedError("the leaf lies outside the tree")
    for is_left, step in climb(index, tree.size - 1, path):
        result = pair(step, result) if is_left else pair(result, step)
    if result != tree.root:
        raise TamperedError("the leaf is not in the log that was signed")


def demand_consistency(old: Tree, new: Tree, path: list[bytes]) -> None:
    """Raise unless the path leads to both roots. The RFC leaves out the empty tree: it begins every other."""
    if old.size in {0, new.size}:
        if path or old.root != (new.root if old.size else EMPTY) or (new.size == 0 and new.root != EMPTY):
            raise TamperedError("the two checkpoints contradict each other")
        return
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    steps = path if old.size & (old.size - 1) else [old.root, *path]
    if old.size > new.size or not steps:
        raise TamperedError("the log has become shorter, or the path is empty")
    first = second = steps[0]
    for is_left, step in climb(at, last, steps[1:]):
        first = pair(step, first) if is_left else first
        second = pair(step, second) if is_left else pair(second, step)
    if (first, second) != (old.root, new.root):
        raise TamperedError("the new log does not begin with the old one")


def read(path: Path) -> bytes:
    """Return a file that is not absurdly large."""
    if path.stat().st_size > BIGGEST_FILE:
        raise ValueError(f"{path.name} is too large")
    return path.read_bytes()


def check_proof(data: bytes, key: Key, entry: bytes | None = None) -> tuple[Tree, int, bytes | None]:
    """Check a tlog-proof; return tree, index and the leaf itself if the file holds it."""
    top, _, note = data.partition(b"\n\n")
    found = re.fullmatch(PROOF, top.decode("ascii"))
    if found is None or (found[1] is None and entry is None):
        raise ValueError("this is not a tlog-proof, or it does not say what it proves")
    header = None if found[1] is None else unbase64(found[1])
    if header is not None and entry not in {None, leaf(header)}:
        raise TamperedError("the proof is about another leaf")
    tree = key.tree_of(note)
    path = [unbase64(line, HASH) for line in found[3].split()]
    demand_inclusion(entry or leaf(header or b""), int(found[2]), tree, path)
    return tree, int(found[2]), header


def proof(args: argparse.Namespace, key: Key) -> dict[str, object]:
    """Check one inclusion proof."""
    tree, index, header = check_proof(read(args.file), key)
    return {"origin": tree.origin, "size": tree.size, "index": index, "event": obj(header or b"{}")}


def consistency(args: argparse.Namespace, key: Key) -> dict[str, object]:
    """Check that the log behind one checkpoint begins with the log behind another."""
    old, new = key.tree_of(read(args.old)), key.tree_of(read(args.new))
    top, _, note = read(args.proof).partition(b"\n\n")
    lines = top.decode("ascii").split("\n")
    if key.tree_of(note) != new or old.origin != new.origin or lines[0] != f"old {old.size}":
        raise TamperedError("the proof and the checkpoints are not of the same log and sizes")
    demand_consistency(old, new, [unbase64(line, HASH) for line in lines[1:]])
    return {"origin": new.origin, "old_size": old.size, "size": new.size}


def receipt(args: argparse.Namespace, key: Key) -> dict[str, object]:
    """Check a receipt, and what it is about where that is given."""
    said = key.titled(read(args.file), "ecaf-gateway/receipt@v1")
    if args.body and hashlib.sha256(read(args.body)).hexdigest() != said["body_sha256"]:
        raise TamperedError("the receipt is for another document")
    entry = bytes.fromhex(str(said["leaf_hash"]))
    if args.proof and check_proof(read(args.proof), key, entry)[0].origin != said["origin"]:
        raise TamperedError("the proof is of another log than the receipt names")
    return {**said, "body_checked": bool(args.body), "in_the_log": bool(args.proof)}


def check_event(line: dict[str, object], before: str | None, key: Key, sealed: bytes) -> tuple[Tree, str]:
    """Check one shown event of an export against its proof; return the tree and the event's commitment."""
    header, words = str(line["header"]).encode(), line["words"]
    said = obj(header)
    if not isinstance(words, dict) or set(line) != SHOWN:
        raise ValueError("an event in the export is not written as events are")
    parts = {
        name: part["commitment"] if set(part) == {"commitment"} else mac(part["key"], part["value"])
        for name, part in words.items()
    }
    if mac(line["key"], parts) != said["commitment"]:
        raise TamperedError(f"event {line['seq']}: its words are not those that were logged")
    link = [words[name].get("value") if name in words else None for name in ("subject_seq", "subject_prev")]
    if link != [line["seq"], before]:
        raise TamperedError(f"event {line['seq']} does not follow the one before it: one is missing")
    tree, index, entry = check_proof(sealed, key)
    if (index, entry) != (line["index"], header):
        raise TamperedError(f"event {line['seq']}: the proof is about another leaf")
    return tree, str(said["commitment"])


def mac(secret: object, value: object) -> str:
    """Return the commitment to a value, given its key in lower-case hexadecimal digits and no other spelling."""
    raw = bytes.fromhex(str(secret))
    if raw.hex() != secret:
        raise ValueError("a key is not spelled as keys are")
    return hmac.new(raw, spelled(value), "sha256").hexdigest()


def export(args: argparse.Namespace, key: Key) -> dict[str, object]:
    """Check a child's export: every file, every event, every proof, and that no event is missing."""
    with zipfile.ZipFile(args.file) as archive:
        names = archive.namelist()
        if sum(info.file_size for info in archive.infolist()) > BIGGEST_FILE or len(set(names)) != len(names):
            raise ValueError("the ZIP is too large, or names a file twice")
        files = {name: archive.read(name) for name in names}
    manifest = key.titled(files.pop("manifest.note"), "ecaf-gateway/export@v1")
    if {name: hashlib.sha256(body).hexdigest() for name, body in files.items()} != manifest["files"]:
        raise TamperedError("a file of the export was changed, added or taken away")
    tree, before, hidden = key.tree_of(files["checkpoint"]), None, 0
    lines = [obj(line) for line in files["events.jsonl"].splitlines()]
    for number, line in enumerate(lines):
        if line["seq"] != number:
            raise TamperedError(f"event {number} is missing")
        if set(line) == HIDDEN:
            before, hidden = str(line["commitment"]), hidden + 1
            continue
        under, before = check_event(line, before, key, files[f"proofs/{number:06d}.tlog-proof"])
        if under != tree:
            raise TamperedError(f"event {number}: the proof is under another checkpoint")
    found: dict[str, object] = {"origin": tree.origin, "size": tree.size, "events": len(lines), "withheld": hidden}
    if {**found, "last_commitment": before} != {name: manifest[name] for name in (*found, "last_commitment")}:
        raise TamperedError("the last events are missing, or this is another log")
    return found


def rehash(leaves: Iterator[bytes], heads: Iterator[Tree], nodes: Callable[[int], Iterator[bytes] | None]) -> Tree:
    """Grow the tree again and compare every stored part and every signed head; return the last head."""
    parts, stored, size = dict[int, bytes](), dict[int, Iterator[bytes] | None](), 0
    last, head = None, next(heads, None)
    for node in leaves:
        height = 0
        while height in parts:
            node, height = pair(parts.pop(height), node), height + 1  # noqa: PLW2901 - the leaf grows to the part it ends
            kept = stored.setdefault(height, nodes(height) if height not in stored else None)
            if kept is not None and next(kept, None) != node:
                raise TamperedError(f"the stored part {size >> height} of height {height} is not what its leaves give")
        parts[height], size = node, size + 1
        while head is not None and head.size == size:
            if head.root != reduce(lambda right, at: pair(parts[at], right), sorted(parts)[1:], parts[min(parts)]):
                raise TamperedError(f"the log signed at {size} leaves was another one")
            last, head = head, next(heads, None)
    if head is not None or last is None or last.size != size:
        raise TamperedError(f"{(head or last or Tree('', 0, EMPTY)).size} leaves were signed, {size} are here")
    return last


def log(args: argparse.Namespace, key: Key) -> dict[str, object]:
    """Check a whole log, from the store itself or from its published tiles."""
    outside = [key.tree_of(read(args.head))] if args.head else []
    if args.file.is_dir():
        return tiles(args.file, key, outside)
    with closing(sqlite3.connect(f"{args.file.resolve().as_uri()}?mode=ro", uri=True)) as db:
        db.execute("BEGIN")  # one view of all tables, though the gateway goes on writing
        found = [name for (name,) in db.execute("SELECT DISTINCT authority FROM audit_checkpoint")]
        chosen = [name for name in found if args.authority in {None, name}]
        if len(chosen) != 1:
            raise ValueError(f"choose one log with --authority, of: {', '.join(found) or 'none'}")
        signed = db.execute("SELECT size, note FROM audit_checkpoint WHERE authority = ? ORDER BY size", chosen)
        heads = (key.tree_of(note.encode(), size) for size, note in signed)
        last = rehash(
            stored_leaves(db, chosen),
            heapq.merge(heads, outside, key=lambda head: head.size),
            lambda height: (part for _, part in db.execute(NODES, (*chosen, height))),
        )
        (parts,) = db.execute("SELECT count(*) FROM audit_node WHERE authority = ?", chosen).fetchone()
        if parts != last.size - last.size.bit_count():
            raise TamperedError("the store holds parts of the tree that no leaves give")
    return {"origin": last.origin, "size": last.size, "root": last.root.hex()}


def stored_leaves(db: sqlite3.Connection, chosen: list[str]) -> Iterator[bytes]:
    """Yield the store's leaf hashes in order, each compared with its event."""
    for number, (index, stored, header, commitment) in enumerate(db.execute(LEAVES, chosen)):
        if header is None or (index, stored) != (number, leaf(header)):
            raise TamperedError(f"leaf {number} is missing, or is not the event that is stored")
        if json.loads(header)["commitment"] != commitment.hex():
            raise TamperedError(f"leaf {number} commits to something else")
        yield stored


def tiles(folder: Path, key: Key, outside: list[Tree]) -> dict[str, object]:
    """Check a log's published tiles."""
    head = key.tree_of(read(folder / "checkpoint"))
    last = rehash(
        hashes(folder, 0, head.size),
        iter(sorted([head, *outside], key=lambda one: one.size)),
        lambda height: None if height % 8 else hashes(folder, height // 8, head.size >> height),
    )
    return {"origin": last.origin, "size": last.size, "root": last.root.hex()}


def hashes(folder: Path, level: int, count: int) -> Iterator[bytes]:
    """Yield the hashes of one level of tiles."""
    for number in range(-(-count // TILE)):
        width = min(TILE, count - number * TILE)
        *outer, name = re.findall("...", str(number).zfill(3 * -(-len(str(number)) // 3)))
        full = folder.joinpath("tile", str(level), *(f"x{part}" for part in outer), name)
        partial = full.with_name(f"{name}.p") / str(width)
        body = read(partial if partial.exists() else full)
        if len(body) < width * HASH:
            raise ValueError(f"tile {level}/{number} is too short")
        yield from (body[at : at + HASH] for at in range(0, width * HASH, HASH))


def parse(words: list[str]) -> argparse.Namespace:
    """Return what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(required=True, dest="mode")
    for check, names in MODES.items():
        mode = modes.add_parser(check.__name__, help=check.__doc__)
        mode.set_defaults(check=check)
        for name in names.split():
            mode.add_argument(name, type=str if name == "--authority" else Path)
        mode.add_argument("--key", required=True, help="the public key you trust")
        mode.add_argument("--origin", help="the log it must be; without it any log this key signs")
        mode.add_argument("--json", action="store_true", help="answer in JSON")
    return parser.parse_args(words)


MODES = {proof: "file", export: "file", consistency: "old new proof"}
MODES |= {log: "file --head --authority", receipt: "file --body --proof"}


def main(words: list[str]) -> int:
    """Run one check and return the exit status."""
    try:
        args = parse(words)
    except SystemExit as ended:
        return 3 if ended.code else 0  # 1 means tampered, and a wrong call is not that
    status, answer = 0, {"ok": True, "mode": args.mode}
    try:
        answer |= args.check(args, Key(args.key, args.origin))
    except (TamperedError, InvalidSignature) as error:
        status, answer = 1, {**answer, "ok": False, "tampered": str(error) or "the signature is wrong"}
    except FOREIGN as error:
        status, answer = 3, {**answer, "ok": False, "unreadable": f"{type(error).__name__}: {error}"}
    told = json.dumps(answer) if args.json else "\n".join(f"{name}: {value}" for name, value in answer.items())
    sys.stdout.write(told + "\n")
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
