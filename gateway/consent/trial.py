"""How does somebody try a translation without releasing anything?"""

from datetime import datetime

from gateway.consent.clearance import TEST_POLICY
from gateway.consent.content_filter import categories_of
from gateway.consent.decision import Grounds, Permit
from gateway.consent.question import Mode, Purpose


def trial_permit(document: str, *, recipient: str, at: datetime) -> Permit:
    """Return a permit that cuts nothing and marks all that rests on it NOT FOR RELEASE.

    Promise: every clearance made from it says `is_test`, which an outlet must refuse to send.

    Raises:
        SchemaViolationError: there is no such document.
    """
    grounds = Grounds(
        reason="P-CONVEY",
        rules=(),
        obligations=(),
        policy_version=TEST_POLICY,
        facts_digest="",
        purpose=Purpose.ADMIN,
        mode=Mode.CONVEY,
        recipient=recipient,
        decided_at=at,
        valid_until=None,
    )
    return Permit(grounds=grounds, redactions=(), kept=categories_of(document), epochs={})
