"""Settings that the OpenID provider needs; `gateway.settings.Settings` implements them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from gateway.authentication.settings import LoginIssuer, TokenIssuer
from gateway.identity.messages.settings import AccountSettings


class ProviderSettings(AccountSettings, Protocol):
    """Addresses, issuers and rules of the provider."""

    @property
    def audience(self) -> str:
        """The `aud` of access tokens for the unified API."""

    @property
    def machine_audience(self) -> str:
        """The `aud` of machines' access tokens."""

    @property
    def bound_tokens_only(self) -> bool:
        """Whether public clients get only tokens that are bound to a key of their device."""

    @property
    def proof_nonces(self) -> bool:
        """Whether proofs of possession must contain a nonce from this gateway."""

    @property
    def login_issuers(self) -> Mapping[str, LoginIssuer]:
        """External providers at which people sign in, by name; empty if people sign in at our own pages."""

    @property
    def token_issuers(self) -> Mapping[str, TokenIssuer]:
        """Other issuers whose access tokens the API accepts, by name."""

    @property
    def token_hold(self) -> timedelta:
        """How long the account of a verified access token is cached."""
