"""Which operations are there? All of them, by name."""

import types
from collections.abc import Mapping

from gateway.app.operations import (
    aftercare,
    audit_log,
    dead_letters,
    duties,
    facts,
    health,
    home,
    inspection,
    labels,
    messages,
    partner_tests,
    partners,
    rehearsals,
    reviews,
    users,
)
from gateway.app.operations.operation import Operation

_MODULES = (
    *(home, messages, reviews, dead_letters, labels, facts, partners, partner_tests, users, audit_log, health),
    *(inspection, rehearsals, duties, aftercare),
)

OPERATIONS: Mapping[str, Operation] = types.MappingProxyType(
    {operation.name: operation for module in _MODULES for operation in module.OPERATIONS}
)
"""Every operation by its name, in the order in which the documentation shows them."""
