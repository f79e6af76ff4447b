"""What needs somebody now? The page everybody sees first, in one look at the store."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateway.app.bootstrap import Application
from gateway.app.operations.caller import Caller
from gateway.app.operations.messages import OURS, list_messages
from gateway.app.operations.operation import Operation
from gateway.app.operations.reviews import list_reviews
from gateway.app.operations.roles import Permission
from gateway.app.operations.words import count
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import State
from gateway.model.tree import Group

_LOCAL = ZoneInfo("Europe/London")
_MANY = 1000
_SHOWN = 12


def show_home(application: Application, caller: Caller, _args: Group) -> Group:
    """Return open questions, what came today and what is stuck."""
    midnight = application.desk.clock.now().astimezone(_LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    numbers = application.desk.store.read(lambda uow: _numbers(uow, midnight.astimezone(UTC)))
    reviews = list_reviews(application, caller, {})["reviews"] if caller.may(Permission.READ_REVIEWS) else []
    newest = list_messages(application, caller, {"limit": _SHOWN, "arrived": True})["messages"]
    return {**numbers, "reviews": reviews, "messages": newest}


def _numbers(uow: UnitOfWork, midnight: datetime) -> Group:
    today = [one for one in uow.messages.find(limit=_MANY) if one.received_at >= midnight and one.channel != OURS]
    stuck = len(uow.messages.find(state=State.DEAD_LETTER, limit=_MANY)) + len(
        uow.delivery_lists.find(state=State.DEAD_LETTER, limit=_MANY)
    )
    return {
        "today": len(today),
        "today_words": f"{'at least ' if len(today) == _MANY else ''}{count(len(today), 'document')}",
        "refused_today": len([one for one in today if one.state is State.QUARANTINED]),
        "stuck": stuck,
    }


OPERATIONS = (
    Operation(
        name="home.show",
        summary="Show what needs somebody now",
        permission=Permission.READ_MESSAGES,
        run=show_home,
        is_recorded=False,
    ),
)
