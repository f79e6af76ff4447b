"""How do hand-overs go, partner by partner? Counted around whatever outlet there is."""

import time
from collections.abc import Callable
from functools import partial

from gateway.errors import code_of
from gateway.flows.ports import Outlet
from gateway.flows.store.rows import Handover
from gateway.flows.tally import Counted, Tally, Timed
from gateway.translation.partner_document import PartnerDocument

_ACKNOWLEDGED = "acknowledged"


class MeasuredOutlet:
    """An outlet that counts what another one does, and how long it takes."""

    def __init__(self, outlet: Outlet, tally: Tally) -> None:
        self._outlet = outlet
        self._tally = tally

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Hand *body* over as the outlet inside does."""
        return self._measured(handover, partial(self._outlet.send, document, body, handover))

    def ask(self, handover: Handover) -> str | None:
        """Ask as the outlet inside does."""
        return self._outlet.ask(handover)

    def send_test(self, handover: Handover) -> str:
        """Hand a test over as the outlet inside does; it counts as any hand-over."""
        return self._measured(handover, partial(self._outlet.send_test, handover))

    def _measured(self, handover: Handover, send: Callable[[], str]) -> str:
        partner, began, outcome = handover.organisation.organisation, time.perf_counter(), _ACKNOWLEDGED
        try:
            return send()
        except Exception as error:
            outcome = code_of(error)
            raise
        finally:
            self._tally.count(Counted.HANDED_OVER, partner, outcome)
            self._tally.time(Timed.HANDOVER, partner, seconds=time.perf_counter() - began)
