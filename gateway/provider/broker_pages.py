"""The endpoints of a gateway whose people sign in elsewhere, in place of those of `embedded`."""

from collections.abc import Sequence
from typing import Final

from gateway.provider.brokered import begin, choose, come_back
from gateway.provider.ended_elsewhere import end_session, own_keys
from gateway.provider.linking import SIGN_INS_PATH, link, sign_ins
from gateway.provider.parts import Handler
from gateway.provider.unlinking import UNLINK_PATH, ask_to_unlink, unlink
from gateway.sso.external import BROKER_PATH

BROKER_PAGES: Final[Sequence[tuple[str, str, Handler]]] = (
    ("GET", BROKER_PATH, choose),
    ("GET", f"{BROKER_PATH}/{{name}}", begin),
    ("GET", f"{BROKER_PATH}/{{name}}/callback", come_back),
    ("GET", SIGN_INS_PATH, sign_ins),
    ("GET", f"{SIGN_INS_PATH}/{{name}}", link),
    ("GET", UNLINK_PATH, ask_to_unlink),
    ("POST", UNLINK_PATH, unlink),
)
BROKER_CALLS: Final[Sequence[tuple[str, str, Handler]]] = (
    ("GET", "/oauth2/client-jwks", own_keys),
    ("POST", f"{BROKER_PATH}/{{name}}/logout", end_session),
)
"""Method, path and handler of each."""
