"""What does each stage of a message cost in one thread, and what does the same work cost raw?"""

import statistics
from typing import Any

from gateway.app.bootstrap import assemble
from gateway.consent.decide import decide
from gateway.consent.question_json import question_from_json
from gateway.flows.receiving.envelope import Incoming
from gateway.formats.gate import gate
from gateway.formats.json import read_json, write_json
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.model.identifiers import OrganisationId
from gateway.translation.message_translator import nothing_known, translate_in
from tests.bench.documents import QUESTION, bodies
from tests.bench.translation import measure_translation, timed
from tests.fault.installation import PORTAL, Installation

_FORM = FORMATS["mash/govuk-forms-1"]
BUDGET_MS = 2.0
"""What one message may cost in all, on one core."""


def measure(installation: Installation) -> dict[str, Any]:
    """Return CPU milliseconds by stage, and the same work raw beside it."""
    application = assemble(installation.settings())
    try:
        return _stages(application)
    finally:
        application.stop()


def _stages(application: Any) -> dict[str, Any]:
    body = bodies(1)[0].replace("@REFEREN", "STAGES01").encode()
    desk = application.desk
    incoming = Incoming(organisation=OrganisationId(PORTAL), format=_FORM, body=body, content_type="application/json")
    tree = read_json(body, limits=Limits())
    assert isinstance(tree, dict)
    mapping = desk.library.inbound(_FORM.name)
    question = question_from_json(QUESTION)
    check = lambda: gate(  # noqa: E731
        _FORM, body, content_type="application/json", schemas=desk.schemas, limits=desk.limits
    )
    translation = measure_translation(desk.library, desk.schemas)
    decisions = sorted(timed(lambda: decide(question, policy=desk.policy), times=3000))
    return {
        "gate_ms": statistics.median(timed(check, times=300)),
        "accept_ms": statistics.median(timed(lambda: application.receive.prepare(incoming), times=300)),
        "translate_ms": statistics.median(timed(lambda: translate_in(mapping, tree, meaning=nothing_known), times=300)),
        "translation": translation,
        "translate_times_raw": translation["report"]["times_raw"],
        "translate_form_times_raw": translation["form"]["times_raw"],
        "decide_p50_ms": decisions[len(decisions) // 2],
        "decide_p99_ms": decisions[int(len(decisions) * 0.99)],
        "write_json_ms": statistics.median(timed(lambda: write_json(tree), times=300)),
        "budget_ms": BUDGET_MS,
    }
