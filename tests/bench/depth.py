"""What does it cost when much is stored? A proof in a log of ten million leaves, and a message after a million others.

`python -m tests.bench.depth` tells this alone; `--leaves` and `--messages` make it smaller.
"""

import argparse
import json
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from gateway.audit.log import prove
from gateway.audit.verify import Key, check_proof
from tests.bench.flow import Sink, a_sink, at, carry_out, referrals, repeated
from tests.bench.full_store import fill
from tests.bench.sealing import measure_sealing
from tests.bench.stacks import OneProcess, one_process
from tests.bench.statements import scanning
from tests.bench.tall_log import event_of, header_of, tall_log
from tests.fault.gateway_process import running
from tests.fault.installation import Installation

LEAVES, MESSAGES = 10_000_000, 1_000_000
_PROOFS = 400
_ROUNDS, _ROUND_COUNT = 3, 500
_SETTLING_SECONDS = 1.0
"""How long after the last acknowledgement what it set going is done: its state, its events, their leaves."""


def measure_depth(out: Path, sink: Sink, *, leaves: int = LEAVES, messages: int = MESSAGES) -> dict[str, Any]:
    """Return what much that is stored costs, and what sealing for partners costs; *out* is a folder of their own."""
    return {**measure_log(out / "log", leaves), **measure_store(out / "store", sink, messages), **measure_sealing()}


def measure_log(folder: Path, leaves: int = LEAVES) -> dict[str, float]:
    """Return the milliseconds of making and of checking a proof, checkpoint's signature and all, for any leaf.

    Each proof is made by the product from the store's file, and checked by the stand-alone verifier.
    """
    chance = random.Random(1)  # noqa: S311 - which leaves are asked for
    began = time.monotonic()
    proofs, checks = [], []
    try:
        with tall_log(folder, leaves) as log:
            made = time.monotonic() - began
            key = Key(log.identity.signer.vkey)
            for index in (chance.randrange(leaves) for _ in range(_PROOFS)):
                told = [time.perf_counter()]
                proof = prove(
                    log.store.log_store, log.identity, event_id=event_of(index), header=header_of(index)
                ).text.encode()
                told.append(time.perf_counter())
                tree, found, _ = check_proof(proof, key)
                told.append(time.perf_counter())
                assert (tree.size, found) == (leaves, index)
                proofs.append((told[1] - told[0]) * 1e3)
                checks.append((told[2] - told[1]) * 1e3)
            size = log.store.path.stat().st_size
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "audit_leaves": leaves,
        "audit_gb": size / 1e9,
        "audit_made_s": made,
        "proof_ms": statistics.median(proofs),
        "proof_p99_ms": at(sorted(proofs), 0.99),
        "verify_ms": statistics.median(checks),
        "verify_p99_ms": at(sorted(checks), 0.99),
    }


def measure_store(folder: Path, sink: Sink, messages: int = MESSAGES) -> dict[str, Any]:
    """Return what a message costs in an empty store, and in the same store once it holds *messages* more."""
    try:
        with one_process(folder, sink.url) as stack:
            made = stack.installation
            empty = _cost(stack, sink, "E")
        began = time.monotonic()
        stored = fill(made, messages)
        filled = time.monotonic() - began
        size = made.database.stat().st_size
        scans = scanning(made)
        opened, full = _full(made, sink)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "stored_messages": stored,
        "stored_gb": size / 1e9,
        "stored_in_s": filled,
        "ready_with_them_s": opened,
        "statements_that_scan": len(scans),
        **{f"scan_{number}": statement for number, statement in enumerate(scans)},
        **{f"{name}_empty": figure for name, figure in empty.items()},
        **{f"{name}_at_a_million": figure for name, figure in full.items()},
        "cost_at_a_million_percent": (full["cpu_ms_up"] / empty["cpu_ms_up"] - 1) * 100,
    }


def _full(made: Installation, sink: Sink) -> tuple[float, dict[str, float]]:
    """Return how many seconds the full store's gateway takes to be ready, and what a message costs it."""
    with running(made) as process:
        opened = time.monotonic() - process.began
        return opened, _cost(OneProcess(installation=made, process=process), sink, "M")


def _cost(stack: OneProcess, sink: Sink, prefix: str) -> dict[str, float]:
    """Return CPU and rates of some hundred messages, sent as fast as they are taken; the first do not count."""
    rounds = [_round(stack, sink, f"{prefix}{number}", ord(prefix) + number) for number in range(_ROUNDS + 1)]
    return repeated(rounds[1:])


def _round(stack: OneProcess, sink: Sink, prefix: str, seed: int) -> dict[str, float]:
    sink.forget()
    before = stack.cpu_ms()["up"]
    sent, _ = carry_out(referrals(stack, prefix=prefix, seed=seed, count=_ROUND_COUNT, seconds=120.0))
    times = sink.arrivals(len(sent))
    time.sleep(_SETTLING_SECONDS)
    began, ended = min(one.due for one in sent), max(one.answered for one in sent)
    return {
        "cpu_ms_up": (stack.cpu_ms()["up"] - before) / len(sent),
        "accept_per_second": len(sent) / (ended - began),
        "whole_path_per_second": len(sent) / (max(times.values()) - began),
    }


def main() -> None:
    """Measure this part alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaves", type=int, default=LEAVES)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--disk", type=Path, default=Path("/var/tmp"))  # noqa: S108 - a folder of our own is made in it
    chosen = parser.parse_args()
    out = Path(tempfile.mkdtemp(prefix="gateway-bench-", dir=chosen.disk))
    try:
        with a_sink() as sink:
            found = measure_depth(out, sink, leaves=chosen.leaves, messages=chosen.messages)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
