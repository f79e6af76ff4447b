"""How does the database keep what people must do, what one of two has said, and whom to tell? A part of `tables`."""

from gateway.adapters.sql.columns import index, number, refers, sealed, small, table, unique, words

review_proposal = table(
    "review_proposal",
    words("review_id"),
    words("choice"),
    words("proposed_by"),
    words("role"),
    number("proposed_at"),
    sealed("note_sealed"),
    sealed("note_key"),
    refers("review", "review_id"),
    key=("review_id",),
)
person_duty = table(
    "person_duty",
    *(words(name) for name in ("duty_id", "code", "subject_id", "role", "reason", "children")),
    number("opened_at"),
    number("due_at"),
    *(words(name, may_miss=True) for name in ("message_id", "recipient", "not_by")),
    words("status"),
    words("outcome", may_miss=True),
    words("kept_by", may_miss=True),
    number("kept_at", may_miss=True),
    sealed("note_sealed", may_miss=True),
    sealed("note_key", may_miss=True),
    unique("code", "subject_id"),
    index("person_duty_subject", "subject_id", "opened_at", "duty_id"),
    index("person_duty_status", "status", "due_at", "duty_id"),
    key=("duty_id",),
)
person_call = small(
    "person_call",
    *(words(name) for name in ("call_id", "person", "about", "heading")),
    number("due_at"),
    number("called_at"),
    number("attempt"),
    number("ready_at", may_miss=True),
    words("state"),
    words("reason", may_miss=True),
    index("person_call_due", "ready_at", "call_id", where="state = 'due'"),
    index("person_call_age", "called_at", "call_id"),
    key=("call_id",),
)
