"""Do the pages about operating the gateway say what the code does?"""

from pathlib import Path

import pytest

from gateway.app.commands.tables import COMMANDS
from gateway.app.operations.catalogue import OPERATIONS
from gateway.app.operations.roles import PERMISSIONS, Permission, Role
from gateway.flows.store.rows import State

DOCS = Path(__file__).resolve().parents[2] / "docs"
UNDER_ANOTHER_NAME = {
    "health.check": "doctor",
    "labels.import": "labels map --file CSV",
    "account.password": "users password",
    "home.show": "messages list",
    "decisions.explain": "explain",
    "deliveries.recall": "recall",
    "records.correct": "correct",
    "deliveries.break-glass": "break-glass",
}


@pytest.mark.parametrize("name", [pytest.param(one, id=one) for one in OPERATIONS])
def test_every_operation_is_on_the_page_of_commands(name: str) -> None:
    command = UNDER_ANOTHER_NAME.get(name, name.replace(".", " "))

    assert f"gateway {command}" in (DOCS / "commands.md").read_text()


@pytest.mark.parametrize("group", list(COMMANDS))
def test_every_group_of_commands_is_on_the_page(group: str) -> None:
    assert f"`gateway {group} " in (DOCS / "commands.md").read_text()


@pytest.mark.parametrize("role", list(Role))
def test_the_glossary_says_what_each_role_may(role: Role) -> None:
    may = ", ".join(f"`{one}`" for one in Permission if one in PERMISSIONS[role])

    assert f"| `{role}` | {may} |" in (DOCS / "glossary.md").read_text()


@pytest.mark.parametrize("state", list(State))
def test_the_glossary_knows_every_state(state: State) -> None:
    assert f"| `{state}` |" in (DOCS / "glossary.md").read_text()
