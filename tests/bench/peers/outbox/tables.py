"""What does the outbox peer keep in its database? The documents, and what is still to be published."""

from faststream_outbox import make_outbox_table
from sqlalchemy import Column, LargeBinary, MetaData, String, Table

METADATA = MetaData()
REFERRAL = Table("referral", METADATA, Column("id", String, primary_key=True), Column("body", LargeBinary))
OUTBOX = make_outbox_table(METADATA)
QUEUE = "referrals"
