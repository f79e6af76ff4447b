"""Which network do nodes have that are to be cut off from one another? Each a namespace of its own, on one bridge.

Namespaces are root's. Where a process was killed before it could take its own away, the next one does.
"""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from gateway.demo.engines.rabbitmq import Place

SUBNET = f"10.{200 + os.getpid() // 250 % 50}.{os.getpid() % 250}"
"""The network of this process; another one at the same time has another."""
ADDRESSES = tuple(f"{SUBNET}.{number}" for number in (1, 2, 3))
_OURS = f"{SUBNET}.254"
_PREFIX = "cut"


def is_allowed() -> bool:
    """Tell whether we may make namespaces."""
    return os.geteuid() == 0


class Network:
    """Three places that reach one another and us, until they are cut off."""

    def __init__(self) -> None:
        _forget_the_dead()
        self._bridge = f"{_PREFIX}{os.getpid()}"
        self._names = {address: f"{self._bridge}-{number}" for number, address in enumerate(ADDRESSES, 1)}
        self.places = tuple(
            Place(host=address, within=("ip", "netns", "exec", name)) for address, name in self._names.items()
        )

    def __enter__(self) -> Self:
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        _remove(self._bridge, self._names.values())

    def _make(self) -> None:
        _ip(f"link add {self._bridge} type bridge")
        _ip(f"address add {_OURS}/24 dev {self._bridge}")
        _ip(f"link set {self._bridge} up")
        for address, name in self._names.items():
            _ip(f"netns add {name}")
            _ip(f"link add {name} type veth peer name eth0 netns {name}")
            _ip(f"link set {name} master {self._bridge} up")
            _ip(f"-n {name} link set lo up")
            _ip(f"-n {name} address add {address}/24 dev eth0")
            _ip(f"-n {name} link set eth0 up")

    def cut(self, one: str, other: str) -> None:
        """Let nothing pass between two places any more; both still reach everybody else."""
        for here, there in ((one, other), (other, one)):
            _ip(f"-n {self._names[here]} route add blackhole {there}/32")

    def unplug(self, one: str) -> None:
        """Take the cable out of a place: neither its peers nor we reach it."""
        _ip(f"link set {self._names[one]} down")

    def heal(self) -> None:
        """Put everything right again."""
        for name in self._names.values():
            _ip(f"link set {name} up")
            _ip(f"-n {name} route flush type blackhole")


def _ip(words: str, *, check: bool = True) -> str:
    return subprocess.run(["ip", *words.split()], check=check, capture_output=True, text=True).stdout


def _remove(bridge: str, names: Iterable[str]) -> None:
    """Remove what there is of it; a cable by itself, for a namespace takes its time to take its own."""
    for name in names:
        _ip(f"link delete {name}", check=False)
        _ip(f"netns delete {name}", check=False)
    _ip(f"link delete {bridge}", check=False)


def _forget_the_dead() -> None:
    """Remove what those left that were killed: it is named by their numbers."""
    words = [line.split()[0] for line in _ip("netns list").splitlines()]
    ours = [word for word in words if word.startswith(_PREFIX)]
    for bridge in {word.partition("-")[0] for word in ours}:
        if not Path("/proc", bridge.removeprefix(_PREFIX)).exists():
            _remove(bridge, [word for word in ours if word.partition("-")[0] == bridge])
