"""What does every flow hold in its hands?"""

from dataclasses import dataclass, field

from gateway.audit.note import NoteSigner
from gateway.consent.policy import Policy
from gateway.consent.rule_book import InForce, RuleBook
from gateway.flows.ports import Clock, Ids, Store, Vault
from gateway.flows.routes import Routes
from gateway.flows.settings import FlowSettings
from gateway.flows.tally import Tally
from gateway.flows.trail import Trail
from gateway.formats.limits import Limits
from gateway.formats.schema_register import SchemaRegister
from gateway.model.identifiers import Authority, OrganisationId
from gateway.translation.library import Library
from gateway.working_time.calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Ports, rules and numbers: one for the whole process, handed to every flow.

    Shape: `rules` are all versions of the sharing policy, with what areas and laws add; `origin` names the audit log;
    `sender` is the organisation the gateway itself is when it writes to others; `disagree` is what a referrer who
    disagrees with the MASH is told to do; `tally` counts what happens, for whoever watches.
    """

    authority: Authority
    sender: OrganisationId
    origin: str
    store: Store
    vault: Vault
    signer: NoteSigner
    clock: Clock
    ids: Ids
    trail: Trail
    library: Library
    rules: RuleBook
    schemas: SchemaRegister
    routes: Routes
    calendar: Calendar
    limits: Limits
    settings: FlowSettings
    disagree: str
    tally: Tally = field(default_factory=Tally)

    @property
    def in_force(self) -> InForce:
        """Return the rules and laws that hold here now.

        Raises:
            PolicyError: no policy is in force.
        """
        return self.rules.at(self.authority, self.clock.now())

    @property
    def policy(self) -> Policy:
        """Return the policy that holds here now, with this area's own profile."""
        return self.in_force.policy
