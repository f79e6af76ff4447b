"""Whom do we speak with? Adding organisations, their credentials, and cutting them off."""

from dataclasses import replace
from datetime import date

from gateway.adapters.keys.tokens import hash_secret, new_secret
from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import tell
from gateway.app.operations.messages import moment
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.app.partner_profiles import ProfileError, parse_profile
from gateway.audit.event import EventKind
from gateway.errors import ConflictError, Place
from gateway.flows.deciding.agreements import AGREEMENTS
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Credential, Organisation
from gateway.model.identifiers import OrganisationId
from gateway.model.tree import Group, Tree

_CREDENTIALS = "credentials"
_ORGANISATION = Argument(
    name="organisation",
    help="organisation id: small letters, digits and hyphens",
    pattern=r"[a-z0-9][a-z0-9-]{1,62}",
    required=True,
)
_PROFILE = Argument(
    name="profile", help="what deploy/partners/<organisation>.toml holds", kind=Kind.GROUP, required=True
)
_KEEP_OLD = Argument(
    name="keep_old", help="leave the credentials until now working, for a change-over", kind=Kind.YES_NO
)


def add_partner(application: Application, caller: Caller, args: Group) -> Group:
    """Return the new organisation and its credential, whose secret is shown this once."""
    organisation = _profile_of(args)
    secret = new_secret()

    def _write(uow: UnitOfWork) -> tuple[Organisation, Credential | None]:
        if _find(uow, organisation.organisation) is not None:
            raise ConflictError("this organisation is known already; see partners update", place=Place(path="profile"))
        uow.directory.put_organisation(organisation)
        credential = _issue(application, uow, caller, organisation, secret)
        kept = _with_credentials(organisation, (credential.credential_id,) if credential else ())
        _save(application, uow, caller, kept, EventKind.PARTNER_ADDED, "added")
        return kept, credential

    kept, credential = application.desk.store.write(_write)
    return _with_secret(kept, credential, secret)


def update_partner(application: Application, caller: Caller, args: Group) -> Group:
    """Return the organisation with its new profile; its credentials stay, and everything due to it is decided anew."""
    organisation = _profile_of(args)

    def _write(uow: UnitOfWork) -> Organisation:
        known = uow.directory.organisation(organisation.organisation)
        kept = replace(_with_credentials(organisation, _credential_ids(known)), is_enabled=known.is_enabled)
        kept = replace(kept, profile={**kept.profile, **_agreements(known)})
        _rescope(uow, kept)
        _save(application, uow, caller, kept, EventKind.PARTNER_CHANGED, "profile")
        return kept

    return _shown(application.desk.store.write(_write))


def list_partners(application: Application, _caller: Caller, _args: Group) -> Group:
    """Return every organisation we know, by name."""
    found = application.desk.store.read(lambda uow: uow.directory.organisations())
    return {"partners": [_line(organisation) for organisation in found]}


def show_partner(application: Application, _caller: Caller, args: Group) -> Group:
    """Return one organisation's profile and its credentials, without anything secret."""

    def _read(uow: UnitOfWork) -> Group:
        organisation = uow.directory.organisation(OrganisationId(str(args["organisation"])))
        credentials = (uow.directory.credential(name) for name in _credential_ids(organisation))
        held: list[Tree] = [_shown_credential(credential) for credential in credentials if credential is not None]
        return {**_shown(organisation), "credentials": held, "breaker": breaker_line(uow, organisation)}

    return application.desk.store.read(_read)


def breaker_line(uow: UnitOfWork, organisation: Organisation) -> Group:
    """Return how a partner has answered lately, and how much waits on its shelf."""
    breaker = uow.breakers.get(organisation.organisation)
    return {
        "state": breaker.state.value,
        "failures": breaker.failures,
        "since": moment(breaker.since),
        "next_probe_at": moment(breaker.probe_at),
        "waiting": uow.breakers.shelved(breaker) if breaker.number else 0,
    }


def disable_partner(application: Application, caller: Caller, args: Group) -> Group:
    """Return the organisation, which can neither send nor be sent anything from now on."""
    return _switch(application, caller, args, is_enabled=False)


def enable_partner(application: Application, caller: Caller, args: Group) -> Group:
    """Return the organisation, in use again; credentials that were taken away stay away."""
    return _switch(application, caller, args, is_enabled=True)


def rotate_key(application: Application, caller: Caller, args: Group) -> Group:
    """Return the organisation's new credential, whose secret is shown this once; the old ones stop unless kept."""
    secret = new_secret()
    keeps_old = bool(args.get("keep_old", False))

    def _write(uow: UnitOfWork) -> tuple[Organisation, Credential | None]:
        known = uow.directory.organisation(OrganisationId(str(args["organisation"])))
        old = _credential_ids(known)
        if not keeps_old:
            _revoke(application, uow, caller, known, "rotated")
        credential = _issue(application, uow, caller, known, secret)
        if credential is None:
            raise ConflictError("this organisation sends nothing: its profile has no scopes under [intake]")
        kept = _with_credentials(known, (*old, credential.credential_id))
        uow.directory.put_organisation(kept)
        return kept, credential

    kept, credential = application.desk.store.write(_write)
    return _with_secret(kept, credential, secret)


def _profile_of(args: Group) -> Organisation:
    """Return the organisation a profile describes; in JSON its dates are texts, as they are not in TOML."""
    profile = args["profile"]
    table: dict[str, object] = dict(profile) if isinstance(profile, dict) else {}
    agreement = table.get("agreement")
    if isinstance(agreement, dict) and isinstance(agreement.get("expires_on"), str):
        try:
            table["agreement"] = {**agreement, "expires_on": date.fromisoformat(agreement["expires_on"])}
        except ValueError:
            raise ProfileError("not a date", place=Place(path="agreement.expires_on")) from None
    return parse_profile(str(table.get("organisation", "")), table)


def _find(uow: UnitOfWork, name: OrganisationId) -> Organisation | None:
    return next((one for one in uow.directory.organisations() if one.organisation == name), None)


def _scopes(organisation: Organisation) -> tuple[str, ...]:
    intake = organisation.profile.get("intake", {})
    return tuple(str(scope) for scope in intake.get("scopes", ()))


def _issue(
    application: Application, uow: UnitOfWork, caller: Caller, organisation: Organisation, secret: str
) -> Credential | None:
    """Store a credential for *secret* and return it; an organisation that sends nothing gets none."""
    scopes = _scopes(organisation)
    if not scopes:
        return None
    credential = Credential(
        credential_id=application.desk.ids.fresh("crd"),
        organisation=organisation.organisation,
        secret_sha256=hash_secret(secret),
        scopes=scopes,
        is_enabled=True,
        created_at=application.desk.clock.now(),
    )
    uow.directory.put_credential(credential)
    words: Group = {"credential_id": credential.credential_id, "partner": organisation.organisation}
    tell(application, uow, caller, kind=EventKind.CREDENTIAL_ISSUED, words={**words, "scope": ":".join(scopes)[:128]})
    return credential


def _revoke(application: Application, uow: UnitOfWork, caller: Caller, organisation: Organisation, reason: str) -> None:
    for name in _credential_ids(organisation):
        credential = uow.directory.credential(name)
        if credential is not None and credential.is_enabled:
            uow.directory.put_credential(replace(credential, is_enabled=False))
            words: Group = {"credential_id": name, "partner": organisation.organisation, "reason": reason}
            tell(application, uow, caller, kind=EventKind.CREDENTIAL_DISABLED, words=words)


def _rescope(uow: UnitOfWork, organisation: Organisation) -> None:
    """Give working credentials the scopes of the new profile: what was taken away is gone at once."""
    for name in _credential_ids(organisation):
        credential = uow.directory.credential(name)
        if credential is not None and credential.is_enabled:
            uow.directory.put_credential(replace(credential, scopes=_scopes(organisation)))


def _switch(application: Application, caller: Caller, args: Group, *, is_enabled: bool) -> Group:
    def _write(uow: UnitOfWork) -> Organisation:
        known = uow.directory.organisation(OrganisationId(str(args["organisation"])))
        if not is_enabled:
            _revoke(application, uow, caller, known, "partner-disabled")
        changed = replace(known, is_enabled=is_enabled)
        kind = EventKind.PARTNER_CHANGED if is_enabled else EventKind.PARTNER_DISABLED
        _save(application, uow, caller, changed, kind, "enabled" if is_enabled else "disabled")
        return changed

    return _shown(application.desk.store.write(_write))


def _save(
    application: Application, uow: UnitOfWork, caller: Caller, organisation: Organisation, kind: EventKind, reason: str
) -> None:
    uow.directory.put_organisation(organisation)
    # whatever was decided with the old profile in hand is decided again before it leaves
    uow.epochs.lift([f"recipient:{organisation.organisation}"])
    tell(application, uow, caller, kind=kind, words={"partner": organisation.organisation, "reason": reason})


def _credential_ids(organisation: Organisation) -> tuple[str, ...]:
    return tuple(str(name) for name in organisation.profile.get(_CREDENTIALS, ()))


def _agreements(known: Organisation) -> Group:
    """Return the agreements recorded with *known*: a new profile takes none of them away."""
    return {AGREEMENTS: known.profile[AGREEMENTS]} if AGREEMENTS in known.profile else {}


def _with_credentials(organisation: Organisation, names: tuple[str, ...]) -> Organisation:
    return replace(organisation, profile={**organisation.profile, _CREDENTIALS: list(names)})


def _with_secret(organisation: Organisation, credential: Credential | None, secret: str) -> Group:
    if credential is None:
        return _shown(organisation)
    return {
        **_shown(organisation),
        "credential": {
            **_shown_credential(credential),
            "secret": secret,
            "token": f"{credential.credential_id}.{secret}",
        },
    }


def _shown_credential(credential: Credential) -> Group:
    return {
        "credential_id": credential.credential_id,
        "scopes": list(credential.scopes),
        "enabled": credential.is_enabled,
        "created_at": credential.created_at.isoformat(),
    }


def _line(organisation: Organisation) -> Group:
    return {
        "organisation": organisation.organisation,
        "name": str(organisation.profile.get("name", organisation.organisation)),
        "system": organisation.system,
        "type": organisation.type,
        "enabled": organisation.is_enabled,
        "sends": list(_scopes(organisation)),
        "gets": [str(endpoint.get("format")) for endpoint in organisation.profile.get("endpoints", ())],
    }


def _shown(organisation: Organisation) -> Group:
    profile: Group = {key: value for key, value in organisation.profile.items() if key != _CREDENTIALS}
    return {**_line(organisation), "profile": profile}


OPERATIONS = (
    Operation(
        name="partners.add",
        summary="Add an organisation by its profile; its secret is shown once",
        permission=Permission.CHANGE_PARTNERS,
        run=add_partner,
        arguments=(_PROFILE,),
        changes=True,
    ),
    Operation(
        name="partners.update",
        summary="Replace an organisation's profile",
        permission=Permission.CHANGE_PARTNERS,
        run=update_partner,
        arguments=(_PROFILE,),
        changes=True,
    ),
    Operation(
        name="partners.list",
        summary="Show every organisation",
        permission=Permission.READ_PARTNERS,
        run=list_partners,
        is_recorded=False,
    ),
    Operation(
        name="partners.show",
        summary="Show one organisation",
        permission=Permission.READ_PARTNERS,
        run=show_partner,
        arguments=(_ORGANISATION,),
        is_recorded=False,
    ),
    Operation(
        name="partners.disable",
        summary="Cut an organisation off: it neither sends nor gets anything",
        permission=Permission.CHANGE_PARTNERS,
        run=disable_partner,
        arguments=(_ORGANISATION,),
        changes=True,
    ),
    Operation(
        name="partners.enable",
        summary="Take an organisation into use again",
        permission=Permission.CHANGE_PARTNERS,
        run=enable_partner,
        arguments=(_ORGANISATION,),
        changes=True,
    ),
    Operation(
        name="partners.rotate-key",
        summary="Give an organisation a new secret, shown once",
        permission=Permission.CHANGE_PARTNERS,
        run=rotate_key,
        arguments=(_ORGANISATION, _KEEP_OLD),
        changes=True,
    ),
)
