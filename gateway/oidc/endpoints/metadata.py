"""Provider metadata: discovery (OpenID Connect Discovery 1.0, RFC 8414) and the JWKS."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.authentication.jose import PROOF_ALGORITHMS
from gateway.oidc.clients.private_key_jwt import ASSERTION_ALGORITHMS
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.grants.device_grant import DEVICE_GRANT
from gateway.oidc.grants.token_exchange import EXCHANGE_GRANT
from gateway.oidc.interaction.sign_in_steps import reachable_levels
from gateway.policy.scopes import SCOPES

_HEADERS = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
_CONFIDENTIAL = ("private_key_jwt", "client_secret_basic")
_CLAIMS = "iss sub aud exp iat auth_time nonce acr amr at_hash sid roles agency region name locale"


def provider_metadata(issuer: str, levels: Iterable[int]) -> dict[str, Any]:
    """Build the discovery document. `levels` are those that a sign-in can have."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "device_authorization_endpoint": f"{issuer}/oauth2/device_authorization",
        "end_session_endpoint": f"{issuer}/oauth2/logout",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth2/par",
        "require_pushed_authorization_requests": False,
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            DEVICE_GRANT,
            EXCHANGE_GRANT,
        ],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": [*_CONFIDENTIAL, "none"],
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": [*_CONFIDENTIAL, "none"],
        "revocation_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": list(_CONFIDENTIAL),
        "introspection_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_supported": _CLAIMS.split(),
        "acr_values_supported": [str(level) for level in sorted(levels)],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["id", "en"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }


async def discovery(deps: ProviderDependencies, _request: Request) -> Response:
    """`/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`."""
    return JSONResponse(provider_metadata(deps.issuer, reachable_levels(deps)), headers=_HEADERS)


async def jwks(deps: ProviderDependencies, _request: Request) -> Response:
    """`/oauth2/jwks`."""
    return JSONResponse(await deps.keys.document(), headers=_HEADERS, media_type="application/jwk-set+json")
