"""How is the demo run? `python -m gateway.demo`, which `make demo` and `make run` do."""

import argparse
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from gateway.demo.engines.both import running_engines
from gateway.demo.report import make_report, print_table
from gateway.demo.scenes import play
from gateway.demo.stage import USER, Stage
from gateway.errors import GatewayError

_FOLDER = Path("var/demo")
_PORT = 8740


def main() -> int:
    """Run the demo and return 0 only when all of its report is as it must be."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--bus", default="embedded", choices=["embedded", "rabbitmq"])
    parser.add_argument("--keep-running", action="store_true")
    choice = parser.parse_args()
    began = time.monotonic()
    with ExitStack() as opened:
        engines = None
        if choice.bus == "rabbitmq":
            print("starting a PostgreSQL and a RabbitMQ of the demo's own ...", file=sys.stderr)
            engines = opened.enter_context(running_engines())
        stage = opened.enter_context(Stage(_FOLDER, listen_port=_PORT if choice.keep_running else 0, engines=engines))
        print("the gateway and its simulated partners are running; playing the scenes ...", file=sys.stderr)
        told = play(stage)
        report = make_report(stage, told, bus=choice.bus, seconds=time.monotonic() - began)
        (_FOLDER / "report.json").write_text(json.dumps(report, indent=2, default=str) + "\n")
        print_table(report)
        if choice.keep_running:
            _keep_running(stage)
    return 0 if report["ok"] else 1


def _keep_running(stage: Stage) -> None:
    print(f"\nconsole   {stage.url}/console\nsign in   {USER}\npassword  {stage.password}\n\nCtrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("ending ...", file=sys.stderr)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GatewayError as error:
        print(f"the demo stopped: {error.message}", file=sys.stderr)
        sys.exit(1)
