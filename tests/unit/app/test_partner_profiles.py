from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.app.partner_profiles import ProfileError, System, _Profile, parse_profile, read_profile, read_profiles
from gateway.formats.register import FORMATS

SHIPPED = Path(__file__).parents[3] / "deploy" / "partners"


def a_profile(**changed: Any) -> dict[str, Any]:
    told = {"organisation": "example-mash", "name": "Example MASH", "system": "mash", "type": "mash"}
    return told | {"secure_channel": True} | changed


HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGoa3mmPcSmZkzGwY6pG5sG0wQe3yJwVnYkq7rB8n0qG"


def an_sftp(**changed: Any) -> dict[str, Any]:
    told = {"host": "files.example", "user": "ecaf-gateway", "host_key": HOST_KEY, "key_file": "mash.sftp"}
    return {"intake": {"folders": ["mash/referral-1"]}, "sftp": told | changed}


def an_s3(**changed: Any) -> dict[str, Any]:
    told = {"endpoint": "https://s3.example", "region": "eu-west-2", "bucket": "forms", "key_file": "mash.s3"}
    return {"intake": {"folders": ["mash/govuk-forms-1"]}, "s3": told | changed}


def an_endpoint(**changed: Any) -> dict[str, Any]:
    told = {"kind": "mash.referral.submitted", "format": "mash/referral-1", "url": "https://mash.example/take"}
    return told | changed


def test_a_profile_becomes_an_organisation() -> None:
    table = a_profile(
        listed_safeguarding_person=True,
        agreement={"id": "dsa-1", "version": "3", "status": "in_force", "expires_on": date(2028, 3, 31)},
        staff={"training_valid": True, "agreement_signed": False},
        intake={"scopes": ["mash/decision"]},
        endpoint=[an_endpoint()],
    )

    made = parse_profile("example-mash", table)

    assert (made.organisation, made.system, made.type, made.is_enabled) == ("example-mash", "mash", "mash", True)
    assert made.profile == {
        "name": "Example MASH",
        "listed_safeguarding_person": True,
        "secure_channel": True,
        "could_reidentify": False,
        "need_list": [],
        "idempotency": "idempotent",
        "agreement": {"id": "dsa-1", "version": "3", "status": "in_force", "expires_on": "2028-03-31"},
        "staff": {"training_valid": True, "agreement_signed": False},
        "intake": {"scopes": ["mash/decision"], "folders": []},
        "retry": {},
        "breaker": {},
        "pace": {},
        "endpoints": [an_endpoint()],
        "is_default": True,
    }


def test_a_profile_may_name_a_folder_on_an_sftp_server() -> None:
    made = parse_profile("example-mash", a_profile(**an_sftp(port=2222, folder="/for us")))

    assert made.profile["sftp"] == {
        "host": "files.example",
        "port": 2222,
        "user": "ecaf-gateway",
        "folder": "/for us",
        "host_key": HOST_KEY,
        "key_file": "mash.sftp",
    }


def test_a_profile_may_name_a_part_of_a_bucket() -> None:
    named = an_s3(endpoint="https://s3.example:9000/", prefix="form_submissions/1/", form="mash/govuk-forms-1")

    made = parse_profile("example-mash", a_profile(**named))

    assert made.profile["s3"] == {
        "endpoint": "https://s3.example:9000",
        "region": "eu-west-2",
        "bucket": "forms",
        "prefix": "form_submissions/1/",
        "form": "mash/govuk-forms-1",
        "key_file": "mash.s3",
    }


def test_what_a_profile_does_not_say_is_not_known() -> None:
    made = parse_profile("example-mash", a_profile())

    assert "agreement" not in made.profile
    assert made.profile["staff"] == {}


def test_only_an_organisation_with_an_endpoint_gets_what_is_routed_to_its_system() -> None:
    assert parse_profile("example-mash", a_profile()).profile["is_default"] is False


def test_an_organisation_may_keep_out_of_routing() -> None:
    made = parse_profile("example-mash", a_profile(endpoint=[an_endpoint()], is_default=False))

    assert made.profile["is_default"] is False


@pytest.mark.parametrize(
    ("changed", "path", "fix"),
    [
        ({"system": "fax"}, "system", "write one of ecaf, mash"),
        ({"type": "spaceship"}, "type", "write one of mash"),
        ({"name": ""}, "name", "example-mash.toml"),
        ({"secure_channel": "yes"}, "secure_channel", "write true or false"),
        ({"colour": "red"}, "colour", "check its spelling"),
        ({"idempotency": "perhaps"}, "idempotency", "write one of idempotent"),
        ({"agreement": {"id": "dsa-1", "version": "1", "status": "old"}}, "agreement.status", "in_force"),
        (
            {"agreement": {"id": "dsa-1", "version": "1", "status": "in_force", "expires_on": "2028-03-31"}},
            "agreement.expires_on",
            "without quotes",
        ),
        ({"intake": {"scopes": ["everything"]}}, "intake.scopes.0", "format names"),
        ({"intake": {"folders": ["../../etc"]}}, "intake.folders.0", "format names"),
        ({"endpoint": [an_endpoint(url="http://mash.example/")]}, "endpoint.0.url", "https"),
        ({"endpoint": [an_endpoint(url="https://user:word@mash.example/")]}, "endpoint.0.url", "password"),
        ({"endpoint": [an_endpoint(url="https:///take")]}, "endpoint.0.url", "host"),
        ({"endpoint": [an_endpoint(token_file="../../etc/passwd")]}, "endpoint.0.token_file", "file name"),
        (an_sftp(host_key="SHA256:abc"), "sftp.host_key", "public host key"),
        (an_sftp(host_key=""), "sftp.host_key", "public host key"),
        (an_sftp(key_file="../id_ed25519"), "sftp.key_file", "file name"),
        (an_sftp(host="files.example/x"), "sftp.host", "example-mash.toml"),
        (an_sftp(password="secret"), "sftp.password", "spelling"),
        ({**an_sftp(), "intake": {}}, None, "intake.folders"),
        (an_s3(endpoint="http://s3.example"), "s3.endpoint", "host and port only"),
        (an_s3(endpoint="https://s3.example/forms"), "s3.endpoint", "host and port only"),
        (an_s3(endpoint="https://key:word@s3.example"), "s3.endpoint", "password"),
        (an_s3(bucket="arn:aws:s3:::forms"), "s3.bucket", "name alone"),
        (an_s3(bucket="forms/deep"), "s3.bucket", "name alone"),
        (an_s3(prefix="for us"), "s3.prefix", "ending with a slash"),
        (an_s3(prefix="/for us/"), "s3.prefix", "ending with a slash"),
        (an_s3(prefix="test_form_submissions/1/"), "s3.prefix", "nobody's record"),
        (an_s3(form="mash/flat-1"), None, "one of intake.folders"),
        (an_s3(owner="me"), "s3.owner", "twelve digits"),
        (an_s3(key_file="../keys"), "s3.key_file", "file name"),
        (an_s3(authority_file="/etc/ssl/x.pem"), "s3.authority_file", "file name"),
        (an_s3(secret="word"), "s3.secret", "spelling"),
        ({**an_s3(), "intake": {}}, None, "intake.folders"),
        ({"endpoint": [an_endpoint(kind="Referral")]}, "endpoint.0.kind", "mash.referral.submitted"),
        ({"is_default": True}, None, "endpoint"),
        ({"endpoint": [an_endpoint(), an_endpoint()]}, None, "same kind"),
        ({"organisation": "other-mash"}, "organisation", "file's own name"),
        ({"organisation": "Example MASH"}, "organisation", "small letters"),
    ],
)
def test_a_wrong_profile_names_file_key_and_fix(changed: dict[str, Any], path: str | None, fix: str) -> None:
    with pytest.raises(ProfileError, match=fix) as wrong:
        parse_profile("example-mash", a_profile(**changed))

    assert wrong.value.place.path == path
    assert wrong.value.message.startswith("example-mash.toml: ")


@pytest.mark.parametrize("missing", ["organisation", "name", "system", "type", "secure_channel"])
def test_what_a_profile_must_say_is_named(missing: str) -> None:
    table = a_profile()
    del table[missing]

    with pytest.raises(ProfileError, match=missing) as wrong:
        parse_profile("example-mash", table)

    assert wrong.value.place.path == missing


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://[::1]:9/x", "http://localhost/x"])
def test_plain_http_goes_to_this_machine_only(url: str) -> None:
    made = parse_profile("example-mash", a_profile(endpoint=[an_endpoint(url=url)]))

    assert made.profile["endpoints"][0]["url"] == url


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"system = ", "not TOML"), (b"name = '\xff'", "not TOML"), (b"name = 'a'\nname = 'b'", "not TOML")],
)
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "example-mash.toml"
    path.write_bytes(content)

    with pytest.raises(ProfileError, match=rf"example-mash\.toml: {why}"):
        read_profile(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"nobody\.toml: cannot be read"):
        read_profile(tmp_path / "nobody.toml")


def test_the_shipped_examples_are_sound() -> None:
    names = [organisation.organisation for organisation in read_profiles(SHIPPED)]

    assert {"barnet-mash", "barnet-ecaf", "school-example", "referral-portal"} <= set(names)


def _named_formats() -> list[str]:
    return [
        name
        for organisation in read_profiles(SHIPPED)
        for name in [
            *organisation.profile["intake"]["folders"],
            *(endpoint["format"] for endpoint in organisation.profile["endpoints"]),
        ]
    ]


@pytest.mark.parametrize("name", sorted(set(_named_formats())))
def test_the_shipped_examples_name_formats_there_are(name: str) -> None:
    assert name in FORMATS


def test_the_shipped_examples_lead_nowhere_real() -> None:
    endpoints = [endpoint for one in read_profiles(SHIPPED) for endpoint in one.profile["endpoints"]]
    urls = [endpoint["url"] for endpoint in endpoints if "url" in endpoint]

    assert [url for url in urls if ".example/" not in url] == []


@pytest.mark.parametrize("key", _Profile.model_fields)
def test_the_documentation_explains_every_key(key: str) -> None:
    page = (SHIPPED.parents[1] / "docs" / "partners" / "README.md").read_text()

    assert f"| `{key}` |" in page


def test_systems_are_spelled_as_everywhere_else() -> None:
    assert [system.value for system in System] == ["ecaf", "mash", "ics", "sims", "borough", "health"]


SEAL_FOR = {
    "kty": "OKP",
    "crv": "X25519",
    "alg": "ECDH-ES+A256KW",
    "kid": "example-1",
    "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
}
SIGNED_BY = {**SEAL_FOR, "crv": "Ed25519", "alg": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
A_QUEUE = {"kind": "mash.referral.submitted", "format": "mash/referral-1"}


def test_a_partner_with_queues_has_keys_and_no_address() -> None:
    keys = {"seal_for": SEAL_FOR, "signed_by": SIGNED_BY}

    made = parse_profile("example-mash", a_profile(transport="amqp", amqp=keys, endpoint=[A_QUEUE]))

    assert (made.profile["transport"], made.profile["amqp"]) == ("amqp", keys)
    assert made.profile["endpoints"] == [A_QUEUE]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"endpoint": [A_QUEUE]}, "needs a url", id="no address over http"),
        pytest.param({"amqp": {"seal_for": SEAL_FOR}}, "transport", id="keys over http"),
        pytest.param({"transport": "amqp", "endpoint": [A_QUEUE]}, "seal_for", id="no key to seal for"),
        pytest.param({"transport": "amqp", "intake": {"scopes": ["mash/flat"]}}, "signed_by", id="no key it signs by"),
        pytest.param({"transport": "amqp", "endpoint": [an_endpoint()]}, "neither url", id="an address of a queue"),
        pytest.param({"transport": "post"}, "http, amqp", id="another transport"),
        pytest.param({"transport": "amqp", "amqp": {"seal_for": SIGNED_BY}}, "alg", id="a key to sign with"),
        pytest.param({"transport": "amqp", "amqp": {"signed_by": SEAL_FOR}}, "alg", id="a key to seal for"),
        pytest.param(
            {"transport": "amqp", "amqp": {"seal_for": {**SEAL_FOR, "d": "x"}}}, "private", id="a private key"
        ),
    ],
)
def test_a_profile_that_does_not_fit_its_transport_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ProfileError, match=why):
        parse_profile("example-mash", a_profile(**changed))
