"""How does a gateway of several processes run on one machine? `make cluster` runs this module.

Three broker nodes, one PostgreSQL, and two of each process, on the machine's own clock, with simulated partners. A few
referrals go through it at once, so that what is running is seen to work; then it stays until Ctrl-C, or ends with
`--once`. Kill what you like meanwhile.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import structlog
from pydantic import SecretStr

from gateway.app.bootstrap import assemble
from gateway.app.clock import SystemClock
from gateway.app.logging import configure_logging
from gateway.app.operations.caller import Door
from gateway.app.operations.front_door import FrontDoor
from gateway.app.operations.sessions import Sessions
from gateway.app.settings import Settings
from gateway.demo.engines.both import running_engines
from gateway.demo.engines.ports import free_port
from gateway.demo.stage import PARTNERS, USER, add_partners, first_person, fresh_settings
from gateway.errors import GatewayError, PartnerUnavailableError
from gateway.simulators.ecaf import ecaf_app
from gateway.simulators.journal import Journal
from gateway.simulators.mash import mash_app
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import Running, run

_FOLDER = Path("var/cluster")
_CREW: Mapping[str, int] = {"serve": 2, "work": 2, "relay": 2}
_NODES = 3
_REFERRALS = 20
_READY_SECONDS, _ARRIVAL_SECONDS, _STOP_SECONDS = 60.0, 60.0, 30.0
_POLL_SECONDS = 0.1
_RUN = "import sys; from gateway.app.cli import main; sys.argv = ['gateway', {!r}]; main()"


def main() -> int:
    """Run the cluster; return 0 when all referrals that were sent through it arrived."""
    parser = argparse.ArgumentParser(prog="make cluster", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end as soon as the referrals have arrived")
    choice = parser.parse_args()
    with ExitStack() as opened:
        _say(f"starting a PostgreSQL and {_NODES} RabbitMQ nodes ...")
        engines = opened.enter_context(running_engines(nodes=_NODES))
        settings = fresh_settings(_FOLDER, 0, engines)
        simulators = {name: opened.enter_context(run(app)) for name, app in _partners().items()}
        password = secrets.token_urlsafe(12)
        tokens = _furnish(settings, simulators, password)
        _say("starting " + ", ".join(f"{count} x gateway {kind}" for kind, count in _CREW.items()) + " ...")
        ports = opened.enter_context(_crew(settings))
        arrived = _prove(ports["serve"], tokens["referral-portal"], simulators["barnet-mash"])
        _say(f"{arrived} of {_REFERRALS} referrals went through it")
        if not choice.once:
            _stay(ports, password)
    return 0 if arrived == _REFERRALS else 1


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _partners() -> Mapping[str, Any]:
    clock = SystemClock()
    apps = {name: partner_app(Partner(prefix="IN", journal=Journal(), clock=clock.now)) for name in PARTNERS}
    return {
        **apps,
        "barnet-mash": mash_app(Journal(), clock=clock.now),
        "barnet-ecaf": ecaf_app(Journal(), clock=clock.now),
    }


def _furnish(settings: Settings, simulators: Mapping[str, Running], password: str) -> Mapping[str, str]:
    """Make tables, the first person and the partners; return what each partner shows to the gateway."""
    with (_FOLDER / "gateway.log").open("a", encoding="utf-8") as log:
        configure_logging(SystemClock(), stream=log)
        application = assemble(settings)
        sessions = Sessions(application, seconds=settings.session_seconds)
        door = FrontDoor(application=application, sessions=sessions, door=Door.COMMAND_LINE)
        session = first_person(application, door, password)
        urls = {name: running.url for name, running in simulators.items()}
        tokens = add_partners(lambda name, args: door.execute(session, name, args), urls)
        application.stop()
        structlog.reset_defaults()
    return tokens


@contextmanager
def _crew(settings: Settings) -> Iterator[Mapping[str, list[int]]]:
    """Run every process; give their ports by kind once all of them are ready."""
    kinds = [kind for kind, count in _CREW.items() for _ in range(count)]
    ports = [free_port() for _ in kinds]
    processes: list[subprocess.Popen[bytes]] = []
    with (_FOLDER / "gateway.log").open("ab") as log:
        try:
            for kind, port in zip(kinds, ports, strict=True):
                told = {**os.environ, **_environment(settings), "GATEWAY_LISTEN_PORT": str(port)}
                processes.append(subprocess.Popen([sys.executable, "-c", _RUN.format(kind)], env=told, stderr=log))
            for port, process in zip(ports, processes, strict=True):
                _wait_until_ready(port, process)
            yield {kind: [port for one, port in zip(kinds, ports, strict=True) if one == kind] for kind in _CREW}
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(_STOP_SECONDS)


def _environment(settings: Settings) -> Mapping[str, str]:
    """Return *settings* as a process reads them."""
    named = {name: getattr(settings, name) for name in settings.model_fields_set}
    chosen = {name: one for name, one in named.items() if one is not None}
    shown = {name: one.get_secret_value() if isinstance(one, SecretStr) else str(one) for name, one in chosen.items()}
    return {f"GATEWAY_{name.upper()}": text for name, text in shown.items()}


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + _READY_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(_POLL_SECONDS)
    raise PartnerUnavailableError(f"a process did not become ready; see {_FOLDER / 'gateway.log'}")


def _prove(ports: list[int], token: str, mash: Running) -> int:
    """Send referrals to every process that serves; return how many the MASH has in the end."""
    form = json.loads(files("gateway.demo").joinpath("inputs/safeguarding-unknown-child.json").read_text("utf-8"))
    for number in range(_REFERRALS):
        form["submission_reference"] = f"CLUST{number:03d}"
        url = f"http://127.0.0.1:{ports[number % len(ports)]}/v1/intake/mash/govuk-forms-1"
        httpx.post(url, json=form, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    limit, arrived = time.monotonic() + _ARRIVAL_SECONDS, 0
    while arrived < _REFERRALS and time.monotonic() < limit:
        time.sleep(_POLL_SECONDS)
        arrived = len(httpx.get(f"{mash.url}/_simulator/effects").json())
    return int(arrived)


def _stay(ports: Mapping[str, list[int]], password: str) -> None:
    for kind, ones in ports.items():
        print("".join(f"{f'gateway {kind}':<16}http://127.0.0.1:{port}/health/ready\n" for port in ones), end="")
    print(
        f"console         http://127.0.0.1:{ports['serve'][0]}/console\n"
        f"sign in         {USER}\npassword        {password}"
    )
    print(f"log             {_FOLDER / 'gateway.log'}\n\nCtrl-C ends it.", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        _say("ending ...")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GatewayError as error:
        _say(f"the cluster stopped: {error.message}")
        sys.exit(1)
