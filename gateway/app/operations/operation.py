"""What is an operation? One thing a person can order, with who may, what it takes, and what carries it out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument
from gateway.app.operations.caller import Caller
from gateway.app.operations.roles import Permission
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group

Run: TypeAlias = Callable[[Application, Caller, Group], Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One order.

    Shape: `name` is `things.verb`. An operation that only looks (`changes` is False) is recorded by `execute` before
    its answer is given, unless it shows nothing about anybody (`is_recorded` is False); one that changes something
    records it itself, in the transaction of its effect. `subjects` tells which children an order is about, so that the
    look stands in their own part of the log.
    """

    name: str
    summary: str
    permission: Permission
    run: Run
    arguments: tuple[Argument, ...] = ()
    changes: bool = False
    is_recorded: bool = True
    subjects: Callable[[UnitOfWork, Group], tuple[ChildRef, ...]] | None = None
