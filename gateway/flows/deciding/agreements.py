"""Which sharing agreement does a flow go by, and how are agreements written down, changed and ended?

Every version ever recorded stands in the profile of each organisation it binds, so that a decision needs no further
look-up; a new version is added beside the old ones, and an end is written into the version that ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from gateway.audit.event import EventKind
from gateway.consent.question import Agreement, Purpose
from gateway.consent.record_json import read_record, write_record
from gateway.consent.sharing_agreement import SharingAgreement, standing_agreement
from gateway.errors import ConflictError, NotFoundError, Place, SchemaViolationError
from gateway.flows.context import Desk
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Organisation
from gateway.flows.trail import About
from gateway.model.identifiers import OrganisationId

if TYPE_CHECKING:
    from gateway.model.tree import Group

AGREEMENTS: Final = "agreements"
"""Where a profile keeps the versions of every agreement that binds the organisation."""


def agreement_at(organisation: Organisation, at: datetime, purpose: Purpose) -> Agreement:
    """Return the sharing agreement with *organisation* for *purpose*, as it stands at *at*.

    What was recorded counts; the profile's own words only where nothing ever was.
    """
    recorded = organisation.profile.get(AGREEMENTS)
    if recorded:
        return standing_agreement((read_record(SharingAgreement, one) for one in recorded), purpose, at)
    return _of_profile(organisation.profile.get("agreement", {}), at)


def versions_of(organisation: Organisation) -> list[SharingAgreement]:
    """Return every version of every agreement that was recorded for *organisation*, oldest first."""
    return [read_record(SharingAgreement, one) for one in organisation.profile.get(AGREEMENTS, ())]


@dataclass(frozen=True, slots=True)
class Agreements:
    """Keeps the agreements between bodies."""

    desk: Desk

    def add(self, agreement: SharingAgreement, *, actor: str) -> None:
        """Keep a version of an agreement, for each organisation it binds.

        Raises:
            NotFoundError: an organisation it names is not known.
            ConflictError: this version was recorded before.
        """

        def _write(uow: UnitOfWork) -> None:
            for number, name in enumerate(agreement.organisations):
                known = _organisation(uow, name, f"organisations[{number}]")
                if any(_is_same(one, agreement) for one in versions_of(known)):
                    raise ConflictError("this version was recorded before", place=Place(path="version"))
                self._keep(uow, known, [*versions_of(known), agreement])
            self._tell(uow, agreement, EventKind.AGREEMENT_RECORDED, actor)

        self.desk.store.write(_write)

    def end(self, agreement_id: str, *, at: datetime, because: str, actor: str) -> int:
        """End every version of an agreement from *at* on, and return how many organisations that binds no longer.

        Raises:
            NotFoundError: there is no such agreement, or none that has not ended.
            SchemaViolationError: it would end before it began.
        """

        def _write(uow: UnitOfWork) -> int:
            bound = 0
            ended: SharingAgreement | None = None
            for known in uow.directory.organisations():
                versions = versions_of(known)
                changed = [_ended(one, agreement_id, at, because) for one in versions]
                if changed != versions:
                    self._keep(uow, known, changed)
                    bound += 1
                    ended = next(one for one, was in zip(changed, versions, strict=True) if one != was)
            if ended is None:
                raise NotFoundError("there is no such agreement in force", place=Place(path="agreement"))
            self._tell(uow, ended, EventKind.AGREEMENT_ENDED, actor)
            return bound

        return self.desk.store.write(_write)

    def all(self) -> list[SharingAgreement]:
        """Return every version of every agreement, by its id and then by when it began."""
        found: dict[tuple[str, str], SharingAgreement] = {}
        for known in self.desk.store.read(lambda uow: uow.directory.organisations()):
            found.update({(one.agreement_id, one.version): one for one in versions_of(known)})
        return sorted(found.values(), key=lambda one: (one.agreement_id, one.effective_from, one.version))

    def _keep(self, uow: UnitOfWork, known: Organisation, versions: list[SharingAgreement]) -> None:
        profile = {**known.profile, AGREEMENTS: [write_record(one) for one in versions]}
        uow.directory.put_organisation(replace(known, profile=profile))
        uow.epochs.lift([f"recipient:{known.organisation}"])

    def _tell(self, uow: UnitOfWork, agreement: SharingAgreement, kind: EventKind, actor: str) -> None:
        words: Group = {"agreement": agreement.agreement_id, "agreement_version": agreement.version}
        words["object"] = write_record(agreement)
        about = About(actor=actor, organisation=self.desk.sender)
        self.desk.trail.tell(uow, kind, words, at=self.desk.clock.now(), about=about)


def _organisation(uow: UnitOfWork, name: str, path: str) -> Organisation:
    try:
        return uow.directory.organisation(OrganisationId(name))
    except NotFoundError:
        raise NotFoundError("we know no such organisation", place=Place(path=path)) from None


def _is_same(one: SharingAgreement, other: SharingAgreement) -> bool:
    return (one.agreement_id, one.version) == (other.agreement_id, other.version)


def _ended(one: SharingAgreement, agreement_id: str, at: datetime, because: str) -> SharingAgreement:
    """Return *one*, ended from *at* on where it is the agreement that ends and has not ended before."""
    if one.agreement_id != agreement_id or one.ended_at is not None:
        return one
    if at < one.effective_from:
        raise SchemaViolationError("it would end before it began", place=Place(path="at"))
    return replace(one, ended_at=at, ended_because=because)


def _of_profile(agreement: Mapping[str, object], at: datetime) -> Agreement:
    """Return what a profile says itself: an agreement whose last day has passed is expired, whatever it says."""
    status = _word(agreement.get("status")) or "missing"
    last = _word(agreement.get("expires_on"))
    days = (at.date() - date.fromisoformat(last)).days if last else 0
    return Agreement(
        id=_word(agreement.get("id")),
        version=_word(agreement.get("version")),
        status="expired" if days > 0 and status == "in_force" else status,
        expired_days=max(days, 0) if last else None,
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None
