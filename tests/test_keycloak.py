"""The realm for Keycloak and the settings for it say the same. No Keycloak runs here: each is held against the other.

A token made as the realm's mappers would make it is judged by the profile of the documentation.
"""

import json
import re
import tomllib
from pathlib import Path

import pytest

from gateway.authentication.access_tokens import TokenVerifier, TrustedIssuer
from gateway.authentication.errors import NotAuthenticatedError
from gateway.authentication.jose import PrivateKey
from gateway.authentication.settings import LoginIssuer, TokenIssuer
from gateway.ground.clock import now
from gateway.policy.principal import Role
from gateway.policy.scopes import SCOPES

ROOT = Path(__file__).resolve().parents[1]
REALM = json.loads((ROOT / "config" / "keycloak" / "realm.json").read_text("utf-8"))
CLIENTS = {client["clientId"]: client for client in REALM["clients"]}
SCOPE_MAPPERS = {scope["name"]: scope["protocolMappers"] for scope in REALM["clientScopes"]}
GERBANG = "https://gerbang.example"

pytestmark = pytest.mark.anyio


def documented(table: str) -> dict:
    """The settings as docs/operators.md shows them."""
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "operators.md").read_text("utf-8"), re.DOTALL)
    (found,) = [read[table] for block in blocks if table in (read := tomllib.loads(block))]
    return found


@pytest.fixture
def login():
    return LoginIssuer(**documented("login_issuers")["kota"])


@pytest.fixture
def profile():
    return TokenIssuer(**documented("token_issuers")["keycloak"])


def test_the_examples_of_the_settings_file_are_those_of_the_documentation():
    lines = (ROOT / "config" / "gateway.toml").read_text("utf-8").splitlines()
    commented = "\n".join(line[2:] for line in lines if re.match(r"# (\[|\w+ = )", line))
    read = tomllib.loads(commented)
    assert read["login_issuers"] == documented("login_issuers")
    assert read["token_issuers"] == documented("token_issuers")


def test_the_gateway_is_registered_as_it_will_come(login):
    ours = CLIENTS[login.client_id]
    attributes = ours["attributes"]
    assert ours["clientAuthenticatorType"] == "client-jwt"
    assert ours["redirectUris"] == [f"{GERBANG}/oauth2/broker/kota/callback"]
    assert attributes["jwks.url"] == f"{GERBANG}/oauth2/client-jwks"
    assert attributes["token.endpoint.auth.signing.alg"] == "ES512"
    assert attributes["backchannel.logout.url"] == f"{GERBANG}/oauth2/broker/kota/logout"
    assert attributes["id.token.signed.response.alg"] in login.algorithms
    given = {mapper["config"].get("claim.name", mapper["name"]) for name in ours["defaultClientScopes"]
             for mapper in SCOPE_MAPPERS[name] if mapper["config"].get("id.token.claim") == "true"}  # fmt: skip
    assert given == {"auth_time", "acr", "name"}
    assert set(login.acr) <= set(json.loads(REALM["attributes"]["acr.loa.map"]))


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_no_client_may_do_more_than_the_code_flow_with_pkce(client):
    assert client["standardFlowEnabled"]
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    for flow in ("implicitFlowEnabled", "directAccessGrantsEnabled", "serviceAccountsEnabled", "fullScopeAllowed"):
        assert client[flow] is False
    assert not any("*" in uri for uri in client["redirectUris"])
    assert "secret" not in client


def test_every_scope_that_a_client_names_is_there_and_is_one_of_ours():
    for client in CLIENTS.values():
        assert {*client["defaultClientScopes"], *client["optionalClientScopes"]} <= set(SCOPE_MAPPERS)
    people = {name for name, scope in SCOPES.items() if scope.roles & {Role.RESIDENT, Role.OFFICER}}
    assert set(CLIENTS["portal"]["optionalClientScopes"]) <= people - {"openid", "identity.nik"}


def test_the_roles_of_the_profile_are_those_of_the_realm(profile):
    names = {role["name"] for role in REALM["roles"]["realm"]}
    assert set(profile.roles) <= names
    assert set(REALM["scopeMappings"][0]["roles"]) == names


class OneKey:
    def __init__(self, key):
        self.key = key.public()

    async def find(self, kid):
        return self.key if kid == self.key.kid else None


def mapped(client, profile, at):
    """The claims that Keycloak puts into an access token, by the mappers of this client's scopes."""
    values = {"auth_time": at, "acr": "dua", "sub": "f4c0b2f0", "realm_access.roles": ["warga", "offline_access"]}
    claims = {"iss": profile.issuer, "iat": at, "exp": at + REALM["accessTokenLifespan"], "jti": "onrtac:1",
              "typ": "Bearer", "azp": client["clientId"], "sid": "s", "scope": "profile.read"}  # fmt: skip
    for name in client["defaultClientScopes"]:
        for mapper in SCOPE_MAPPERS[name]:
            config = mapper["config"]
            if config.get("access.token.claim") != "true":
                continue
            if mapper["protocolMapper"] == "oidc-audience-mapper":
                claims["aud"] = config["included.custom.audience"]
                continue
            path = config.get("claim.name", mapper["name"])
            first, *rest = path.split(".")
            claims[first] = {rest[0]: values[path]} if rest else values[path]
    return claims


async def test_a_token_of_the_realm_fits_the_profile(profile):
    key, at = PrivateKey.generate(), int(now().timestamp())
    trusted = TrustedIssuer(
        profile.issuer,
        f"{GERBANG}/v1",
        OneKey(key),
        algorithms=frozenset(profile.algorithms),
        types=frozenset(profile.types),
        profile=profile,
    )
    verifier = TokenVerifier([trusted], now)
    portal = CLIENTS["portal"]
    assert portal["attributes"]["access.token.signed.response.alg"] in profile.algorithms
    assert portal["attributes"]["access.token.header.type.rfc9068"] == "true"
    verified = await verifier(key.sign("at+jwt", mapped(portal, profile, at)))
    assert (verified.client_id, verified.acr, verified.roles) == ("portal", 2, {profile.roles["warga"]})
    assert verified.scopes == {"profile.read"}
    with pytest.raises(NotAuthenticatedError):
        await verifier(key.sign("at+jwt", {**mapped(CLIENTS["gerbang"], profile, at)}))
