"""In which words is a referrer told what the MASH decided?

Written for somebody in a school office or a clinic: what happens now, and what to do next. Never what a check found,
never whether anybody else is known, never a name.
"""

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.referral import MashOutcome

_AGAIN = "If anything changes or you learn more, tell the MASH again. If a child is in danger now, call 999."

NEXT_STEP: Mapping[MashOutcome, str] = MappingProxyType(
    {
        MashOutcome.MO1: f"The MASH will take no further action on this. Carry on with your own support. {_AGAIN}",
        MashOutcome.MO2: f"The MASH suggests advice or a service open to every family. Please pass this on. {_AGAIN}",
        MashOutcome.MO3: (
            "Early help will start: the CAF team finds an assessor and a lead professional and will contact you. "
            "Please tell the family that it is on its way."
        ),
        MashOutcome.MO4: (
            "Early help is already in place. Your information has gone to the lead professional, who will contact you. "
            "Please take part if you are invited to a team meeting."
        ),
        MashOutcome.MO5: "A targeted early-help service will contact the family. Carry on with your own support.",
        MashOutcome.MO6: (
            "Children's social care will carry out a child and family assessment. The social worker will contact you; "
            "please have your own records ready."
        ),
        MashOutcome.MO7: (
            "Children's social care is acting to protect the child and will contact you today. "
            "Do not speak to the family about this until the social worker has spoken to you."
        ),
        MashOutcome.MO8: "Your information has gone to the worker for this child, who will contact you if need be.",
        MashOutcome.MO9: (
            "Another local authority is responsible. The MASH has passed your referral on, "
            "and they will contact you if more is needed."
        ),
        MashOutcome.MO10: (
            "The MASH cannot decide yet because something is missing. Please add what is listed and send the form "
            "again with the same reference. If a child is in danger now, do not wait: call 999."
        ),
        MashOutcome.MO11: (
            "The emergency services are responding. Do not speak to the family about this until you are asked to."
        ),
        MashOutcome.MO12: (
            "Your referral is with the right person, who will contact you if more is needed. "
            "Do not discuss it with anybody."
        ),
    }
)
"""What a professional is told, by outcome."""

IN_WORDS: Mapping[MashOutcome, str] = MappingProxyType(
    {
        MashOutcome.MO1: "No further action",
        MashOutcome.MO2: "Advice, information or a service open to every family",
        MashOutcome.MO3: "Early help starts",
        MashOutcome.MO4: "Early help is in place, and its lead professional has been told",
        MashOutcome.MO5: "A targeted early-help service",
        MashOutcome.MO6: "A child and family assessment",
        MashOutcome.MO7: "A strategy discussion",
        MashOutcome.MO8: "The allocated worker has been told",
        MashOutcome.MO9: "Another local authority is responsible",
        MashOutcome.MO10: "Returned, because something is missing",
        MashOutcome.MO11: "An emergency response",
        MashOutcome.MO12: "With the right person",
    }
)
"""What an outcome is called, in a few words; the same for every referral."""

RETURNED = (
    "Early help begins with the family's agreement here, so nobody has decided on this form. Talk to the family, add "
    "what is listed and send the form again with the same reference. If you are worried that a child is being harmed, "
    "say so on the form: no agreement is needed then. If a child is in danger now, do not wait: call 999."
)
"""What a professional is told whose form went back before the MASH had seen it."""

HOLD_FILE = "Keep this message in the child's child protection file."
"""What a school is told besides."""

HANDLED = "The MASH has dealt with your referral and will contact you if more is needed. " + _AGAIN
"""What anybody is told where an outcome could give away where somebody lives or who they were."""

THANKS = (
    "Thank you for telling us. Your report has been received and looked at. To protect the family we cannot say what "
    "happens next. " + _AGAIN
)
"""What a member of the public or of the family is told, whatever was decided."""

WAITING = "The MASH has your referral and will decide by {due}. If a child is in danger now, call 999."
"""What a professional is told while the MASH decides."""

DISAGREE = (
    "If you disagree, say so: ask your safeguarding lead to use the escalation procedure of your local safeguarding "
    "children partnership."
)
"""The way to disagree, where the installation names none of its own."""

FROM_THE_MASH = " The MASH adds: {advice}"
