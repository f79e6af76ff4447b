"""Which rules hold, where and when? Every version of the policy, the areas' own profiles, and the law.

    sharing-2026.1.toml        a policy; every version there ever was stays, so that what was decided can be asked again
    local/blackburn-2026.1.toml    what an area asks for beyond it
    law.toml                   from when laws that rules ask about are in force, by area
    family.toml                what a parent may be told

Of the policies, and of an area's profiles, the one that came into force last holds; of several that came into force
together, the one with the highest version.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeVar

from gateway.consent.decision import Decision
from gateway.consent.family_words import FamilyWords, Situation, load_family_words
from gateway.consent.in_force import Starts
from gateway.consent.law import Law, load_law
from gateway.consent.local_profile import Profile, laid_over, load_profile
from gateway.consent.policy import Policy, load_policy
from gateway.errors import NotFoundError, PolicyError

LAW: Final = "law.toml"
LOCAL: Final = "local/"
FAMILY: Final = "family.toml"
_NO_WORDS: Final[Mapping[Situation, FamilyWords]] = MappingProxyType({})
_NO_LAW: Final = Law(starts={"s16LA": Starts(everywhere=None), "s16LC": Starts(everywhere=None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What holds in one area at one instant.

    Shape: `switches` are the laws that rules ask about. `until` is the next instant (UTC) at which the policy, the
    area's profile or a law becomes another one here, None if none is on the shelf.
    """

    policy: Policy
    switches: Mapping[str, bool]
    until: datetime | None

    @property
    def digest(self) -> str:
        """Return the SHA-256 (hex) that names the policy and which laws are in force."""
        laws = (f"{name} {is_on}" for name, is_on in sorted(self.switches.items()))
        return hashlib.sha256("\n".join((self.policy.digest, *laws)).encode("ascii")).hexdigest()

    def capped(self, decision: Decision) -> Decision:
        """Return *decision* with what it says of its validity: never beyond what holds now."""
        ends = (end for end in (decision.grounds.valid_until, self.until) if end is not None)
        until = min(ends, default=None)
        if until == decision.grounds.valid_until:
            return decision
        return replace(decision, grounds=replace(decision.grounds, valid_until=until))


class RuleBook:
    """Every version of every rule, by name and by when and where it is in force.

    Shape: `family` is what parents may be told; empty where there is no file of it.
    """

    def __init__(
        self,
        policies: Iterable[Policy],
        profiles: Iterable[Profile] = (),
        law: Law = _NO_LAW,
        family: Mapping[Situation, FamilyWords] = _NO_WORDS,
    ) -> None:
        """Take *policies* and *profiles*, and work out what holds in every area they name, from when.

        Raises:
            PolicyError: no policy, or a profile that asks for less than a policy it is laid over.
        """
        self._policies = {policy.version: policy for policy in policies}
        self._profiles = {profile.version: profile for profile in profiles}
        self._law = law
        self.family = family
        if not self._policies:
            raise PolicyError("there is no policy: no rules means no; add one")
        self._made: dict[tuple[str, str | None], Policy] = {}
        named = {area for starts in self._all_starts() for area in starts.areas}
        named |= {area for profile in self._profiles.values() for area in profile.areas}
        self._days = {area: self._days_of(area) for area in (None, *sorted(named))}
        self._lines = {area: self._line(area, days) for area, days in self._days.items()}

    @property
    def versions(self) -> tuple[str, ...]:
        """Return the versions of the policy there are, oldest first."""
        return tuple(sorted(self._policies, key=_key))

    @property
    def profiles(self) -> tuple[str, ...]:
        """Return the versions of areas' profiles there are."""
        return tuple(sorted(self._profiles, key=_key))

    def at(self, area: str | None, at: datetime) -> InForce:
        """Return what holds in *area* at *at* (UTC).

        Raises:
            PolicyError: no policy was in force there then.
        """
        known = area if area in self._days else None
        place = bisect_right(self._days[known], at) - 1
        found = self._lines[known][place] if place >= 0 else None
        if found is None:
            raise PolicyError("no policy is in force in this area at this time: no rules means no; add one")
        return found

    def of(self, version: str) -> Policy:
        """Return the policy of *version*, with the profile that it names after a slash.

        Raises:
            NotFoundError: there is no such version on the shelf.
        """
        base, _, local = version.partition("/")
        if base not in self._policies or (local and local not in self._profiles):
            raise NotFoundError("the policy of this version is not among the policy files; put its file back")
        return self._policy(base, local or None)

    def as_if(self, version: str, area: str | None, at: datetime) -> Policy:
        """Return the policy of *version* as it would hold in *area* at *at*, whenever it comes into force.

        Raises:
            NotFoundError: there is no such version on the shelf.
            PolicyError: the area's profile does not fit it.
        """
        self.of(version)
        return self._policy(version.partition("/")[0], self._profile_at(area, at))

    def _all_starts(self) -> Iterable[Starts]:
        yield from (policy.starts for policy in self._policies.values())
        yield from (profile.starts for profile in self._profiles.values())
        yield from self._law.starts.values()

    def _days_of(self, area: str | None) -> tuple[datetime, ...]:
        """Return every instant at which something becomes another in *area*, the oldest first."""
        starts = [policy.starts.of(area) for policy in self._policies.values()]
        starts += [one.starts.of(area) for one in self._profiles.values() if area in one.areas]
        first = [start for start in starts if start is not None]
        return tuple(sorted({*first, *self._law.days(area)}))

    def _line(self, area: str | None, days: tuple[datetime, ...]) -> tuple[InForce | None, ...]:
        ends = (*days[1:], None)
        return tuple(self._made_at(area, day, end) for day, end in zip(days, ends, strict=True))

    def _made_at(self, area: str | None, at: datetime, until: datetime | None) -> InForce | None:
        base = _newest(self._policies.values(), area, at)
        if base is None:
            return None
        policy = self._policy(base, self._profile_at(area, at))
        switches = MappingProxyType(dict(self._law.switches(area, at)))
        return InForce(policy=policy, switches=switches, until=until)

    def _profile_at(self, area: str | None, at: datetime) -> str | None:
        return _newest((one for one in self._profiles.values() if area in one.areas), area, at)

    def _policy(self, base: str, local: str | None) -> Policy:
        if (base, local) not in self._made:
            policy = self._policies[base]
            self._made[base, local] = policy if local is None else _laid_over(policy, self._profiles[local])
        return self._made[base, local]


def load_rule_book(files: Mapping[str, bytes]) -> RuleBook:
    """Return the rules that *files* hold, by their paths in the folder of policies.

    Raises:
        PolicyError: a file is odd, two are of one version, or there is no policy; the message names the file, the
            place the row, and both say how to mend it.
    """
    policies: dict[str, Policy] = {}
    profiles: dict[str, Profile] = {}
    law, family = _NO_LAW, _NO_WORDS
    for name, text in sorted(files.items()):
        try:
            if name == LAW:
                law = load_law(text)
            elif name == FAMILY:
                family = load_family_words(text)
            elif name.startswith(LOCAL):
                _keep(profiles, load_profile(text), name)
            else:
                _keep(policies, load_policy(text), name)
        except PolicyError as error:
            raise PolicyError(f"{name}: {error.message}", place=error.place) from error
    return RuleBook(policies.values(), profiles.values(), law, family)


_Versioned = TypeVar("_Versioned", Policy, Profile)


def _keep(kept: dict[str, _Versioned], one: _Versioned, name: str) -> None:
    """Put *one* on the shelf. A file is called as its version is: so a version is in one file, and is found by it."""
    if "/" in one.version:
        raise PolicyError("a version has no slash in it: that joins a policy's and a profile's; write a hyphen")
    if name.rpartition("/")[2] != f"{one.version}.toml":
        raise PolicyError(f"it holds version {one.version}; call it {one.version}.toml, or correct the version in it")
    kept[one.version] = one


def _laid_over(policy: Policy, profile: Profile) -> Policy:
    try:
        return laid_over(policy, profile)
    except PolicyError as error:
        raise PolicyError(f"{LOCAL}{profile.version}.toml: {error.message}", place=error.place) from error


def _newest(files: Iterable[Policy | Profile], area: str | None, at: datetime) -> str | None:
    """Return the version of those in force that came into force last; of several, the highest."""
    starts = {one.version: start for one in files if (start := one.starts.of(area)) is not None and start <= at}
    return max(starts, key=lambda version: (starts[version], _key(version)), default=None)


def _key(version: str) -> tuple[tuple[bool, int | str], ...]:
    """Return a version's parts so that numbers compare as numbers: 2026.10 comes after 2026.9."""
    parts = version.replace("-", ".").split(".")
    return tuple((True, int(part)) if part.isdigit() else (False, part) for part in parts)
