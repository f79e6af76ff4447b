"""How often is what wrong? Every rate of the corpus on one page.

Counted are: pupil numbers whose check letter fails (567 of 585 in two public samples of social-care returns) and
how SIMS, GOV.UK Forms and Hackney's form write things. For the rest no public count exists; those rates are ours, set
from what guidance, forms and public test data show to happen, and meant to be replaced by a council's own counts.
"""

from collections.abc import Mapping
from types import MappingProxyType

FORMATS: Mapping[str, int] = MappingProxyType(
    {
        "mash/govuk-forms-1": 26,
        "mash/moj-forms-1": 10,
        "mash/flat-1": 18,
        "mash/start-request-1": 10,
        "sims/superstar-1": 12,
        "sims/csv-1": 8,
        "sims/ctf-25": 6,
        "ecaf/episode-1": 5,
        "ecaf/xml-1": 3,
        "ecaf/history-1": 2,
    }
)
"""Of 100 documents, so many come in each format. Police and health, who send most contacts, are referrers by form."""

UPN_FAILS = 0.9
"""Of pupil numbers in records and transfers: 567 of 585 counted fail."""
UPN_ON_A_FORM = 0.05
"""Few referrers know it."""
NHS_ON_A_FORM = 0.15
KNOWN_AGAIN = 0.35
"""The document is about a child an earlier one told of; of referrals to social care a fifth are re-referrals within a
year, and a school sends the same pupils every time."""
SENT_TWICE = 0.04
"""The same document comes a second time, byte for byte."""
SIBLING_TOO = 0.2
TWINS = 0.015
"""Of families: 15 of 1,000 confinements are multiple."""
UNBORN = 0.02
MOVED = 0.03
"""The family lives elsewhere by now: about one in ten moves in a year, and documents about a child lie months apart."""
FATHERS_NAME = 0.01
"""A son is called as his father is."""
NO_CONSENT_BLOCK = 0.3
"""The form or report does not ask, or nobody answered."""
CONSENT_REFUSED = 0.08
CONSENT_RESTRICTED = 0.06
LEVEL_OF_NEED_MISSING = 0.1

NAME_UPPER = 0.1
NAME_LOWER = 0.02
NAME_NO_BREAK_BLANK = 0.03
NAME_TRAILING_BLANK = 0.05
NAME_ACCENT_LOST = 0.3
"""Of names with an accent."""
NAME_OTHER_APOSTROPHE = 0.3
"""Of names with an apostrophe."""
NAME_SHORT = 0.03
"""Tess for Testina."""
NAME_MISTYPED = 0.01
NAME_SWAPPED = 0.005
FAMILY_NAME_CHANGED = 0.02
MIDDLE_NAME_TOO = 0.1
NAME_IN_ONE_BOX = 0.1
"""Of forms that builders of forms without a question for names make: one box for the whole name and address."""

BIRTHDAY_MISSING = 0.02
"""On a form; a school's system takes no pupil without one."""
BIRTHDAY_SWAPPED = 0.01
"""Day and month the wrong way round."""
BIRTHDAY_MISTYPED = 0.005
TWO_DIGIT_YEAR = 0.02
EXCEL_SERIAL = 0.005
OTHER_DATE_KIND = 0.15
"""A date in one of the other kinds that are certain: yyyy-mm-dd on a form, d/m/yyyy, yyyymmdd."""

POSTCODE_SQUEEZED = 0.1
POSTCODE_MISSING = 0.05
LABEL_OTHER_CASE = 0.05
LABEL_NO_BREAK_BLANK = 0.02
LABEL_OTHER_WORDS = 0.15
"""Of the answers where a sender has words of its own: another council's, or another year's, list of choices."""
LABEL_OUT_OF_LIST = 0.01
"""`#N/A`, `Refused`, a formula: what no list can know."""
SEVERAL_CONTACTS = 0.6
SEVERAL_TELEPHONES = 0.3
RARE_ENCODING = 0.3
"""Of school files: windows-1252."""
PUPILS_IN_A_FILE = (1, 8)
EPISODES_IN_A_FILE = (2, 5)
