"""Settings of the limits of callers: how many requests an address, an account or a client may send."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Calls = Annotated[int, Field(gt=0, le=1_000_000_000)]


class _Limits(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PublicLimits(_Limits):
    """Limits of requests that need no sign-in. `address` is for callers who have not signed in, on every path."""

    address: Calls = Field(default=1000, description="Requests of an address without a verified sign-in")
    account: Calls = Field(default=1000, description="Requests of an account for what needs no sign-in")
    client: Calls = Field(
        default=20_000, description="Requests of all accounts of a client application for what needs no sign-in"
    )


class PersonalLimits(_Limits):
    """Limits of requests that need a sign-in."""

    account: Calls = Field(default=600, description="Requests of an account for what needs a sign-in, and searches")
    client: Calls = Field(
        default=6000, description="Requests of all accounts of a client application for what needs a sign-in"
    )


class SignInLimits(_Limits):
    """Limits of requests that sign people in, and of the account pages."""

    address: Calls = Field(default=300, description="Requests of an address to sign in, and to the account pages")


class ServerLimits(_Limits):
    """Limits of requests that a server sends for many people."""

    address: Calls = Field(
        default=6000, description="Pushes of systems, introspections and sign-in checks of proxies, by address"
    )


class ClientLimits(_Limits):
    """Limits of one client application in place of the general ones; None for those."""

    public: Calls | None = None
    personal: Calls | None = None


class CallerLimitSettings(_Limits):
    """How many requests a caller may send within `window`."""

    window: timedelta = Field(
        default=timedelta(seconds=10),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        description="The time in which the requests of a caller are counted, in whole seconds",
    )
    public: PublicLimits = PublicLimits()
    personal: PersonalLimits = PersonalLimits()
    sign_in: SignInLimits = SignInLimits()
    servers: ServerLimits = ServerLimits()
    clients: dict[str, ClientLimits] = Field(
        default={}, description="Limits `public` and `personal` of single client applications, by client id"
    )

    @model_validator(mode="after")
    def _window_has_whole_seconds(self) -> Self:
        if self.window.microseconds:
            raise ValueError("the window of the limits must be whole seconds")
        return self
