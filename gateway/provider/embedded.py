"""The pages by which people prove to us who they are: none is served where that is left to another issuer."""

from collections.abc import Sequence
from typing import Final

from gateway.provider import enrolment
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
)
"""Method, path and handler of each."""
