"""Limits of callers that no test reaches, for tests that send many requests from one address in a short time."""

from typing import Final

from gateway.shared.settings import CallerLimitSettings, PersonalLimits, PublicLimits, ServerLimits, SignInLimits

_MANY: Final = 1_000_000_000
LIFTED_LIMITS: Final = CallerLimitSettings(
    public=PublicLimits(address=_MANY, account=_MANY, client=_MANY),
    personal=PersonalLimits(account=_MANY, client=_MANY),
    sign_in=SignInLimits(address=_MANY),
    servers=ServerLimits(address=_MANY),
)
LIFTED_VARIABLES: Final = {"GERBANG_LIMITS": LIFTED_LIMITS.model_dump_json()}
"""The same for a process."""
