"""Wiring of the OpenID provider, for the composition root."""

from typing import TYPE_CHECKING

from gateway.authentication.access_tokens import TokenVerifier, TrustedIssuer
from gateway.authentication.bearer import Authenticator
from gateway.authentication.callers import Callers
from gateway.authentication.dpop import DpopVerifier
from gateway.authentication.dpop_nonces import DpopNonces
from gateway.authentication.known_callers import KnownCallers
from gateway.authentication.principals import PrincipalResolver
from gateway.authentication.same_origin import SameOriginPages
from gateway.authentication.web_sessions import WebSessions
from gateway.ground.clock import Clock, now
from gateway.ground.sealing import Sealer
from gateway.identity.accounts import Accounts
from gateway.identity.one_time_proofs import OneTimeProofs
from gateway.identity.passwords import Passwords
from gateway.identity.subjects import ExternalSubjects
from gateway.oidc.apps.gate import AppGate
from gateway.oidc.apps.linking import LINK_PARAMETERS, link
from gateway.oidc.cleanup import CleanupJob
from gateway.oidc.clients.client_keys import ClientKeys
from gateway.oidc.clients.private_key_jwt import ClientAssertions
from gateway.oidc.dependencies import Handler, ProviderDependencies, ProviderRoute, client_endpoint, page_endpoint
from gateway.oidc.endpoints.authorize import authorize, consent, decide
from gateway.oidc.endpoints.client_calls import client_call_endpoint
from gateway.oidc.endpoints.device_authorization import DEVICE_PARAMETERS, authorize_device
from gateway.oidc.endpoints.external_logout import BROKER_CALLS
from gateway.oidc.endpoints.introspection import introspect_token
from gateway.oidc.endpoints.logout import LOGOUT_PATH, SESSION_PATH, confirm_logout, end_session, logout
from gateway.oidc.endpoints.metadata import discovery, jwks
from gateway.oidc.endpoints.pushed_authorization import push_request
from gateway.oidc.endpoints.token import issue_token, revoke_token, userinfo
from gateway.oidc.endpoints.web_sign_in import WebPages
from gateway.oidc.external.broker import Broker
from gateway.oidc.external.issuers import ExternalIssuers, RelyingPartyIdentity
from gateway.oidc.external.own_keys import OwnKeys
from gateway.oidc.grants.parameters import AUTHORIZE_PARAMETERS, TOKEN_PARAMETERS, TOKEN_REFERENCE_PARAMETERS
from gateway.oidc.grants.service import GrantService
from gateway.oidc.html.pages import SCRIPT_PATH, STYLESHEET_PATH, PageRenderer
from gateway.oidc.interaction.redirects import CONSENT_PATH
from gateway.oidc.sessions.browsers import Browsers, KnownBrowsers
from gateway.oidc.sessions.login_sessions import LoginSessions
from gateway.oidc.sessions.logout_notifier import LogoutNotifier
from gateway.oidc.sessions.tickets import SignInTickets
from gateway.oidc.sessions.web_login import WebLogins, register_pages
from gateway.oidc.settings import ProviderSettings
from gateway.oidc.tokens.minting import TokenMint
from gateway.oidc.tokens.signing_keys import SigningKeys
from gateway.storage.engine import Database

if TYPE_CHECKING:
    import httpx


class Provider:
    """The embedded OpenID provider over one database.

    Call `start` over migrated tables before the first request. Tests may pass cheaper `passwords`, and a `transport` in
    place of the network to other issuers.
    """

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        settings: ProviderSettings,
        *,
        clock: Clock = now,
        passwords: Passwords | None = None,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self.keys = SigningKeys(database, sealer, clock)
        self._client_keys = ClientKeys()
        accounts, logout_notifier = (
            Accounts.build(database, sealer, clock, settings, passwords),
            LogoutNotifier(database, self.mint, clock),
        )
        self._cleanup = CleanupJob(database, accounts, logout_notifier, clock)
        https = settings.issuer_url.startswith("https:")
        own = OwnKeys(database, sealer, clock)
        self.external = ExternalIssuers(
            settings.login_issuers,
            settings.token_issuers,
            RelyingPartyIdentity(settings.issuer_url, settings.audience),
            keys=own,
            clock=clock,
            transport=transport,
        )
        self.deps = ProviderDependencies(
            issuer=settings.issuer_url,
            clock=clock,
            database=database,
            keys=self.keys,
            grants=GrantService(database, self.mint),
            assertions=ClientAssertions(settings.issuer_url, database, self._client_keys, clock),
            tickets=SignInTickets(sealer, clock),
            browsers=Browsers(sealer, https=https),
            known_browsers=KnownBrowsers(sealer, https=https),
            sessions=LoginSessions(database, clock),
            accounts=accounts,
            pages=PageRenderer(),
            proofs=DpopVerifier(
                database, settings.issuer_url, clock, DpopNonces(sealer, clock, required=settings.proof_nonces)
            ),
            logout_notifier=logout_notifier,
            sealer=sealer,
            broker=self._broker(own) if settings.login_issuers else None,
        )
        self.known_callers = KnownCallers()
        self.people = people = PrincipalResolver(database, sealer, clock)
        sessions, logins = WebSessions(database, sealer, people, clock), WebLogins(sealer, clock)
        self.own_pages = SameOriginPages(sessions, issuer=settings.issuer_url, known=self.known_callers)
        self._web = WebPages(logins, self.own_pages, issuer=settings.issuer_url)
        self._gate = AppGate(logins, sessions, people)

    def _broker(self, own: OwnKeys) -> Broker:
        database, sealer, clock = self._database, self._sealer, self._clock
        subjects = ExternalSubjects(database, sealer, clock)
        return Broker(self.external, own, subjects, OneTimeProofs(database, sealer, clock), database, sealer, clock)

    async def start(self) -> None:
        """Load or create the signing keys, register our pages as a client, clean up, and check the other issuers."""
        await self.keys.start()
        async with self.deps.database.session() as session:
            await register_pages(session, self._settings.issuer_url, self._clock())
        await self._cleanup.run_once()
        await self.external.start()

    def start_jobs(self) -> None:
        """Start the background jobs; `aclose` stops them."""
        self._cleanup.start()

    async def aclose(self) -> None:
        """Stop the background jobs and fetches, and close the connections to other issuers."""
        await self._cleanup.aclose()
        await self._client_keys.aclose()
        await self.external.aclose()

    async def mint(self) -> TokenMint:
        """Return a token mint with the current signing key."""
        await self.keys.refresh()
        settings = self._settings
        return TokenMint(
            issuer=settings.issuer_url,
            audience=settings.audience,
            machine_audience=settings.machine_audience,
            key=self.keys.signing(),
            sealer=self._sealer,
            clock=self._clock,
            bound_only=settings.bound_tokens_only,
        )

    def trusted_issuer(self) -> TrustedIssuer:
        """This provider as a trusted issuer of access tokens."""
        settings = self._settings
        return TrustedIssuer(
            settings.issuer_url, settings.audience, self.keys, machine_audience=settings.machine_audience, own=True
        )

    def authenticator(self) -> Authenticator:
        """Build the authenticator for access tokens of this provider and of the other trusted issuers."""
        verifier = TokenVerifier([self.trusted_issuer(), *self.external.trusted()], self._clock)
        hold, known = self._settings.token_hold, self.known_callers
        return Authenticator(verifier, self.people, self.deps.proofs, self._clock, hold=hold, known=known)

    def callers(self) -> Callers:
        """Build the resolver of callers, by token or by web session."""
        return Callers(self.authenticator(), self.own_pages)

    def routes(self, authenticator: Authenticator) -> list[ProviderRoute]:
        """Return the protocol endpoints of the provider. `authenticator` verifies the tokens sent to userinfo.

        `page_routes` returns the pages.
        """
        deps = self.deps
        pages: list[tuple[str, str, Handler]] = [
            ("GET", "/oauth2/authorize", authorize),
            ("POST", "/oauth2/authorize", authorize),
            ("GET", CONSENT_PATH, consent),
            ("POST", CONSENT_PATH, decide),
            ("GET", LOGOUT_PATH, logout),
            ("POST", LOGOUT_PATH, logout),
            ("GET", SESSION_PATH, end_session),
            ("POST", SESSION_PATH, confirm_logout),
        ]
        calls: list[tuple[str, str, Handler]] = [
            ("POST", "/oauth2/par", client_call_endpoint(push_request, AUTHORIZE_PARAMETERS)),
            ("POST", "/oauth2/token", client_call_endpoint(issue_token, TOKEN_PARAMETERS)),
            ("POST", "/oauth2/device_authorization", client_call_endpoint(authorize_device, DEVICE_PARAMETERS)),
            ("POST", "/oauth2/revoke", client_call_endpoint(revoke_token, TOKEN_REFERENCE_PARAMETERS)),
            ("POST", "/oauth2/introspect", client_call_endpoint(introspect_token, TOKEN_REFERENCE_PARAMETERS)),
            ("POST", "/oauth2/link", client_call_endpoint(link, LINK_PARAMETERS)),
            ("GET", "/oauth2/jwks", jwks),
            *(() if deps.broker is None else BROKER_CALLS),
            ("GET", "/.well-known/openid-configuration", discovery),
            ("GET", "/.well-known/oauth-authorization-server", discovery),
        ]
        userinfo_endpoint = userinfo(deps, authenticator)
        return [
            *(ProviderRoute(path, page_endpoint(deps, page), methods=[method]) for method, path, page in pages),
            *(ProviderRoute(path, client_endpoint(deps, call), methods=[method]) for method, path, call in calls),
            ProviderRoute(
                "/oauth2/userinfo",
                client_endpoint(deps, lambda _, request: userinfo_endpoint(request)),
                methods=["GET", "POST"],
            ),
            ProviderRoute(STYLESHEET_PATH, deps.pages.stylesheet, methods=["GET"]),
            ProviderRoute(SCRIPT_PATH, deps.pages.script, methods=["GET"]),
            *self._web.routes(deps),
            *self._gate.routes(deps),
        ]
