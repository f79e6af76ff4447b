"""Does a partner do what its profile promises? Sends it a test twice, asks for it, and tells what it saw."""

from collections.abc import Callable
from dataclasses import replace

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import tell
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.audit.event import EventKind
from gateway.errors import GatewayError, NotFoundError, Place
from gateway.flows.store.rows import Handover, Organisation
from gateway.model.identifiers import OrganisationId
from gateway.model.tree import Group, Tree

_ORGANISATION = Argument(
    name="organisation",
    help="organisation id: small letters, digits and hyphens",
    pattern=r"[a-z0-9][a-z0-9-]{1,62}",
    required=True,
)
_KIND = Argument(name="kind", help="kind of message whose endpoint is tried; without it, every one")
_MISSING = "has it not"
IDEMPOTENT, QUERY_FIRST, AT_MOST_ONCE = "idempotent", "query-first", "at-most-once"


def try_partner(application: Application, caller: Caller, args: Group) -> Group:
    """Return what each endpoint of a partner did with a test that came twice, and whether its profile says so.

    Shape: `proved` is true when every endpoint did at least what the profile promises. A partner said to be
    `at-most-once` promises nothing.

    Raises:
        NotFoundError: no such organisation, or it has no such endpoint.
    """
    name = OrganisationId(str(args["organisation"]))
    organisation = application.desk.store.read(lambda uow: uow.directory.organisation(name))
    kinds = [str(one["kind"]) for one in organisation.profile.get("endpoints", ())]
    wanted = [kind for kind in kinds if args.get("kind") in {None, kind}]
    if not wanted:
        raise NotFoundError("this organisation has no such endpoint", place=Place(path="kind"))
    declared = str(organisation.profile.get("idempotency", IDEMPOTENT))
    seen = [_try_endpoint(application, organisation, kind, declared) for kind in wanted]
    is_proved = all(one["proved"] is True for one in seen)
    words: Group = {"partner": name, "reason": "proved" if is_proved else "not-proved"}
    application.desk.store.write(lambda uow: tell(application, uow, caller, kind=EventKind.PARTNER_TESTED, words=words))
    endpoints: list[Tree] = list(seen)
    return {"organisation": name, "declared": declared, "proved": is_proved, "endpoints": endpoints}


def _try_endpoint(application: Application, organisation: Organisation, kind: str, declared: str) -> Group:
    """Return what one endpoint did: sent, sent again, asked for it, asked for one that was never sent."""
    ids, outlet = application.desk.ids, application.outlet
    sent = Handover(organisation=organisation, kind=kind, message_id=ids.fresh("dlv"), correlation_id=ids.fresh("test"))
    other = replace(sent, message_id=ids.fresh("dlv"))
    first, second = _seen(lambda: outlet.send_test(sent)), _seen(lambda: outlet.send_test(sent))
    held, unknown = _seen(lambda: outlet.ask(sent)), _seen(lambda: outlet.ask(other))
    is_idempotent = first.startswith("has it as ") and first == second
    answers_queries = first.startswith("has it as ") and held in {first, second} and unknown == _MISSING
    shows = IDEMPOTENT if is_idempotent else QUERY_FIRST if answers_queries else AT_MOST_ONCE
    is_there = first.startswith("has it as ")
    proved = {IDEMPOTENT: is_idempotent, QUERY_FIRST: answers_queries, AT_MOST_ONCE: is_there}
    return {
        "kind": kind,
        "sent": first,
        "sent_again": second,
        "asked": held,
        "asked_for_another": unknown,
        "shows": shows if is_there else "nothing",
        "answers_queries": answers_queries,
        "proved": proved.get(declared, False),
    }


def _seen(step: Callable[[], str | None]) -> str:
    """Return what a step showed: the partner's reference, that it has it not, or the code of what went wrong."""
    try:
        reference = step()
    except GatewayError as error:
        return f"failed: {error.code}"
    return _MISSING if reference is None else f"has it as {reference}"


OPERATIONS = (
    Operation(
        name="partners.test",
        summary="Send a test without a document twice, and see whether the partner does what its profile promises",
        permission=Permission.CHANGE_PARTNERS,
        run=try_partner,
        arguments=(_ORGANISATION, _KIND),
        changes=True,
    ),
)
