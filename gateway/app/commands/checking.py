"""Is every file that people edit as it must be? Mappings, code lists, policy, schemas and partner profiles."""

from collections.abc import Iterator
from pathlib import Path

from gateway.app.commands.shipped import library, policy_in_force, rules, schemas
from gateway.app.partner_profiles import read_profile
from gateway.app.resources import read_resources
from gateway.app.settings import Settings
from gateway.errors import GatewayError
from gateway.flows.routes import load_routes
from gateway.formats.register import FORMATS
from gateway.model.tree import Group, Tree

_PROFILES = Path(__file__).resolve().parents[3] / "deploy" / "partners"


def check_files(profiles: list[Path]) -> Group:
    """Return what was looked at, and every fault with its file and place."""
    listed = profiles or sorted(_PROFILES.glob("*.toml"))
    faults: list[Tree] = [*_own_faults(), *_profile_faults(listed)]
    return {
        "ok": not faults,
        "formats": len(FORMATS),
        "profiles": len(listed),
        **_versions(),
        "faults": faults,
    }


def _own_faults() -> Iterator[Group]:
    """Yield what is wrong with our own tables, rules and schemas."""
    for name, load in (
        ("policy", policy_in_force),
        ("schemas", schemas),
        ("mappings", library),
        ("mappings/routes.toml", lambda: load_routes(read_resources(Settings.model_construct()).routes)),
    ):
        try:
            load()
        except GatewayError as error:
            yield {"file": name, **error.as_json()}
    yield from _missing_mappings()


def _missing_mappings() -> Iterator[Group]:
    """Yield each format for which there is no table in a direction it claims."""
    for form in FORMATS.values():
        for direction in sorted(form.directions):
            try:
                _ = library().inbound(form.name) if direction == "in" else library().outbound(form.name)
            except GatewayError as error:
                yield {"file": f"mappings/{form.name}.{direction}bound.toml", **error.as_json()}


def _profile_faults(profiles: list[Path]) -> Iterator[Group]:
    for profile in profiles:
        try:
            read_profile(profile)
        except GatewayError as error:
            yield {"file": profile.name, **error.as_json()}


def _versions() -> Group:
    """Return the policy that is in force where no area has a profile of its own, and all there are."""
    try:
        versions: list[Tree] = list(rules().versions)
        profiles: list[Tree] = list(rules().profiles)
        return {"policy": policy_in_force().version, "policies": versions, "profiles": profiles}
    except GatewayError:
        return {"policy": None, "policies": [], "profiles": []}
