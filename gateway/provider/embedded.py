"""The pages by which people prove to us who they are: none is served where that is left to another issuer."""

from collections.abc import Sequence
from typing import Final

from gateway.provider import contact_pages, enrolment, recovery_pages, registration_pages
from gateway.provider.login import PASSKEY_PATH, login, sign_in, sign_in_by_passkey
from gateway.provider.parts import Handler
from gateway.provider.password_page import keep_password, new_password
from gateway.provider.second_step import second_step, take_second_step
from gateway.provider.steps import Step

EMBEDDED_PAGES: Final[Sequence[tuple[str, str, Handler]]] = (
    ("GET", Step.SIGN_IN, login),
    ("POST", Step.SIGN_IN, sign_in),
    ("POST", PASSKEY_PATH, sign_in_by_passkey),
    ("GET", Step.SECOND, second_step),
    ("POST", Step.SECOND, take_second_step),
    ("GET", Step.PASSWORD, new_password),
    ("POST", Step.PASSWORD, keep_password),
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
"""Method, path and handler of each."""
