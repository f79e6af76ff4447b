"""Are the peers of the bench exactly what they say, from nowhere in particular, and no part of the product?"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.bench.peers import PEERS
from tests.bench.peers.environment import (
    FILES,
    LOCK,
    PACKAGES,
    NotMeasuredError,
    is_installed,
    mark_installed,
    node_red,
)
from tests.bench.peers.lock import written

ROOT = Path(__file__).parents[2]
FLOWS = [FILES / "nodered" / name for name in ("receive.json", "deliver.json")]
TOLD = sorted(path for path in FILES.rglob("*.*") if path.suffix in {".json", ".lock", ".in", ".js"})


def pinned(lock: Path) -> dict[str, str]:
    """Return what a lock of pip's installs: names and versions."""
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+) \\$", lock.read_text(), flags=re.MULTILINE))


def packages() -> dict[str, dict[str, Any]]:
    """Return what npm installs, by where it puts it."""
    told: dict[str, dict[str, Any]] = json.loads(PACKAGES[1].read_text())["packages"]
    return {where: package for where, package in told.items() if where}


def test_python_packages_have_one_version_and_hashes() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.read_text().strip())

    assert len(entries) == len(pinned(LOCK))
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_npm_packages_have_one_version_and_a_hash() -> None:
    wanted = json.loads(PACKAGES[0].read_text())["dependencies"]

    assert {name: packages()[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [where for where, told in packages().items() if not re.fullmatch(r"\d[\w.+-]*", told["version"])] == []
    assert [where for where, told in packages().items() if "integrity" not in told] == []


@pytest.mark.parametrize("path", TOLD, ids=lambda path: path.name)
def test_no_file_of_a_peer_names_an_address_but_loopback(path: Path) -> None:
    text = path.read_text()

    assert re.findall(r"\w+://|\bwww\.|--index-url|--find-links", text) == []
    assert set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text if path.suffix in {".js", ".json"} else "")) <= {"127.0.0.1"}


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_every_wire_of_a_flow_leads_to_a_node(path: Path) -> None:
    nodes = json.loads(path.read_text())

    leads_to = {target for node in nodes for output in node.get("wires", []) for target in output}

    assert leads_to
    assert leads_to <= {node["id"] for node in nodes}


def test_a_peer_goes_by_the_versions_that_are_installed() -> None:
    there = pinned(LOCK) | {where.rpartition("node_modules/")[2]: told["version"] for where, told in packages().items()}
    known = {name.lower(): version for name, version in there.items()}

    told = [tuple(part.lower().split()) for name in PEERS for part in name.split(", ")]

    assert len(told) == 4
    assert [(name, version) for name, version in told if known[name] != version] == []


def test_the_product_has_nothing_of_a_peer() -> None:
    ours = {*pinned(ROOT / "requirements.lock")}

    assert {"faststream", "faststream-outbox", "aio-pika", "aiohttp", "asyncpg"} & ours == set()
    assert {"fastapi", "uvicorn"} <= ours


def test_without_npm_a_peer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(NotMeasuredError, match="no npm here"):
        node_red()


def test_an_interrupted_or_older_installation_is_made_anew(tmp_path: Path) -> None:
    lock, folder = tmp_path / "lock", tmp_path / "installed"
    lock.write_text("a==1")
    folder.mkdir()
    before = is_installed(folder, [lock])
    mark_installed(folder, [lock])
    after = is_installed(folder, [lock])
    lock.write_text("a==2")

    assert (before, after, is_installed(folder, [lock])) == (False, True, False)


def test_a_lock_of_npms_is_written_without_addresses() -> None:
    package = {"version": "1.0.0", "resolved": "where it came from", "integrity": "sha512-AA", "license": "MIT"}

    told = json.loads(written({"name": "x", "packages": {"node_modules/a": package, "b": {"inBundle": True}}}))

    assert told["packages"] == {"node_modules/a": {"version": "1.0.0", "integrity": "sha512-AA"}}
