"""Which operations are commands as they stand, and how is each answer shown?"""

from gateway.app.commands.control import Command

_DEAD = {
    "since": "since",
    "id": "id",
    "type": "which",
    "what": "what",
    "to_name": "to",
    "format": "format",
    "reason_words": "why",
}
_LINE = {
    "received_at": "received",
    "message": "message",
    "from_name": "from",
    "format": "format",
    "state_words": "state",
    "reason_words": "why",
}
_REVIEW = {
    "due_at": "due",
    "review": "review",
    "kind_words": "question",
    "reason_words": "why",
    "role_words": "for",
    "status": "status",
}
_DUTY = {
    "due_at": "due",
    "duty": "duty",
    "code": "code",
    "title": "what",
    "role_words": "for",
    "to_name": "about",
    "status": "status",
}
_LABEL = {
    "list": "list",
    "label": "label",
    "code": "code",
    "organisations": "from",
    "messages": "messages",
    "held": "held",
    "likely": "might mean",
}
_DELIVERY = {"to_name": "to", "format": "format", "state_words": "state", "reason_words": "why", "delivery": "delivery"}
_PARTNER = {"organisation": "organisation", "name": "name", "system": "system", "type": "type", "enabled": "in use"}
_AGREEMENT = {
    "agreement": "agreement",
    "version": "version",
    "state": "state",
    "until": "until",
    "organisations": "with",
    "purposes": "for",
}
_ORDER = {"recorded_at": "recorded", "state": "state", "id": "id", "fact": "what is ordered"}
_WEIGHING = {"recorded_at": "recorded", "state": "state", "id": "id", "fact": "what was found"}
_USER = {"user": "account", "name": "name", "roles": "roles", "enabled": "in use", "in_audit_log": "in the log"}


COMMANDS: dict[str, tuple[str, tuple[Command, ...]]] = {
    "messages": (
        "What came, where it went, and why.",
        (
            Command(operation="messages.list", table="messages", columns=_LINE),
            Command(operation="messages.show", positional=("message",), table="deliveries", columns=_DELIVERY),
            Command(
                operation="messages.trace",
                positional=("message",),
                table="steps",
                columns={"at": "when", "by": "by", "text": "what happened"},
            ),
        ),
    ),
    "dead-letters": (
        "What is stuck.",
        (
            Command(operation="dead-letters.list", table="dead_letters", columns=_DEAD),
            Command(operation="dead-letters.show", positional=("id",)),
            Command(operation="dead-letters.replay", positional=("id",)),
            Command(operation="dead-letters.discard", positional=("id",)),
        ),
    ),
    "reviews": (
        "Questions for a person.",
        (
            Command(operation="reviews.list", table="reviews", columns=_REVIEW),
            Command(operation="reviews.show", positional=("review",)),
            Command(operation="reviews.decide", positional=("review", "choice")),
            Command(operation="reviews.close", positional=("review",)),
        ),
    ),
    "duties": (
        "What people must do because of what was shared, refused or went astray.",
        (
            Command(operation="duties.list", table="duties", columns=_DUTY),
            Command(operation="duties.show", positional=("duty",)),
            Command(operation="duties.done", positional=("duty", "outcome")),
        ),
    ),
    "labels": (
        "Answers on forms that no code list knows.",
        (
            Command(
                operation="labels.list",
                table="labels",
                columns=_LABEL,
            ),
            Command(operation="labels.retract", positional=("list", "label")),
        ),
    ),
    "partners": (
        "Organisations we speak with.",
        (
            Command(operation="partners.list", table="partners", columns=_PARTNER),
            Command(operation="partners.show", positional=("organisation",)),
            Command(operation="partners.disable", positional=("organisation",)),
            Command(operation="partners.enable", positional=("organisation",)),
            Command(operation="partners.rotate-key", positional=("organisation",)),
        ),
    ),
    "users": (
        "People with accounts.",
        (
            Command(operation="users.list", table="users", columns=_USER),
            Command(operation="users.disable", positional=("user",)),
            Command(operation="users.roles", positional=("user",), flags={"roles": "--role"}),
        ),
    ),
    "flags": (
        "Protection of children.",
        (Command(operation="flags.set"), Command(operation="flags.lift")),
    ),
    "court-orders": (
        "What courts require or forbid to tell of children.",
        (
            Command(operation="court-orders.list", table="orders", columns=_ORDER),
            Command(operation="court-orders.record"),
            Command(operation="court-orders.verify"),
            Command(operation="court-orders.end"),
        ),
    ),
    "weighings": (
        "Whether telling somebody is relevant to a child's safety, and whether it harms.",
        (
            Command(operation="weighings.list", table="weighings", columns=_WEIGHING),
            Command(operation="weighings.record"),
            Command(operation="weighings.end"),
        ),
    ),
    "consents": (
        "What families agreed to.",
        (
            Command(
                operation="consents.list",
                table="facts",
                columns={"recorded_at": "recorded", "kind": "kind", "id": "id", "fact": "what is held"},
            ),
            Command(
                operation="consents.history",
                table="versions",
                columns={"until": "until", "kind": "kind", "id": "id", "fact": "what was held"},
            ),
            Command(operation="consents.export"),
            Command(operation="consents.record"),
            Command(operation="consents.withdraw"),
        ),
    ),
    "help-agreements": (
        "Whether families agree to be helped.",
        (Command(operation="help-agreements.record"), Command(operation="help-agreements.end")),
    ),
    "agreements": (
        "What bodies have agreed about sharing, and the lawful basis of each flow.",
        (
            Command(operation="agreements.list", table="agreements", columns=_AGREEMENT),
            Command(operation="agreements.show", positional=("agreement",)),
            Command(operation="agreements.end", positional=("agreement",)),
        ),
    ),
}
"""Commands by group: what the group is about, and its commands."""

BY_THEMSELVES: tuple[Command, ...] = (
    Command(operation="deliveries.recall", positional=("delivery",)),
    Command(operation="records.correct"),
    Command(operation="deliveries.break-glass", positional=("delivery",)),
)
"""Commands that stand in no group."""
