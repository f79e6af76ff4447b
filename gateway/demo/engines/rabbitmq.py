"""How does one get a RabbitMQ of one's own, for a demonstration or a test?

A private node: own name, ports, folders, cookie and name daemon, all on loopback, ended by process id. Debian's wrapper
is not used (it would run as another user and under the machine's own settings), but the script it wraps is.
"""

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from gateway.demo.engines.ports import free_port

HOST = "127.0.0.1"
USER = PASSWORD = "engine"
START_SECONDS = 60
_TRIES, _TRY_SECONDS = 6, 8.0
_SCRIPTS = "lib/rabbitmq_server-*/sbin"
_HOME = Path("/usr/lib/rabbitmq")
_QUIET = "+sbwt none +sbwtdcpu none +sbwtdio none"
_USUAL_PORTS = {"amqp": 5672, "amqps": 5671, "http": 15672, "distribution": 25672}
_NAMES_PORT = 4369
_numbers = count(1)


def scripts() -> Path:
    """Return the folder of RabbitMQ's own scripts, as Debian's package lays them."""
    found = sorted(_HOME.glob(_SCRIPTS))
    if not found:
        raise FileNotFoundError("RabbitMQ is not installed here; `make rabbitmq` does it")
    return found[-1]


def _ended(process: subprocess.Popen[bytes], *, seconds: float = 30) -> None:
    """Return when *process* has ended, by its own will or not."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Files of a TLS side: whoever vouches, the broker's certificate, and its key."""

    authority: Path
    server: Path
    server_key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a node runs: at which address, and *within* which program that leads there, such as `ip netns exec`.

    Shape: with an address of its own it has the usual ports, which no outgoing connection there can have taken.
    """

    host: str = HOST
    within: tuple[str, ...] = ()

    def ports(self) -> Mapping[str, int]:
        """Return the ports of a node there."""
        return {name: free_port() if self.host == HOST else usual for name, usual in _USUAL_PORTS.items()}


class NameDaemon:
    """An epmd of our own: without it nodes would register with the machine's."""

    def __init__(self, place: Place, port: int) -> None:
        self.port = port
        self._process = subprocess.Popen(
            _with_us([*place.within, "epmd", "-port", str(port), "-address", place.host]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        _ended(self._process)


def _with_us(command: Sequence[str]) -> list[str]:
    """Return *command* so that the kernel ends it if we are killed."""
    return ["setpriv", "--pdeathsig", "KILL", *command]


@dataclass(slots=True, kw_only=True)
class Node:
    """One private broker node.

    Shape: `amqp`, `amqps`, `http` and `distribution` are its ports, the same after a restart; `first` is the node whose
    cluster it joins when it starts for the first time. A peer that is silent for `tick_seconds` is taken for gone.
    `environment` is what it is told beside what it must be told.
    """

    folder: Path
    names: NameDaemon
    cookie: str
    certificates: Certificates | None = None
    first: "Node | None" = None
    place: Place = Place()
    tick_seconds: int = 60
    environment: Mapping[str, str] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"rabbit{next(_numbers)}x{os.getpid()}")
    amqp: int = field(default_factory=free_port)
    amqps: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    distribution: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    serves_since: float = 0.0

    @property
    def node_name(self) -> str:
        """Return the name by which Erlang knows it."""
        return f"{self.name}@{'localhost' if self.place.host == HOST else self.place.host}"

    def start(self) -> Self:
        """Start the node and return once it serves."""
        self.launch()
        self.wait()
        return self

    def launch(self) -> None:
        """Start the node and return at once."""
        self._write_folder()
        log = (self.folder / "console.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                _with_us([*self.place.within, str(scripts() / "rabbitmq-server")]),
                env=self._environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Return once the node serves, or fail with what it said."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                break
            if self._serves():
                self.serves_since = time.monotonic()
                return
            time.sleep(0.05)
        raise RuntimeError(f"the broker did not start: {(self.folder / 'console.log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End the node in good order: SIGTERM makes RabbitMQ close its queues."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the node at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let the node stand still, its sockets open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def control(self, *words: str) -> str:
        """Return what `rabbitmqctl` answers; it takes over a second, so `call` is the better way where both work."""
        command = [*self.place.within, str(scripts() / "rabbitmqctl"), "--node", self.node_name, "--quiet", *words]
        done = subprocess.run(
            command, env=self._environment(), cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"rabbitmqctl {words[0]}: {done.stdout} {done.stderr}")
        return done.stdout

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer of the node's own HTTP interface, or None if it has no words for it."""
        status, answer = self._http(method, path, body)
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None

    def make_virtual_host(self, name: str) -> None:
        """Make a virtual host; a node that has only just joined does not hear of it, and RabbitMQ then waits in vain.

        Raises:
            TimeoutError: it is not made however often one asks.
        """
        for _ in range(_TRIES):
            with suppress(TimeoutError):
                self._http("PUT", f"/vhosts/{name}", None, seconds=_TRY_SECONDS)
                return
        raise TimeoutError("the cluster makes no virtual host")

    @contextmanager
    def virtual_host(self) -> Iterator[str]:
        """Give a virtual host that nobody else uses, and forget it afterwards.

        If the node was restarted meanwhile it is left there: RabbitMQ 3.10.8 takes seconds to delete it, and if it
        is still starting the workers of queues that dead-letter at least once, their supervisor gives up, and with it
        every such queue of the node.
        """
        name, since = f"test-{secrets.token_hex(6)}", self.serves_since
        self.call("PUT", f"/vhosts/{name}")
        try:
            yield name
        finally:
            if self.serves_since == since:
                self.call("DELETE", f"/vhosts/{name}")

    def drop_connections(self) -> None:
        """Close every client's connection, as an operator can."""
        for connection in self.call("GET", "/connections"):
            self._http("DELETE", f"/connections/{quote(connection['name'], safe='')}", None)

    def _http(self, method: str, path: str, body: Any, *, seconds: float = 30) -> tuple[int, bytes]:
        connection = HTTPConnection(self.place.host, self.http, timeout=seconds)
        shown = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {shown}", "Content-Type": "application/json"}
        try:
            connection.request(method, f"/api{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _serves(self) -> bool:
        try:
            with socket.create_connection((self.place.host, self.amqp), timeout=1):
                return self._http("GET", "/overview", None)[0] == 200
        except OSError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        if self.process is not None:
            _ended(self.process)
        self.process = None

    def _write_folder(self) -> None:
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        cookie = home / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(self.cookie)
            cookie.chmod(0o400)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "rabbitmq.conf").write_text(self._configuration())

    def _configuration(self) -> str:
        return f"""
listeners.tcp.1 = {self.place.host}:{self.amqp}
management.tcp.ip = {self.place.host}
management.tcp.port = {self.http}
default_user = {USER}
default_pass = {PASSWORD}
disk_free_limit.absolute = 50MB
raft.wal_max_size_bytes = 67108864
cluster_partition_handling = pause_minority
log.file.level = warning
log.console = false
{self._tls()}{self._joining()}"""

    def _tls(self) -> str:
        shown = self.certificates
        if shown is None:
            return ""
        return f"""listeners.ssl.1 = {self.place.host}:{self.amqps}
ssl_options.cacertfile = {shown.authority}
ssl_options.certfile = {shown.server}
ssl_options.keyfile = {shown.server_key}
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
"""

    def _joining(self) -> str:
        """Return how the node finds the cluster it joins."""
        nodes = [node.node_name for node in (self.first, self) if node is not None]
        listed = "".join(
            f"cluster_formation.classic_config.nodes.{number} = {name}\n" for number, name in enumerate(nodes, 1)
        )
        return f"cluster_formation.peer_discovery_backend = classic_config\n{listed}"

    def _distribution(self) -> str:
        """Return how the node speaks to its peers."""
        interface = "{" + self.place.host.replace(".", ",") + "}"
        return f"-kernel inet_dist_use_interface {interface} -kernel net_ticktime {self.tick_seconds}"

    def _environment(self) -> dict[str, str]:
        data = self.folder / "data"
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "ERL_EPMD_PORT": str(self.names.port),
            "ERL_EPMD_ADDRESS": self.place.host,
            "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the broker instead of watching over it
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_NODENAME": self.node_name,
            "RABBITMQ_USE_LONGNAME": str(self.place.host != HOST).lower(),
            "RABBITMQ_DIST_PORT": str(self.distribution),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(data),
            "RABBITMQ_MNESIA_DIR": str(data / "node"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_QUIET} {self._distribution()}",
            **self.environment,
        }


class Brokers:
    """A few nodes with one cookie and one authority, and a name daemon in each place; all is gone after `stop`."""

    def __init__(
        self,
        size: int = 1,
        *,
        make_certificates: Callable[[Path], Certificates] | None = None,
        places: Sequence[Place] = (),
        tick_seconds: int = 60,
        parent: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="rabbitmq-", dir=parent))
        chosen = tuple(places) or (Place(),) * size
        port = _NAMES_PORT if places else free_port()
        self._names = {place: NameDaemon(place, port) for place in dict.fromkeys(chosen)}
        certificates = make_certificates(self._folder / "certificates") if make_certificates else None
        cookie = secrets.token_hex(16)
        nodes: list[Node] = []
        for number, place in enumerate(chosen):
            ports = place.ports()
            nodes.append(
                Node(
                    folder=self._folder / f"node{number}",
                    names=self._names[place],
                    cookie=cookie,
                    certificates=certificates,
                    first=nodes[0] if nodes else None,
                    place=place,
                    tick_seconds=tick_seconds,
                    environment=environment or {},
                    amqp=ports["amqp"],
                    amqps=ports["amqps"],
                    http=ports["http"],
                    distribution=ports["distribution"],
                )
            )
        self.nodes = tuple(nodes)

    def start(self) -> Self:
        """Start every node, join them into one cluster, and return once it serves."""
        first, *others = self.nodes
        first.start()
        for node in others:
            node.launch()
        for node in others:
            node.wait()
        return self

    def stop(self) -> None:
        """End every node and name daemon, and take their folders away."""
        for node in self.nodes:
            node.resume()
            node.kill()
        for names in self._names.values():
            names.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
