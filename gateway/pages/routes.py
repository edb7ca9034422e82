"""Routes of all pages and of the provider's endpoints."""

from collections.abc import Sequence
from typing import Final

from gateway.authentication.bearer import Authenticator
from gateway.identity.verification import VerificationService
from gateway.oidc.dependencies import Handler, ProviderRoute, page_endpoint
from gateway.oidc.external.issuers import BROKER_PATH
from gateway.oidc.grants.device_codes import DEVICE_PATH
from gateway.oidc.interaction.sign_in_steps import SignInStep
from gateway.oidc.provider import Provider
from gateway.pages import contact as contact_pages
from gateway.pages import recovery as recovery_pages
from gateway.pages import registration as registration_pages
from gateway.pages import second_factor as enrolment
from gateway.pages.account import ACCOUNT_PAGES
from gateway.pages.device import DECISION_PATH, decide_device, device, look_up_device
from gateway.pages.external_sign_in import begin, callback, choose
from gateway.pages.login import PASSKEY_PATH, login, sign_in, sign_in_by_passkey
from gateway.pages.password import change_password, new_password
from gateway.pages.second_step import check_second_step, second_step
from gateway.pages.sign_ins import SIGN_INS_PATH, link, sign_ins
from gateway.pages.unlink import UNLINK_PATH, confirm_unlink, unlink
from gateway.pages.verification import VerificationPages

PageRoutes = Sequence[tuple[str, str, Handler]]
"""Method, path and handler of each page."""

EMBEDDED_PAGES: Final[PageRoutes] = (
    ("GET", SignInStep.SIGN_IN, login),
    ("POST", SignInStep.SIGN_IN, sign_in),
    ("POST", PASSKEY_PATH, sign_in_by_passkey),
    ("GET", SignInStep.SECOND, second_step),
    ("POST", SignInStep.SECOND, check_second_step),
    ("GET", SignInStep.PASSWORD, new_password),
    ("POST", SignInStep.PASSWORD, change_password),
    ("GET", enrolment.FACTORS_PATH, enrolment.factors),
    ("GET", enrolment.APP_PATH, enrolment.app),
    ("POST", enrolment.APP_PATH, enrolment.set_up_app),
    ("GET", enrolment.PICTURE_PATH, enrolment.picture),
    ("POST", enrolment.NEW_PASSKEY_PATH, enrolment.add_passkey),
    ("POST", enrolment.REMOVE_PATH, enrolment.remove),
    ("POST", enrolment.CODES_PATH, enrolment.new_codes),
    ("POST", enrolment.LATER_PATH, enrolment.later),
    ("GET", registration_pages.REGISTER_PATH, registration_pages.register),
    ("POST", registration_pages.REGISTER_PATH, registration_pages.send_code),
    ("POST", registration_pages.CODE_PATH, registration_pages.check_code),
    ("POST", registration_pages.PASSWORD_PATH, registration_pages.choose_password),
    ("GET", recovery_pages.RECOVER_PATH, recovery_pages.recover),
    ("POST", recovery_pages.RECOVER_PATH, recovery_pages.send_code),
    ("POST", recovery_pages.CODE_PATH, recovery_pages.check_code),
    ("POST", recovery_pages.PASSWORD_PATH, recovery_pages.choose_password),
    ("GET", contact_pages.CONTACT_PATH, contact_pages.contact),
    ("POST", contact_pages.CONTACT_PATH, contact_pages.send_code),
    ("POST", contact_pages.CODE_PATH, contact_pages.check_code),
    ("POST", contact_pages.REMOVE_PATH, contact_pages.remove),
)
"""The pages of sign-in at this gateway; not served if another issuer does that."""

BROKER_PAGES: Final[PageRoutes] = (
    ("GET", BROKER_PATH, choose),
    ("GET", f"{BROKER_PATH}/{{name}}", begin),
    ("GET", f"{BROKER_PATH}/{{name}}/callback", callback),
    ("GET", SIGN_INS_PATH, sign_ins),
    ("GET", f"{SIGN_INS_PATH}/{{name}}", link),
    ("GET", UNLINK_PATH, confirm_unlink),
    ("POST", UNLINK_PATH, unlink),
)
"""The pages of sign-in at external providers; served in place of `EMBEDDED_PAGES`."""

DEVICE_PAGES: Final[PageRoutes] = (
    ("GET", DEVICE_PATH, device),
    ("POST", DEVICE_PATH, look_up_device),
    ("POST", DECISION_PATH, decide_device),
)


def provider_routes(
    provider: Provider, authenticator: Authenticator, service: VerificationService | None = None
) -> list[ProviderRoute]:
    """Return every route of the provider: its protocol endpoints, and the pages.

    `authenticator` verifies the tokens sent to userinfo. `service` verifies NIKs for officers; without it there is
    no page for that.
    """
    deps = provider.deps
    pages = (*DEVICE_PAGES, *(EMBEDDED_PAGES if deps.embedded else BROKER_PAGES), *ACCOUNT_PAGES)
    return [
        *provider.routes(authenticator),
        *(ProviderRoute(path, page_endpoint(deps, page), methods=[method]) for method, path, page in pages),
        *(VerificationPages(service, provider.people).routes(deps) if service else ()),
    ]
