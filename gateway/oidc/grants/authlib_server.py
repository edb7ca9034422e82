"""Authlib's authorization server over our tables: one `AuthlibServer` per unit of work, in a thread.

Authlib ships no types, hence the ignores on the classes that inherit from it. No other module inherits from Authlib.
"""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy import update
from sqlalchemy.orm import Session

from gateway.oidc.clients.private_key_jwt import ClientAssertion
from gateway.oidc.clients.quotas import count_call
from gateway.oidc.clients.registered_client import AuthMethod, OAuthClient
from gateway.oidc.tokens.minting import ACCESS_TOKEN_LIFE, TokenMint, token_type
from gateway.policy.principal import Role
from gateway.policy.scopes import allowed_to
from gateway.storage.single_use import is_first_use
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow

# At DEBUG level Authlib logs whole tokens.
logging.getLogger("authlib").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A completed sign-in, from which grants are made: account, level, time. `amr` are the values of RFC 8176.

    `session_id` identifies the browser's sign-in (`LoginSessionRow.session_id`); None if there was no browser.
    """

    account_id: str
    roles: frozenset[Role]
    acr: int
    auth_time: datetime
    amr: tuple[str, ...] = ("pwd",)
    session_id: str | None = None


METHODS: Mapping[int, tuple[str, ...]] = {1: ("pwd",), 2: ("pwd", "otp", "mfa"), 3: ("pwd", "otp", "mfa")}
"""The usual `amr` values of a sign-in at each level."""


@dataclass(frozen=True, slots=True)
class GrantResponse:
    """Authlib's response: a JSON body, or a redirect to `location`."""

    status: int
    body: Mapping[str, Any]
    headers: tuple[tuple[str, str], ...]

    @property
    def location(self) -> str | None:
        """The redirect address, if the response is a redirect."""
        return dict(self.headers).get("Location")


def client_refused() -> InvalidClientError:
    """Build the error for a caller that is not authenticated as a permitted client."""
    return InvalidClientError(description="Client authentication failed.", status_code=401)


def new_grant(client: ClientRow, sign_in: SignIn, scopes: list[str], at: datetime) -> GrantRow:
    """Build a grant of those `scopes` that the person's roles allow."""
    allowed = allowed_to(sign_in.roles, scopes)
    return GrantRow(
        id=str(uuid.uuid4()),
        account_id=sign_in.account_id,
        client_id=client.id,
        scopes=[name for name in scopes if name in allowed],
        acr=sign_in.acr,
        amr=list(sign_in.amr),
        auth_time=sign_in.auth_time,
        session_id=sign_in.session_id,
        created_at=at,
    )


@dataclass(frozen=True, slots=True)
class PresentedCredentials:
    """Credentials in a client's request: id and secret of an HTTP Basic header, or a signed assertion."""

    basic: tuple[str, str] | None = field(default=None, repr=False)
    assertion: ClientAssertion | None = None


NO_CREDENTIALS = PresentedCredentials()


@dataclass(frozen=True, slots=True)
class VerifiedProofs:
    """Verified proofs in a token request, in addition to its parameters.

    `thumbprint` identifies the key that the caller has proven to hold (RFC 9449). `subject` are the claims of our token
    that is to be exchanged, if the request contains one.
    """

    thumbprint: str | None = None
    subject: Mapping[str, Any] | None = field(default=None, repr=False)


class CheckedRequest(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    """A request with validated parameters. Token requests also have `proofs`."""

    def __init__(
        self,
        method: str,
        uri: str,
        parameters: Mapping[str, str],
        credentials: PresentedCredentials = NO_CREDENTIALS,
        proofs: VerifiedProofs | None = None,
    ) -> None:
        super().__init__(method, uri)
        self.payload = BasicOAuth2Payload(dict(parameters))
        self.credentials = credentials
        self.proofs = proofs

    @property
    def thumbprint(self) -> str | None:
        """The thumbprint of the key that the caller has proven to hold."""
        return self.proofs.thumbprint if self.proofs else None

    @property
    def args(self) -> Mapping[str, str]:
        """The parameters."""
        parameters: Mapping[str, str] = self.payload.data
        return parameters

    form = args


class AuthlibServer(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """The authorization server over one database session."""

    def __init__(self, session: Session, mint: TokenMint) -> None:
        super().__init__()
        self.session = session
        self.mint = mint

    def query_client(self, client_id: str) -> OAuthClient | None:
        """Return the client with this id, if it is active."""
        row = self.session.get(ClientRow, client_id)
        return OAuthClient(row, self.mint.sealer) if row and row.is_active(self.mint.clock()) else None

    def authenticate_client(
        self, request: CheckedRequest, methods: object = None, endpoint: str = "token"
    ) -> OAuthClient:
        """Return the client, authenticated by its one registered method; or raise `InvalidClientError` (401)."""
        del methods, endpoint
        basic, assertion = request.credentials.basic, request.credentials.assertion
        claimed_ids = {request.form["client_id"]} if "client_id" in request.form else set()
        claimed_ids |= {basic[0]} if basic else set()
        claimed_ids |= {assertion.client_id} if assertion else set()
        client = self.query_client(claimed_ids.pop()) if len(claimed_ids) == 1 else None
        if client is None or not self._is_authenticated(client, request):
            raise client_refused()
        count_call(self.session, self.mint.sealer, client.row, self.mint.clock())
        request.auth_method = client.row.auth_method
        needs_proof = client.row.dpop_required or (client.row.public and self.mint.bound_only)
        if request.proofs is not None and needs_proof and request.thumbprint is None:
            raise InvalidRequestError("This client must prove possession of a key (DPoP).")
        return client

    def authenticate_confidential(self, request: CheckedRequest) -> OAuthClient:
        """As `authenticate_client`, for confidential clients only: public clients cannot authenticate."""
        client = self.authenticate_client(request)
        if client.row.public:
            raise client_refused()
        return client

    def _is_authenticated(self, client: OAuthClient, request: CheckedRequest) -> bool:
        basic, assertion = request.credentials.basic, request.credentials.assertion
        if "client_secret" in request.form or (basic and assertion):
            return False
        method = client.row.auth_method
        if basic:
            return method == AuthMethod.SECRET and client.check_secret(basic[1], self.mint.clock())
        if assertion:
            return method == AuthMethod.KEY and is_first_use(
                self.session, "client-assertion", assertion.client_id, assertion.jti, assertion.refused_from
            )
        return method == AuthMethod.NONE

    def open_grant(self, client: ClientRow, sign_in: SignIn, scope: str) -> GrantRow:
        """Store a new grant of those parts of `scope` that the person's roles allow."""
        grant = new_grant(client, sign_in, scope.split(), self.mint.clock())
        self.session.add(grant)
        self.session.flush()
        return grant

    def revoke_grant(self, grant_id: str) -> None:
        """Revoke a grant with every code and token that came from it."""
        self.session.execute(
            update(GrantRow)
            .where(GrantRow.id == grant_id, GrantRow.revoked_at.is_(None))
            .values(revoked_at=self.mint.clock())
        )

    def active_account(self, grant: GrantRow) -> AccountRow | None:
        """Return the account of a grant, if both are active."""
        account = self.session.get(AccountRow, grant.account_id)
        return account if account and account.withdrawn_at is None and grant.revoked_at is None else None

    def issue(
        self, request: CheckedRequest, grant: GrantRow, scopes: list[str], *, nonce: str | None, with_id_token: bool
    ) -> dict[str, Any]:
        """Build the body of a token response for the client of `request`, bound to the key that it has proven."""
        client, thumbprint = request.client.row, request.thumbprint
        access_token = self.mint.access_token(self.session, client, grant, scopes, thumbprint)
        body: dict[str, Any] = {
            "access_token": access_token,
            "token_type": token_type(thumbprint),
            "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
            "scope": " ".join(scopes),
        }
        if "refresh_token" in client.grant_types:
            # A confidential client authenticates at each refresh; a public one can only prove its key.
            bound_to = thumbprint if client.public else None
            body["refresh_token"] = self.mint.refresh_token(self.session, client, grant, bound_to)
        if with_id_token and "openid" in scopes:
            body["id_token"] = self.mint.id_token(self.session, client, grant, access_token, nonce)
        return body

    # Hooks with which Authlib integrates a web framework.

    def create_oauth2_request(self, request: CheckedRequest) -> CheckedRequest:
        """Return the request as it is."""
        return request

    def handle_response(self, status: int, body: object, headers: list[tuple[str, str]]) -> GrantResponse:
        """Convert Authlib's response to a `GrantResponse`."""
        return GrantResponse(status, body if isinstance(body, dict) else {}, tuple(headers))

    def save_token(self, token: object, request: object) -> None:
        """Do nothing: tokens are stored where they are made."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Do nothing: signals are not used."""
