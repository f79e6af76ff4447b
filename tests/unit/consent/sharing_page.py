"""Write the rules of docs/sharing-decision.md anew from the policy file: `.venv/bin/python <this file>`."""

from pathlib import Path

from gateway.consent.local_profile import load_profile
from gateway.consent.policy import load_policy
from gateway.consent.policy_page import policy_page, profiles_page

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "sharing-decision.md"
POLICY = ROOT / "mappings" / "policy" / "sharing-2026.1.toml"
PROFILES = POLICY.parent / "local"
BEGIN = "<!-- generated from the policy file: begin -->\n"
END = "<!-- generated from the policy file: end -->\n"


def page_as_it_should_be() -> str:
    """Return the page with its rules as the policy file has them."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    profiles = [load_profile(path.read_bytes()) for path in sorted(PROFILES.glob("*.toml"))]
    rules = f"{policy_page(load_policy(POLICY.read_bytes()))}\n{profiles_page(profiles)}"
    return f"{before}{BEGIN}\n{rules}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_as_it_should_be(), encoding="utf-8")
