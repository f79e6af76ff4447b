"""Who asks for an operation, and by which door did they come?"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.app.operations.roles import Permission, permissions_of


class Door(StrEnum):
    """How an order reached us."""

    COMMAND_LINE = "command-line"
    API = "api"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person who has shown who they are. Only `Sessions` and `operations.users.first_caller` make one."""

    user_id: str
    name: str
    roles: tuple[str, ...]
    door: Door

    def may(self, permission: Permission) -> bool:
        """Tell whether any of the caller's roles carries *permission*."""
        return permission in permissions_of(self.roles)
