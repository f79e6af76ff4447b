"""What does the database look like? The schema as the newest migration leaves it; a test keeps the two equal.

Every row belongs to an authority, and every key begins with it. `position` counts rows in the order they were stored
and is the one column unique by itself: it places a row and names nothing.
Times are microseconds since 1970-01-01 UTC. What is called `sealed` or `wrapped` is ciphertext.
"""

from sqlalchemy import Column, Float, Text

from gateway.adapters.sql.columns import (
    count,
    counted,
    index,
    metadata,
    number,
    refers,
    sealed,
    small,
    table,
    truth,
    unique,
    words,
)
from gateway.adapters.sql.tables_of_duties import person_call, person_duty, review_proposal

__all__ = ["metadata", "person_call", "person_duty", "review_proposal"]

message = table(
    "message",
    words("message_id"),
    words("organisation"),
    words("format"),
    words("idempotency_key"),
    words("body_sha256"),
    number("size_bytes"),
    number("received_at"),
    number("lane"),
    words("state"),
    words("reason", may_miss=True),
    words("receipt"),
    words("correlation_id"),
    words("channel"),
    Column("trace_id", Text, nullable=False, server_default=""),
    sealed("file_name_sealed", may_miss=True),
    number("cursor"),
    number("attempt"),
    number("ready_at", may_miss=True),
    count("lease"),
    count("lost"),
    count("position"),
    unique("organisation", "format", "idempotency_key"),
    index("message_due", "lane", "position", where="ready_at IS NOT NULL"),
    index("message_age", "position"),
    index("message_state", "state", "position"),
    key=("message_id",),
)
original = table(
    "original", words("message_id"), sealed("wrapped_key"), refers("message", "message_id"), key=("message_id",)
)
original_chunk = table(
    "original_chunk",
    words("message_id"),
    number("number"),
    sealed("sealed"),
    refers("original", "message_id"),
    key=("message_id", "number"),
)
record = table(
    "record",
    words("record_id"),
    words("message_id"),
    number("position"),
    words("kind"),
    words("document"),
    sealed("sealed"),
    words("subjects"),
    words("state"),
    words("reason", may_miss=True),
    words("conversation_id", may_miss=True),
    words("match_status", may_miss=True),
    Column("match_score", Float),
    sealed("wrapped_key", may_miss=True),
    words("mapping"),
    number("losses"),
    unique("message_id", "position"),
    refers("message", "message_id"),
    key=("record_id",),
)
record_subject = small(
    "record_subject",
    words("child_ref"),
    words("record_id"),
    refers("record", "record_id"),
    index("record_subject_record", "record_id"),
    key=("child_ref", "record_id"),
)
attachment = table(
    "attachment",
    words("record_id"),
    number("number"),
    sealed("wrapped_key"),
    sealed("sealed"),
    refers("record", "record_id"),
    key=("record_id", "number"),
)
attachment_scan = small(
    "attachment_scan",
    words("record_id"),
    number("number"),
    number("added_at"),
    words("state"),
    words("signature", may_miss=True),
    number("attempt"),
    number("ready_at", may_miss=True),
    number("settled_at", may_miss=True),
    refers("attachment", "record_id", "number"),
    index("attachment_scan_waits", "added_at", "record_id", "number", where="state = 'waiting'"),
    index("attachment_scan_found", "record_id", "number", where="state = 'malware'"),
    key=("record_id", "number"),
)
child = table("child", words("child_ref"), sealed("wrapped_key"), sealed("sealed_identity"), key=("child_ref",))
child_key = small(
    "child_key",
    sealed("blinded"),
    words("child_ref"),
    refers("child", "child_ref"),
    index("child_key_child", "child_ref"),
    key=("blinded", "child_ref"),
)
fact = table(
    "fact",
    words("fact_id"),
    words("child_ref"),
    words("kind"),
    sealed("sealed"),
    number("recorded_at"),
    refers("child", "child_ref"),
    index("fact_child", "child_ref", "recorded_at", "fact_id"),
    key=("fact_id",),
)
fact_history = counted(
    "fact_history",
    words("fact_id"),
    words("child_ref"),
    words("kind"),
    sealed("sealed"),
    number("recorded_at"),
    number("retired_at"),
    refers("child", "child_ref"),
    index("fact_history_child", "child_ref", "position"),
)
epoch = small("epoch", words("name"), number("value"), key=("name",))
permit = counted(
    "permit",
    words("permit_id"),
    words("record_id"),
    words("recipient"),
    words("result"),
    words("reason"),
    words("body"),
    number("decided_at"),
    sealed("questions", may_miss=True),
    unique("permit_id"),
    index("permit_record", "record_id", "position"),
)
delivery = counted(
    "delivery",
    words("delivery_id"),
    words("record_id"),
    words("message_id"),
    words("recipient"),
    words("kind"),
    words("format"),
    words("purpose"),
    words("mode"),
    number("lane"),
    words("subjects"),
    words("permit_id", may_miss=True),
    words("state"),
    words("idempotency"),
    number("created_at"),
    number("attempt"),
    number("ready_at", may_miss=True),
    words("reason", may_miss=True),
    words("document_sha256", may_miss=True),
    number("handed_over_at", may_miss=True),
    number("waits_for", may_miss=True),
    count("lease"),
    count("lost"),
    unique("delivery_id"),
    refers("record", "record_id"),
    index("delivery_age", "position"),
    index("delivery_record", "record_id"),
    index("delivery_message", "message_id", "position"),
    index("delivery_state", "state", "position"),
    index("delivery_waits", "waits_for", "lane", "position", where="waits_for IS NOT NULL"),
    index(
        "delivery_recipient",
        "recipient",
        "position",
        where="ready_at IS NOT NULL AND waits_for IS NULL AND state = 'ordered'",
    ),
    index(
        "delivery_due",
        "lane",
        "ready_at",
        "position",
        where="ready_at IS NOT NULL AND waits_for IS NULL AND state IN ('ordered', 'handed_over')",
    ),
)
delivery_subject = small(
    "delivery_subject",
    words("child_ref"),
    number("position"),
    words("recipient"),
    number("lane"),
    truth("is_open"),
    index(
        "delivery_subject_open",
        "recipient",
        "lane",
        "child_ref",
        "position",
        where="is_open = 1",
    ),
    key=("child_ref", "position"),
)
delivery_document = table(
    "delivery_document",
    words("delivery_id"),
    sealed("wrapped_key", may_miss=True),
    sealed("sealed_document", may_miss=True),
    refers("delivery", "delivery_id"),
    key=("delivery_id",),
)
breaker = counted(
    "breaker",
    words("organisation"),
    words("state"),
    *(number(name) for name in ("failures", "openings")),
    *(number(name, may_miss=True) for name in ("since", "tried_at", "probe_at", "paced_at", "queued_at")),
    unique("organisation"),
)
timer = small(
    "timer",
    words("conversation_id"),
    words("kind"),
    words("timer_id"),
    number("due_at"),
    index("timer_due", "due_at", "timer_id"),
    key=("conversation_id", "kind"),
)
conversation = table(
    "conversation",
    words("conversation_id"),
    words("kind"),
    words("reference"),
    words("state"),
    words("body"),
    number("version"),
    index(
        "conversation_reference",
        "kind",
        "reference",
        unique=True,
        where="reference <> ''",
    ),
    key=("conversation_id",),
)
review = table(
    "review",
    words("review_id"),
    words("kind"),
    words("reason"),
    words("role"),
    words("subject_id"),
    number("opened_at"),
    number("due_at"),
    words("status"),
    words("decided_by", may_miss=True),
    number("decided_at", may_miss=True),
    sealed("note_sealed", may_miss=True),
    sealed("note_key", may_miss=True),
    index("review_due", "due_at", "review_id"),
    index("review_status", "status", "due_at", "review_id"),
    key=("review_id",),
)
audit_event = counted(
    "audit_event",
    words("event_id"),
    words("kind"),
    sealed("header"),
    words("message_id", may_miss=True),
    number("recorded_at"),
    sealed("commitment"),
    unique("event_id"),
    index("audit_event_message", "message_id", "position", where="message_id IS NOT NULL"),
    index("audit_event_decisions", "recorded_at", "position", where="kind = 'decision.made'"),
)
audit_payload = table(
    "audit_payload",
    words("event_id"),
    sealed("sealed_payload"),
    words("child_ref", may_miss=True),
    number("subject_seq", may_miss=True),
    sealed("wrapped_key", may_miss=True),
    refers("audit_event", "event_id"),
    index(
        "audit_payload_chain",
        "child_ref",
        "subject_seq",
        unique=True,
        where="child_ref IS NOT NULL",
    ),
    key=("event_id",),
)
audit_pending = small("audit_pending", number("position"), key=("position",))
audit_leaf = table(
    "audit_leaf",
    number("leaf_index"),
    words("event_id"),
    sealed("leaf_hash"),
    unique("event_id"),
    refers("audit_event", "event_id"),
    key=("leaf_index",),
)
audit_node = small("audit_node", number("level"), number("node_index"), sealed("hash"), key=("level", "node_index"))
audit_checkpoint = table("audit_checkpoint", number("size"), words("note"), number("signed_at"), key=("size",))
organisation = table(
    "organisation",
    words("organisation"),
    words("system"),
    words("type"),
    words("profile"),
    truth("is_enabled"),
    key=("organisation",),
)
credential = table(
    "credential",
    words("credential_id"),
    words("organisation"),
    words("secret_sha256"),
    words("scopes"),
    truth("is_enabled"),
    number("created_at"),
    refers("organisation", "organisation"),
    key=("credential_id",),
)
account = table(
    "account",
    words("user_id"),
    words("name"),
    words("password_hash"),
    words("roles"),
    truth("is_enabled"),
    key=("user_id",),
)
label_task = counted(
    "label_task",
    words("list_name"),
    words("label_blind"),
    sealed("label_sealed"),
    words("system"),
    words("path"),
    words("record_id"),
    words("status"),
    index(
        "label_task_open",
        "list_name",
        "label_blind",
        "record_id",
        unique=True,
        where="status = 'open'",
    ),
    index("label_task_age", "position"),
    index("label_task_status", "status", "position"),
    index("label_task_of_record", "record_id", "position"),
)
label_meaning = small(
    "label_meaning", words("list_name"), words("label_blind"), words("code"), key=("list_name", "label_blind")
)
sign_in = table(
    "sign_in",
    words("kind"),
    words("name"),
    number("tries"),
    number("until"),
    index("sign_in_until", "until"),
    key=("kind", "name"),
)
wake = counted(
    "wake",
    words("routing_key"),
    words("reference"),
    count("leased_until"),
    index("wake_due", "position"),
)
duty = small("duty", words("name"), words("holder"), number("until"), number("term"), key=("name",))
