"""Texts of the provider's pages, in Indonesian and English."""

from collections.abc import Mapping

from gateway.oidc.html.texts_account import ACCOUNT_TEXTS
from gateway.oidc.html.texts_broker import BROKER_TEXTS
from gateway.oidc.html.texts_devices import DEVICE_TEXTS
from gateway.oidc.html.texts_factors import FACTOR_TEXTS
from gateway.oidc.html.texts_landing import LANDING_TEXTS
from gateway.oidc.html.texts_logout import LOGOUT_TEXTS
from gateway.oidc.html.texts_sign_in import SIGN_IN_TEXTS
from gateway.oidc.html.texts_verification import VERIFICATION_TEXTS

LANGUAGES = ("id", "en")

_MORE_TEXTS = {
    **FACTOR_TEXTS,
    **ACCOUNT_TEXTS,
    **BROKER_TEXTS,
    **VERIFICATION_TEXTS,
    **DEVICE_TEXTS,
    **LANDING_TEXTS,
    **LOGOUT_TEXTS,
}

TEXTS: Mapping[str, Mapping[str, str]] = {
    language: {**SIGN_IN_TEXTS[language], **{key: texts[index] for key, texts in _MORE_TEXTS.items()}}
    for index, language in enumerate(LANGUAGES)
}
"""Every text by language and key."""


def choose_language(requested: str | None, ui_locales: str, accept_language: str) -> str:
    """Return `id` or `en`: by the page's switch, else `ui_locales`, else `Accept-Language`, else Indonesian."""
    if requested in LANGUAGES:
        return requested
    for tag in [*ui_locales.split(), *_accepted(accept_language)]:
        primary = tag.split("-")[0].lower()
        if primary in LANGUAGES:
            return primary
    return LANGUAGES[0]


def _accepted(header: str) -> list[str]:
    """Return the tags of `Accept-Language`, the preferred first; unreadable parts are ignored."""
    accepted: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if quality > 0:
            accepted.append((quality, tag))
    return [tag for _, tag in sorted(accepted, key=lambda pair: -pair[0])]
