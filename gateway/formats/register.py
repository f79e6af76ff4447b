"""Which formats do we speak, and in which direction?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

from gateway.errors import UnsupportedFormatError

Direction: TypeAlias = Literal["in", "out"]
_VERSION = re.compile(r"(?P<stem>.+)-(?P<number>\d+)")
_JSON = ("application/json",)


class Reader(StrEnum):
    """How the bytes of a format become a tree."""

    JSON = "json"
    FLAT = "flat"
    """A form post, or the same as one flat JSON object."""
    SUPERSTAR = "superstar"
    EPISODE_XML = "episode-xml"
    """The envelope of ours in XML."""
    HISTORY = "history"
    """Many envelopes' documents, a line each."""
    MOJ_FORMS = "moj-forms"
    """A submission of MoJ Forms, in either of its shapes."""
    SCHOOL_CSV = "school-csv"
    """The table of a school's report as CSV."""
    CTF = "ctf"
    ANNEX_A_CONTACTS = "annex-a-contacts"
    """List 1 of Annex A as CSV."""
    ANNEX_A_ASSESSMENTS = "annex-a-assessments"
    """List 2 of Annex A as CSV."""


ANNEX_A_LISTS: Mapping[Reader, int] = MappingProxyType({Reader.ANNEX_A_CONTACTS: 1, Reader.ANNEX_A_ASSESSMENTS: 2})
HOLDS_SEVERAL = frozenset({Reader.SUPERSTAR, Reader.SCHOOL_CSV, Reader.CTF, *ANNEX_A_LISTS})
"""What holds several records in one document."""
STREAMED = frozenset({Reader.SUPERSTAR, Reader.SCHOOL_CSV, Reader.CTF, Reader.HISTORY})
"""What can be read record by record, so that a document of it may be too large to be held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One wire format.

    Shape: `name` is `{partner}/{message}-{version}`. `kind` is the message a document of it brings, `document` the
    canonical document it becomes, `schema` its schema's path under schemas/. `reference` is the top-level name of the
    sender's own reference for the document, by which a repeat is known; None where one reference may come with several
    documents. `secrets` are the top-level names of what is the sender's own and is dropped before anything is stored.
    """

    name: str
    title: str
    directions: frozenset[Direction]
    media_types: tuple[str, ...]
    kind: str
    document: str
    schema: str
    reader: Reader
    reference: str | None = None
    secrets: tuple[str, ...] = ()

    @property
    def partner(self) -> str:
        """Return the system key, such as `mash`."""
        return self.name.partition("/")[0]


def _register(*formats: Format) -> Mapping[str, Format]:
    return MappingProxyType({form.name: form for form in formats})


CTF_OLDEST, CTF_NEWEST = 12, 25
"""The editions of the Common Transfer File that are read; the newest is written too."""
_IN: frozenset[Direction] = frozenset({"in"})
_OUT: frozenset[Direction] = frozenset({"out"})
_BOTH: frozenset[Direction] = frozenset({"in", "out"})


def _ctf(edition: int) -> Format:
    return Format(
        name=f"sims/ctf-{edition}",
        title=f"pupils who change schools: Common Transfer File, edition {edition}",
        directions=_BOTH if edition == CTF_NEWEST else _IN,
        media_types=("application/xml", "text/xml"),
        kind="sims.pupil.received",
        document="sims.pupil",
        schema="partners/sims/ctf/1/ctf.xsd",
        reader=Reader.CTF,
    )


FORMATS: Mapping[str, Format] = _register(
    Format(
        name="annex-a/list-1-1",
        title="list 1 of Ofsted's Annex A, contacts of the last six months, CSV",
        directions=_IN,
        media_types=("text/csv",),
        kind="mash.contact.listed",
        document="mash.contact",
        schema="partners/annex-a/list-1/1/list.schema.json",
        reader=Reader.ANNEX_A_CONTACTS,
    ),
    Format(
        name="annex-a/list-2-1",
        title="list 2 of Ofsted's Annex A, early help assessments of the last six months, CSV",
        directions=_IN,
        media_types=("text/csv",),
        kind="caf.history.imported",
        document="ecaf.episode",
        schema="partners/annex-a/list-2/1/list.schema.json",
        reader=Reader.ANNEX_A_ASSESSMENTS,
    ),
    Format(
        name="ecaf/consent-1",
        title="a family's word about sharing: given, limited, refused or withdrawn, JSON (ours)",
        directions=_IN,
        media_types=_JSON,
        kind="caf.consent.changed",
        document="ecaf.consent",
        schema="partners/ecaf/consent/1/consent.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="ecaf/enquiry-1",
        title="whether an early-help episode is open, as it is asked, JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="caf.enquiry.requested",
        document="ecaf.enquiry",
        schema="partners/ecaf/enquiry/1/enquiry.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="ecaf/enquiry-answer-1",
        title="whether an early-help episode is open, and whom to call, JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="caf.enquiry.looked_up",
        document="ecaf.answer",
        schema="partners/ecaf/enquiry-answer/1/answer.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="ecaf/correction-1",
        title="notes that correct documents we sent, JSON (ours)",
        directions=_OUT,
        media_types=_JSON,
        kind="caf.correction.sent",
        document="ecaf.correction",
        schema="partners/ecaf/correction/1/correction.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="ecaf/episode-1",
        title="an early-help episode, canonical JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="caf.episode.opened",
        document="ecaf.episode",
        schema="partners/ecaf/episode/1/episode.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="ecaf/family-1",
        title="a family whose children's early-help episodes are to be set up, JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="caf.family.submitted",
        document="ecaf.family",
        schema="partners/ecaf/family/1/family.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="ecaf/history-1",
        title="a whole history: many early-help episodes with their own dates, JSON lines (ours)",
        directions=_BOTH,
        media_types=("application/x-ndjson", "application/jsonl"),
        kind="caf.history.imported",
        document="ecaf.episode",
        schema="partners/ecaf/history/1/line.schema.json",
        reader=Reader.HISTORY,
        reference="message_id",
    ),
    Format(
        name="ecaf/notice-1",
        title="what is to be done with documents we sent: stop sharing, purge, correct; no content; JSON (ours)",
        directions=_OUT,
        media_types=_JSON,
        kind="caf.notice.sent",
        document="ecaf.notice",
        schema="partners/ecaf/notice/1/notice.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="ecaf/notice-answer-1",
        title="what a receiver answers to a notice of ours, or to a document with terms, JSON (ours)",
        directions=_IN,
        media_types=_JSON,
        kind="caf.notice.answered",
        document="ecaf.notice-answer",
        schema="partners/ecaf/notice-answer/1/notice-answer.schema.json",
        reader=Reader.JSON,
    ),
    Format(
        name="ecaf/registration-1",
        title="somebody who asks to become a user of the eCAF system, JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="caf.registration.submitted",
        document="ecaf.registration",
        schema="partners/ecaf/registration/1/registration.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="ecaf/xml-1",
        title="an early-help episode, canonical XML (ours)",
        directions=_BOTH,
        media_types=("application/xml", "text/xml"),
        kind="caf.episode.opened",
        document="ecaf.episode",
        schema="partners/ecaf/xml/1/episode.xsd",
        reader=Reader.EPISODE_XML,
        reference="message_id",
    ),
    Format(
        name="mash/check-answer-1",
        title="what a partner answers a MASH about a child, JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="mash.check.returned",
        document="mash.answer",
        schema="partners/mash/check-answer/1/check-answer.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="mash/decision-1",
        title="what the MASH says has become of a referral, JSON (ours)",
        directions=_IN,
        media_types=_JSON,
        kind="mash.decision.made",
        document="mash.decision",
        schema="partners/mash/decision/1/decision.schema.json",
        reader=Reader.JSON,
    ),
    Format(
        name="mash/feedback-1",
        title="what the referrer is told, JSON (ours)",
        directions=_OUT,
        media_types=_JSON,
        kind="mash.feedback.sent",
        document="mash.feedback",
        schema="partners/mash/feedback/1/feedback.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="mash/flat-1",
        title="a referral as flat names and values: a form post or JSON",
        directions=_IN,
        media_types=("application/x-www-form-urlencoded", "multipart/form-data", *_JSON),
        kind="mash.referral.submitted",
        document="mash.referral",
        schema="partners/mash/flat/1/flat.schema.json",
        reader=Reader.FLAT,
    ),
    Format(
        name="mash/govuk-forms-1",
        title="a referral as a GOV.UK Forms submission, JSON version 1",
        directions=_IN,
        media_types=_JSON,
        kind="mash.referral.submitted",
        document="mash.referral",
        schema="partners/mash/govuk-forms/1/submission.schema.json",
        reader=Reader.JSON,
        reference="submission_reference",
    ),
    Format(
        name="mash/moj-forms-1",
        title="a referral as a MoJ Forms submission, JSON: its payload or its webhook",
        directions=_IN,
        media_types=_JSON,
        kind="mash.referral.submitted",
        document="mash.referral",
        schema="partners/mash/moj-forms/1/submission.schema.json",
        reader=Reader.MOJ_FORMS,
        reference="reference",
        secrets=("actions",),
    ),
    Format(
        name="mash/partner-check-1",
        title="what a MASH asks its partners about a child, JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="mash.check.requested",
        document="mash.check",
        schema="partners/mash/partner-check/1/partner-check.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="mash/referral-1",
        title="a referral to the MASH, canonical JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="mash.referral.submitted",
        document="mash.referral",
        schema="partners/mash/referral/1/referral.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="mash/referral-store-1",
        title="a referral as Hackney's referral service takes it, JSON",
        directions=_OUT,
        media_types=_JSON,
        kind="mash.referral.submitted",
        document="mash.referral",
        schema="partners/mash/referral-store/1/referral.schema.json",
        reader=Reader.JSON,
    ),
    Format(
        name="mash/request-1",
        title="a request to start early help, canonical JSON (ours)",
        directions=_BOTH,
        media_types=_JSON,
        kind="caf.request.submitted",
        document="ecaf.request",
        schema="partners/mash/request/1/request.schema.json",
        reader=Reader.JSON,
        reference="message_id",
    ),
    Format(
        name="mash/start-request-1",
        title="a request to start early help as flat names and values: a form post or JSON",
        directions=_IN,
        media_types=("application/x-www-form-urlencoded", "multipart/form-data", *_JSON),
        kind="caf.request.submitted",
        document="ecaf.request",
        schema="partners/mash/start-request/1/start-request.schema.json",
        reader=Reader.FLAT,
    ),
    Format(
        name="sims/csv-1",
        title="a SIMS report as CSV, with the captions of our published profile",
        directions=_IN,
        media_types=("text/csv",),
        kind="sims.form.received",
        document="sims.pupil",
        schema="partners/sims/csv/1/report.schema.json",
        reader=Reader.SCHOOL_CSV,
    ),
    *(_ctf(edition) for edition in range(CTF_OLDEST, CTF_NEWEST + 1)),
    Format(
        name="sims/superstar-1",
        title="a SIMS report as XML (SuperStarReport)",
        directions=_IN,
        media_types=("application/xml", "text/xml"),
        kind="sims.form.received",
        document="sims.pupil",
        schema="partners/sims/superstar/1/superstar.xsd",
        reader=Reader.SUPERSTAR,
    ),
)
"""Every format, by its name."""


def find_format(partner: str, message_version: str, *, direction: Direction | None = None) -> Format:
    """Return the format called `{partner}/{message_version}`; without a version, the newest there is.

    Raises:
        UnsupportedFormatError: there is none, or not in this *direction*.
    """
    name = f"{partner}/{message_version}"
    found = FORMATS.get(name) or _newest(name)
    if found is None:
        raise UnsupportedFormatError("no format of this partner, message and version is spoken here")
    if direction is not None and direction not in found.directions:
        raise UnsupportedFormatError(f"{found.name} is not spoken in the direction {direction!r}")
    return found


def _newest(stem: str) -> Format | None:
    versions = ((_VERSION.fullmatch(name), form) for name, form in FORMATS.items())
    of_stem = {int(match["number"]): form for match, form in versions if match and match["stem"] == stem}
    return of_stem[max(of_stem)] if of_stem else None
