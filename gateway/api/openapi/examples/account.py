"""Examples of answers about the caller's own account: sessions, consents, links."""

from typing import Any, Final

from gateway.api.openapi.examples.pages import AT, as_json, envelope, opaque
from gateway.policy.scopes import SCOPES
from schemas.account import AccountConsent, AccountLink, AccountSession, ConsentedScope, LinkCode, SessionKind
from schemas.texts import Text

_MOBILE: Final = Text(id="Gerbang di telepon", en="Gerbang on the telephone")
_OLD: Final = Text(id="Aplikasi kelurahan lama", en="The old ward application")


def sessions() -> dict[str, Any]:
    """An app, and the browser that signed it in."""
    when = {"acr": 1, "began_at": AT, "seen_at": AT}
    app = {"kind": SessionKind.APP, "name": _MOBILE, "agent": None, "current": True}
    browser = {"kind": SessionKind.BROWSER, "name": None, "agent": "Mozilla/5.0 (Android 15)", "current": False}
    listed = [{"id": opaque("ses", "app"), **when, **app}, {"id": opaque("ses", "browser"), **when, **browser}]
    return envelope([as_json(AccountSession.model_validate(one)) for one in listed], ())


def consents() -> dict[str, Any]:
    """One app that may read applications."""
    scope = SCOPES["applications.read"]
    allowed = ConsentedScope(scope=scope.name, text=Text(id=scope.text_id, en=scope.text_en))
    return envelope(
        [as_json(AccountConsent(client="gerbang-mobile", name=_MOBILE, scopes=(allowed,), given_at=AT))], ()
    )


def links() -> dict[str, Any]:
    """One linked account."""
    return envelope([as_json(AccountLink(client="kelurahan-lama", name=_OLD, account="galuh88", proven_at=AT))], ())


def code() -> dict[str, Any]:
    """A code for linking."""
    return as_json(LinkCode(client="kelurahan-lama", code="RWSN-4REB-S7CQ", expires_at=AT))
