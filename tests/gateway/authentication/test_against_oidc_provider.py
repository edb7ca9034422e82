"""Our relying party against oidc-provider, an implementation that is not ours and as strict as it can be made."""

import json
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from gateway.authentication.issuer_discovery import ExternalIssuer
from gateway.authentication.issuer_fetching import issuer_client
from gateway.ground.clock import now
from gateway.oidc.external.own_keys import OwnKeys
from gateway.oidc.external.provider_calls import SignInRefusedError
from gateway.oidc.external.relying_party import RelyingParty, SignInRequest
from tests.gateway.authentication.conftest import NIK
from tests.gateway.issuers import settings
from tests.gateway.ports import held
from tests.gateway.published import published
from tests.peers.node import Peers

pytestmark = pytest.mark.anyio

CALLBACK = "http://127.0.0.1:9/callback"


async def visits(browser: httpx.AsyncClient, address: str, **form: str) -> dict[str, str]:
    """What the browser brings to the callback, after whoever sits at it has filled in the one page."""
    answer = await browser.get(address)
    while True:
        if answer.is_redirect:
            location = str(answer.next_request.url)
            if location.startswith(CALLBACK):
                return dict(parse_qsl(urlsplit(location).query))
            answer = await browser.get(location)
        else:
            assert answer.status_code == 200, answer.text
            answer = await browser.post(answer.url, data=form)


@pytest.fixture
async def keys(world):
    made = OwnKeys(world.database, world.sealer, now)
    await made.start()
    return made


async def test_e40_private_key_jwt_es512_pushed_requests_and_proofs_with_a_nonce(peers: Peers, keys):
    with published(await keys.document()) as address:
        jwks = f"{address}/jwks"
        told = {"port": held(keys), "redirectUri": CALLBACK, "jwksUri": jwks, "logoutUri": "http://127.0.0.1:9/logout"}
        with peers.running("identity_provider.mjs", json.dumps(told)) as (_, issuer):
            at = settings(
                issuer=issuer,
                client_id="gerbang",
                acr={"urn:kota:dua": 2},
                nik_claim="nik",
                algorithms=("ES256", "PS256"),
            )
            async with issuer_client() as http, httpx.AsyncClient(trust_env=False, timeout=120) as browser:
                party = RelyingParty(at, ExternalIssuer(issuer, http), http, keys, CALLBACK, now)
                await party.check()

                begun = await party.begin(SignInRequest(level=2))
                brought = await visits(browser, begun.address, account="galuh", nik=NIK, strong="yes")
                identity = await party.finish(begun.secrets, brought)
                assert brought["state"] == begun.state
                assert (identity.subject, identity.level, identity.methods) == ("galuh", 2, ("pwd", "otp"))
                assert (identity.nik, identity.name) == (NIK, "Galuh galuh")
                assert identity.session

                again = await party.begin(SignInRequest())
                silent = await party.finish(again.secrets, await visits(browser, again.address))
                assert (silent.subject, silent.session) == ("galuh", identity.session)

                anew = await party.begin(SignInRequest(reauthenticate=True))
                weak = await party.finish(anew.secrets, await visits(browser, anew.address, account="galuh"))
                assert (weak.level, weak.nik) == (1, None)
                assert weak.auth_time >= identity.auth_time

                used = await party.begin(SignInRequest())
                brought = await visits(browser, used.address)
                await party.finish(used.secrets, brought)
                with pytest.raises(SignInRefusedError, match="invalid_grant"):
                    await party.finish(used.secrets, brought)

                no = await party.begin(SignInRequest(reauthenticate=True))
                with pytest.raises(SignInRefusedError) as refused:
                    await party.finish(no.secrets, await visits(browser, no.address, account="nobody"))
                assert refused.value.reason == "denied"
                await party.aclose()
