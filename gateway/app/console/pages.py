"""Which pages are there, and what does each show?"""

from collections.abc import Callable
from typing import TypeAlias

from starlette.responses import PlainTextResponse, Response

from gateway.app.console.visit import Visit
from gateway.app.operations.aftercare import CATEGORIES, LESSONS
from gateway.app.operations.dead_letters import DISCARD_REASONS
from gateway.app.operations.facts import FLAGS
from gateway.app.operations.roles import Permission
from gateway.errors import GatewayError, NotFoundError
from gateway.flows.by_hand.reviews import AWAITING_SECOND
from gateway.flows.store.rows import State
from gateway.model.tree import Group

Page: TypeAlias = Callable[[Visit], Response]


def home(visit: Visit) -> Response:
    """What needs somebody now."""
    if not visit.may(Permission.READ_MESSAGES):
        return people(visit)
    return visit.page("home.html", {"title": "What needs you now", **visit.ask("home.show")})


def reviews(visit: Visit) -> Response:
    """Every open question, and with `show=all` those that were answered."""
    status = "all" if visit.query.get("show") == "all" else "open"
    answer = visit.ask("reviews.list", {"status": status})
    return visit.page("reviews.html", {"title": "Questions for a person", "shown": status, **answer})


def review(visit: Visit) -> Response:
    """One question, with what is needed to answer it."""
    return _review(visit, None)


def decide(visit: Visit) -> Response:
    """Take an answer; one without its reason goes back to the form with what was written."""
    args: Group = {"review": visit.path["review"], **_given(visit, "choice", "rationale")}
    try:
        answer = visit.ask("reviews.decide", args)
    except GatewayError as error:
        return _review(visit, error)
    waits = answer["state"] == AWAITING_SECOND
    return visit.go("/reviews", said=AWAITING_SECOND if waits else str(args["choice"]))


def _review(visit: Visit, error: GatewayError | None) -> Response:
    answer = visit.ask("reviews.show", {"review": visit.path["review"]})
    context = {"title": str(answer["kind_words"]), "review": answer, "error": error, "form": visit.form}
    return visit.page("review.html", context, status=422 if error else 200)


def messages(visit: Visit) -> Response:
    """The newest documents."""
    state = visit.query.get("state", "")
    args: Group = {"state": state} if state in set(State) else {}
    return visit.page(
        "messages.html",
        {"title": "Documents", "chosen": state, "states": list(State), **visit.ask("messages.list", args)},
    )


def message(visit: Visit) -> Response:
    """What happened to one document."""
    args: Group = {"message": visit.path["message"]}
    shown, traced = visit.ask("messages.show", args), visit.ask("messages.trace", args)
    return visit.page("message.html", {"title": "One document", "message": shown, "steps": traced["steps"]})


def explain(visit: Visit) -> Response:
    """Why something was decided as it was, and what would turn it."""
    answer = visit.ask("decisions.explain", {"name": visit.path["name"]})
    return visit.page("explain.html", {"title": "Why", "explained": answer})


def proof(visit: Visit) -> Response:
    """The proof that one step of a document is in the log, as a file."""
    args: Group = {"message": visit.path["message"], "event": visit.path["event"]}
    answer = visit.ask("audit.prove", args)
    return PlainTextResponse(
        str(answer["proof"]), headers={"content-disposition": f'attachment; filename="{answer["event"]}.tlog-proof"'}
    )


def duties(visit: Visit) -> Response:
    """What people must do, and with `show=all` what they did."""
    status = "all" if visit.query.get("show") == "all" else "open"
    answer = visit.ask("duties.list", {"status": status})
    return visit.page("duties.html", {"title": "Duties", "shown": status, **answer})


def duty(visit: Visit) -> Response:
    """One duty."""
    return _duty(visit, None)


def keep_duty(visit: Visit) -> Response:
    """Take what came of a duty; an answer without its reason goes back to the form."""
    try:
        visit.ask("duties.done", {"duty": visit.path["duty"], **_given(visit, "outcome", "rationale")})
    except GatewayError as error:
        return _duty(visit, error)
    return visit.go("/duties", said="kept")


def _duty(visit: Visit, error: GatewayError | None) -> Response:
    answer = visit.ask("duties.show", {"duty": visit.path["duty"]})
    context = {"title": str(answer["title"]), "duty": answer, "error": error, "form": visit.form}
    return visit.page("duty.html", context, status=422 if error else 200)


def delivery(visit: Visit) -> Response:
    """One delivery, to recall it or to let it go."""
    return _delivery(visit, None)


def recall(visit: Visit) -> Response:
    """Say that a document went to the wrong recipient."""
    return _of_delivery(visit, "deliveries.recall", _given(visit, "rationale", "lesson"), "done")


def break_glass(visit: Visit) -> Response:
    """Let a document go in an emergency."""
    return _of_delivery(visit, "deliveries.break-glass", _given(visit, "rationale"), None)


def _of_delivery(visit: Visit, operation: str, args: Group, told: str | None) -> Response:
    try:
        answer = visit.ask(operation, {"delivery": visit.path["delivery"], **args})
    except GatewayError as error:
        return _delivery(visit, error)
    return visit.go(f"/messages/{visit.path['message']}", said=str(answer[told]) if told else "released")


def _delivery(visit: Visit, error: GatewayError | None) -> Response:
    shown = visit.ask("messages.show", {"message": visit.path["message"]})
    listed = shown["deliveries"]
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    one = next((one for one in found if one["delivery"] == visit.path["delivery"]), None)
    if one is None:
        raise NotFoundError("this document has no such delivery")
    context = {"title": "One delivery", "message": visit.path["message"], "delivery": one, "error": error}
    return visit.page("delivery.html", {**context, "lessons": LESSONS}, status=422 if error else 200)


def correct(visit: Visit) -> Response:
    """Write a note beside all that is held about a child."""
    child = visit.path["child"]
    visit.ask("records.correct", {"child": child, **_given(visit, "field", "category", "note", "rationale")})
    return visit.go(f"/children/{child}", said="corrected")


def stuck(visit: Visit) -> Response:
    """What could not be delivered or worked."""
    return visit.page("stuck.html", {"title": "Stuck", "reasons": DISCARD_REASONS, **visit.ask("dead-letters.list")})


def replay(visit: Visit) -> Response:
    """Put something stuck back to work."""
    visit.ask("dead-letters.replay", {"id": visit.path["id"], "not_received": visit.form.get("not_received") == "yes"})
    return visit.go("/stuck", said="replayed")


def discard(visit: Visit) -> Response:
    """Take something stuck out of work."""
    visit.ask("dead-letters.discard", {"id": visit.path["id"], **_given(visit, "reason")})
    return visit.go("/stuck", said="discarded")


def labels(visit: Visit) -> Response:
    """Answers no code list knows, and with `show=mapped` those that people have said the meaning of."""
    return _labels(visit, None)


def map_label(visit: Visit) -> Response:
    """Say what a label means."""
    try:
        visit.ask("labels.map", _given(visit, "list", "label", "code"))
    except GatewayError as error:
        return _labels(visit, error)
    return visit.go("/labels", said="mapped")


def retract_label(visit: Visit) -> Response:
    """Take back what a label was said to mean."""
    visit.ask("labels.retract", _given(visit, "list", "blinded"))
    return visit.go("/labels", said="retracted")


def _labels(visit: Visit, error: GatewayError | None) -> Response:
    shown = "mapped" if visit.query.get("show") == "mapped" else "open"
    title = "Labels that were mapped" if shown == "mapped" else "Labels nobody has mapped"
    answer = visit.ask("labels.list", {"mapped": shown == "mapped"})
    context = {"title": title, "shown": shown, "error": error, **answer}
    return visit.page("labels.html", context, status=422 if error else 200)


def child(visit: Visit) -> Response:
    """What is held about a child's consents and protection: codes and dates, never a name."""
    answer = visit.ask("consents.list", {"child": visit.path["child"]})
    context = {"title": "Consent and protection", "flags": FLAGS, "categories": CATEGORIES}
    return visit.page("child.html", {**context, **answer})


def withdraw(visit: Visit) -> Response:
    """Withdraw a child's consents."""
    visit.ask("consents.withdraw", {"child": visit.path["child"]})
    return visit.go(f"/children/{visit.path['child']}", said="withdrawn")


def set_flag(visit: Visit) -> Response:
    """Protect a child."""
    needing = [part for part in visit.form.get("need_list", "").replace(",", " ").split() if part]
    args: Group = {"child": visit.path["child"], **_given(visit, "flag"), "need_list": list(needing)}
    visit.ask("flags.set", args)
    return visit.go(f"/children/{visit.path['child']}", said="flagged")


def lift_flag(visit: Visit) -> Response:
    """Take a protection away."""
    visit.ask("flags.lift", {"child": visit.path["child"], **_given(visit, "fact")})
    return visit.go(f"/children/{visit.path['child']}", said="lifted")


def partners(visit: Visit) -> Response:
    """Every organisation we speak with."""
    return visit.page("partners.html", {"title": "Partners", **visit.ask("partners.list")})


def partner(visit: Visit) -> Response:
    """One organisation."""
    answer = visit.ask("partners.show", {"organisation": visit.path["organisation"]})
    return visit.page("partner.html", {"title": str(answer["name"]), "partner": answer})


def log(visit: Visit) -> Response:
    """The newest checkpoint, and how to check it."""
    return visit.page("log.html", {"title": "The log", **visit.ask("audit.checkpoint")})


def checkpoint(visit: Visit) -> Response:
    """The newest checkpoint, as a file."""
    answer = visit.ask("audit.checkpoint")
    return PlainTextResponse(
        str(answer["note"]), headers={"content-disposition": f'attachment; filename="checkpoint-{answer["size"]}"'}
    )


def health(visit: Visit) -> Response:
    """The health of the installation."""
    return visit.page("health.html", {"title": "Health", **visit.ask("health.check")})


def people(visit: Visit) -> Response:
    """Who has an account."""
    return visit.page("people.html", {"title": "People", **visit.ask("users.list")})


def account(visit: Visit) -> Response:
    """The visitor's own account."""
    return visit.page("account.html", {"title": "Your account", "error": None})


def change_password(visit: Visit) -> Response:
    """Change the visitor's password; every session of theirs ends."""
    try:
        visit.ask("account.password", _given(visit, "old_password", "password"))
    except GatewayError as error:
        return visit.page("account.html", {"title": "Your account", "error": error}, status=422)
    return visit.go("/sign-in", said="password")


def _given(visit: Visit, *names: str) -> Group:
    """Return the named answers of the form, without those left empty: the operation says which it cannot do without."""
    return {name: visit.form[name].strip() for name in names if visit.form.get(name, "").strip()}


ROUTES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/", home),
    ("GET", "/reviews", reviews),
    ("GET", "/reviews/{review}", review),
    ("POST", "/reviews/{review}", decide),
    ("GET", "/messages", messages),
    ("GET", "/messages/{message}", message),
    ("GET", "/messages/{message}/proofs/{event}", proof),
    ("GET", "/explain/{name}", explain),
    ("GET", "/messages/{message}/deliveries/{delivery}", delivery),
    ("POST", "/messages/{message}/deliveries/{delivery}/recall", recall),
    ("POST", "/messages/{message}/deliveries/{delivery}/break-glass", break_glass),
    ("GET", "/duties", duties),
    ("GET", "/duties/{duty}", duty),
    ("POST", "/duties/{duty}", keep_duty),
    ("GET", "/stuck", stuck),
    ("POST", "/stuck/{id}/replay", replay),
    ("POST", "/stuck/{id}/discard", discard),
    ("GET", "/labels", labels),
    ("POST", "/labels", map_label),
    ("POST", "/labels/retract", retract_label),
    ("GET", "/children/{child}", child),
    ("POST", "/children/{child}/withdraw", withdraw),
    ("POST", "/children/{child}/flags", set_flag),
    ("POST", "/children/{child}/flags/lift", lift_flag),
    ("POST", "/children/{child}/correct", correct),
    ("GET", "/partners", partners),
    ("GET", "/partners/{organisation}", partner),
    ("GET", "/log", log),
    ("GET", "/log/checkpoint", checkpoint),
    ("GET", "/health", health),
    ("GET", "/people", people),
    ("GET", "/account", account),
    ("POST", "/account", change_password),
)
"""Method, path and page; sign-in, sign-out and static files are in `application`."""
