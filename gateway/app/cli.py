"""What is the command line? One program, `gateway`; its commands are in gateway/app/commands."""

import sys

import typer
from typer.main import get_command

from gateway.app.clock import SystemClock
from gateway.app.commands.broker import add_broker_commands
from gateway.app.commands.control import add_command
from gateway.app.commands.deciding import add_decision_commands
from gateway.app.commands.decision_log import add_decision_log_command
from gateway.app.commands.evidence import add_evidence_commands
from gateway.app.commands.explaining import add_explain_command
from gateway.app.commands.imports import add_import_command
from gateway.app.commands.inspection import add_inspection_commands
from gateway.app.commands.installation import add_installation_commands
from gateway.app.commands.labelling import add_label_command
from gateway.app.commands.mappings import add_mapping_commands
from gateway.app.commands.organisations import add_agreement_commands, add_organisation_commands
from gateway.app.commands.output import BUG, DONE, REFUSED, FailedError, our_mistake, print_error, say
from gateway.app.commands.people import add_people_commands, login, logout
from gateway.app.commands.rehearsing import add_rehearsal_command
from gateway.app.commands.tables import BY_THEMSELVES, COMMANDS
from gateway.app.commands.translate import add_translation_commands
from gateway.app.logging import catch_what_nobody_caught, configure_logging
from gateway.errors import GatewayError


def build() -> typer.Typer:
    """Return the whole command line."""
    program = typer.Typer(
        name="gateway",
        help="The eCAF interoperability gateway: consent-checked, audited, nothing lost.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    add_installation_commands(program)
    add_translation_commands(program)
    add_decision_commands(program)
    add_explain_command(program)
    program.command("login")(login)
    program.command("logout")(logout)
    groups = {name: _group(program, name, meant) for name, (meant, _) in COMMANDS.items()}
    add_organisation_commands(groups["partners"])
    add_people_commands(groups["users"])
    add_import_command(groups["consents"])
    add_agreement_commands(groups["agreements"])
    add_label_command(groups["labels"])
    log = _group(program, "audit", "The log, and the proofs of it.")
    add_evidence_commands(log)
    add_decision_log_command(log)
    add_inspection_commands(_group(program, "export", "Lists for inspectors, and files for schools."))
    add_broker_commands(_group(program, "broker", "What a RabbitMQ must hold for us."))
    tables = _group(program, "mapping", "Our tables, tried and measured.")
    add_mapping_commands(tables)
    add_rehearsal_command(tables)
    for name, (_, commands) in COMMANDS.items():
        for command in commands:
            add_command(groups[name], command)
    for command in BY_THEMSELVES:
        add_command(program, command)
    return program


def _group(program: typer.Typer, name: str, meant: str) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    program.add_typer(group, name=name, help=meant)
    return group


def run(words: list[str]) -> int:
    """Carry out one command line and return its exit code; what goes wrong is told, and nothing personal with it."""
    try:
        code = get_command(build()).main(words, prog_name="gateway", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except FailedError:
        return REFUSED
    except GatewayError as error:
        print_error(error.as_json())
        say(f"gateway: {error.message}")
        return REFUSED
    except typer.Exit as left:
        return left.exit_code
    except (typer.Abort, KeyboardInterrupt):
        say("Stopped.")
        return REFUSED
    except Exception as error:  # noqa: BLE001  # the last place where a mistake of ours can be told without its message
        return _tell_other(error)


def _tell_other(error: Exception) -> int:
    """Tell a wrong call as what it is, and everything else as a mistake of ours."""
    message = getattr(error, "message", None)
    if getattr(error, "exit_code", None) == REFUSED and isinstance(message, str):
        print_error({"code": "usage", "message": message or "see gateway --help"})
        say(f"gateway: {message or 'see gateway --help'}")
        return REFUSED
    told = our_mistake(error)
    print_error(told)
    say(f"gateway: {told['message']}")
    return BUG


def main() -> None:
    """Run the command line of this process."""
    configure_logging(SystemClock(), level="warning")
    catch_what_nobody_caught()
    sys.exit(run(sys.argv[1:]))
