"""Which operations are there? All of them, by name."""

import types
from collections.abc import Mapping

from gateway.app.operations import (
    aftercare,
    agreements,
    audit_log,
    consent_import,
    consents,
    court_orders,
    dead_letters,
    decision_log,
    duties,
    explanations,
    facts,
    health,
    help_agreements,
    home,
    inspection,
    labels,
    messages,
    partner_tests,
    partners,
    rehearsals,
    reviews,
    school_files,
    users,
    weighings,
)
from gateway.app.operations.operation import Operation

_MODULES = (
    *(home, messages, reviews, dead_letters, labels, consents, consent_import, help_agreements, facts),
    *(court_orders, weighings),
    *(partners, partner_tests, agreements, users, audit_log, health, inspection, school_files, rehearsals),
    *(explanations, decision_log, duties, aftercare),
)

OPERATIONS: Mapping[str, Operation] = types.MappingProxyType(
    {operation.name: operation for module in _MODULES for operation in module.OPERATIONS}
)
"""Every operation by its name, in the order in which the documentation shows them."""
