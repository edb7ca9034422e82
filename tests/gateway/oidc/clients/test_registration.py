"""What may be registered, and what is refused with a reason."""

from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwk
from pydantic import ValidationError

from gateway.oidc.clients.addresses import is_redirect, is_web_address
from gateway.oidc.clients.legacy_apps import AppRegistration
from gateway.oidc.clients.registered_client import AuthMethod
from gateway.oidc.clients.registration import Credentials, Registration

AHEAD = datetime(2027, 6, 1, tzinfo=UTC)
BASIS = "Pasal 79 UU 24/2013; PKS 470/12/DISDUKCAPIL/2026"


def keys(kind="EC", size="P-256", **parameters):
    return {"keys": [jwk.generate_key(kind, size, {"kid": "one", **parameters}).as_dict(private=False)]}


def machine(**changes):
    said = {
        "id": "dinkes-pelaporan",
        "title_id": "Pelaporan Dinkes",
        "title_en": "Health reporting",
        "owner": "Bidang Data, 0511-0000",
        "agency": "dinas-kesehatan",
        "purpose": "monthly figures of the health centres",
        "grant_types": ["client_credentials"],
        "scopes": ["client.read"],
        "credentials": {"jwks": keys()},
        "expires_at": AHEAD,
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


def app(**changes):
    code = {"grant_types": ["authorization_code"], "scopes": ["openid"], "redirect_uris": ["https://app.example/back"]}
    return machine(**code, credentials=None, expires_at=None, **changes)


def test_machines_and_apps():
    said = Registration(**machine())
    assert (said.is_machine, said.credentials.method) == (True, AuthMethod.KEY)
    assert Registration(**app()).credentials.method is AuthMethod.NONE
    secret = {"secret_until": AHEAD, "secret_reason": "its vendor knows no signatures"}
    assert Registration(**machine(credentials=secret)).credentials.method is AuthMethod.SECRET
    assert Credentials(jwks_uri="https://partner.example/jwks").method is AuthMethod.KEY


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (machine(id="Dinkes"), "id"),
        (machine(id="-x"), "id"),
        (machine(id="a/../b"), "id"),
        (machine(purpose="short"), "purpose"),
        (machine(owner=None), "owner"),
        (machine(unknown=1), "unknown"),
        (machine(quota=0), "quota"),
        (machine(origins=["https://app.example"]), "origins need the code grant"),
        (app(origins=["https://app.example/"]), "without a path"),
        (app(origins=["https://app.example", "*"]), "without a path"),
        (app(origins=["http://app.example"]), "without a path"),
        (machine(scopes=["nonsense"]), "no such scope"),
        (machine(scopes=["openid"]), "needs a machine scope"),
        (machine(expires_at=None), "needs an expiry time"),
        (machine(expires_at=datetime(2027, 6, 1)), "timezone"),  # noqa: DTZ001 - a naive one is the point
        (machine(credentials=None), "public client is no machine"),
        (machine(grant_types=["client_credentials", "refresh_token"]), "refresh needs"),
        (machine(redirect_uris=["https://app.example/"]), "go together"),
        (machine(grant_types=["password"]), "grant_types"),
        (machine(audiences=["http://register.example/"]), "not https"),
        (machine(resource="register"), "not https"),
        (machine(grant_types=[]), "grant_types"),
        (app() | {"scopes": ["client.read"]}, "needs client_credentials"),
        (app(resource="https://register.example/"), "public client is no machine"),
        (app(post_logout_redirect_uris=["com.example.app:/out"]), "not https"),
        (app(backchannel_logout_uri="http://app.example/out"), "not https"),
        (machine(credentials={"jwks": keys(), "jwks_uri": "https://partner.example/jwks"}), "give one of these"),
        (machine(credentials={"jwks": {"keys": []}}), "no key with a kid"),
        (machine(credentials={"jwks": {}}), "no key with a kid"),
        (machine(credentials={"jwks": keys("EC", "P-384")}), "no key with a kid"),
        (machine(credentials={"jwks": keys("RSA", 2048, alg="RS256")}), "no key with a kid"),
        (machine(credentials={"jwks": keys(use="enc")}), "no key with a kid"),
        (machine(credentials={"jwks_uri": "http://partner.example/jwks"}), "must be https"),
        (app() | {"scopes": ["openid", "identity.nik"]}, "legal basis"),
        (app(nik_legal_basis=BASIS), "legal basis"),
        (app(nik_legal_basis="because") | {"scopes": ["openid", "identity.nik"]}, "nik_legal_basis"),
        (app(nik_legal_basis=" " * 20) | {"scopes": ["openid", "identity.nik"]}, "nik_legal_basis"),
        (app(nik_legal_basis="x" * 111) | {"scopes": ["openid", "identity.nik"]}, "nik_legal_basis"),
        (machine(credentials={"secret_until": AHEAD}), "needs a reason"),
        (machine(credentials={"secret_reason": "because they wanted one"}), "needs a reason"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(said, why):
    with pytest.raises(ValidationError) as caught:
        Registration(**said)
    assert why in str(caught.value)


def test_j65_the_nik_is_for_clients_with_a_legal_basis():
    said = Registration(**app(nik_legal_basis=BASIS) | {"scopes": ["openid", "identity.nik"]})
    assert said.nik_legal_basis == BASIS
    assert Registration(**app()).nik_legal_basis is None


def test_a_private_key_is_never_registered():
    private = {"keys": [jwk.generate_key("EC", "P-256", {"kid": "one"}).as_dict(private=True)]}
    with pytest.raises(ValidationError) as caught:
        Credentials(jwks=private)
    assert private["keys"][0]["d"] not in str(caught.value)
    with pytest.raises(ValidationError):
        Credentials(jwks={"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "one"}]})


@pytest.mark.parametrize(
    ("address", "web", "native"),
    [
        ("https://app.example/back", True, True),
        ("https://app.example:8443/back?a=b", True, True),
        ("http://127.0.0.1/callback", True, True),
        ("http://[::1]:8000/callback", True, True),
        ("http://localhost:3000/callback", True, True),
        ("id.go.banjarmasin.app:/callback", False, True),
        ("myapp:/callback", False, False),
        ("http://app.example/back", False, False),
        ("https://app.example/back#here", False, False),
        ("https://app.example/back#", False, False),
        ("https://user@app.example/", False, False),
        ("https:///back", False, False),
        ("https://app.example/a b", False, False),
        ('https://app.example/"', False, False),
        ("https://app.example/\\evil", False, False),
        ("https://[::1", False, False),
        ("https://app.example:99999/", False, False),
        ("javascript:alert(1)", False, False),
        ("data:text/html,x", False, False),
        ("ftp://app.example/", False, False),
        ("//app.example/", False, False),
        ("", False, False),
        ("https://app.example/" + "a" * 2000, False, False),
        ("https://äpp.example/", False, False),
    ],
)
def test_addresses(address, web, native):
    assert is_web_address(address) is web
    assert is_redirect(address, native=True) is native
    assert is_redirect(address, native=False) is web


@pytest.mark.parametrize(
    ("origin", "good"),
    [
        ("https://kelurahan.example", True),
        ("https://kelurahan.example:8443", True),
        ("http://127.0.0.1:8000", True),
        ("http://kelurahan.example", False),
        ("https://kelurahan.example/", False),
        ("https://kelurahan.example?", False),
        ("https://Kelurahan.example", False),
        ("HTTPS://kelurahan.example", False),
        ("https://kelurahan.example?a=b", False),
        ("https://" + "a" * 250 + ".example", False),
    ],
)
def test_the_origin_of_an_application_is_as_browsers_name_it(origin, good):
    names = ("id", "title_id", "title_en", "owner", "agency", "purpose")
    said = {**{name: value for name, value in machine().items() if name in names}, "origin": origin}
    if good:
        assert AppRegistration(**said).origin == origin
    else:
        with pytest.raises(ValidationError):
            AppRegistration(**said)


@pytest.mark.parametrize("name", ["title_id", "owner", "purpose", "redirect_uris"])
def test_the_zero_character_which_some_databases_cannot_keep_is_refused(name):
    usual = machine()
    said = (f"{usual.get(name, ('https://a.example/',))[0]}\0",) if name == "redirect_uris" else f"{usual[name]}\0"
    with pytest.raises(ValidationError, match="zero character"):
        Registration(**{**usual, name: said})


def test_half_a_year_is_an_end_like_any():
    assert Registration(**machine(expires_at=AHEAD)).end_times() == (AHEAD,)
    secret = {"secret_until": AHEAD + timedelta(days=1), "secret_reason": "its vendor knows no signatures"}
    assert len(Registration(**machine(credentials=secret)).end_times()) == 2
