"""Declares for each operation who may call it, and how every other caller is answered.

The declaration is part of the OpenAPI document as `x-reach`. A test reads it there and calls every operation over a
socket as each of these callers; an operation without a declaration fails the test.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final


class Verdict(StrEnum):
    """The answer to a caller.

    `served`: the normal answer. `own-only`: served, without the data of its owner. `hidden`: 404, as if it did not
    exist. `refused`: 403. `challenged`: 401, with a challenge that describes how to sign in.
    """

    SERVED = "served"
    OWN_ONLY = "own-only"
    HIDDEN = "hidden"
    REFUSED = "refused"
    CHALLENGED = "challenged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """The verdict for each kind of caller whom an operation is not for.

    `other_resident` is another resident with every scope; `wrong_scope` the right person whose token lacks a scope of
    this operation; `wrong_role` a person whose role has no access to it (an operator, else an officer); `wrong_region`
    an officer of another kelurahan, with a purpose; `revoked` and `expired` are the right person's own revoked and
    expired tokens; `weak_sign_in` is the right person with a password alone, `old_sign_in` the right person with a
    token of this minute and a sign-in of more than ten minutes ago.
    """

    no_token: Verdict = Verdict.CHALLENGED
    other_resident: Verdict
    wrong_scope: Verdict = Verdict.REFUSED
    wrong_role: Verdict = Verdict.REFUSED
    wrong_region: Verdict
    revoked: Verdict = Verdict.CHALLENGED
    expired: Verdict = Verdict.CHALLENGED
    weak_sign_in: Verdict = Verdict.SERVED
    old_sign_in: Verdict = Verdict.SERVED

    def document(self) -> dict[str, Any]:
        """The representation in the OpenAPI document."""
        return {name.replace("_", "-"): str(verdict) for name, verdict in asdict(self).items()}


EVERYBODY: Final = Permissions(
    no_token=Verdict.SERVED,
    other_resident=Verdict.SERVED,
    wrong_scope=Verdict.SERVED,
    wrong_role=Verdict.SERVED,
    wrong_region=Verdict.SERVED,
)
"""Public: no token is needed. An invalid token is refused, so that its holder notices."""

UNCHECKED: Final = Permissions(
    no_token=Verdict.SERVED,
    other_resident=Verdict.SERVED,
    wrong_scope=Verdict.SERVED,
    wrong_role=Verdict.SERVED,
    wrong_region=Verdict.SERVED,
    revoked=Verdict.SERVED,
    expired=Verdict.SERVED,
)
"""For operators of the gateway itself, such as health checks: no token is read."""

EVERYBODY_AND_OWN: Final = Permissions(
    no_token=Verdict.OWN_ONLY,
    other_resident=Verdict.OWN_ONLY,
    wrong_scope=Verdict.SERVED,
    wrong_role=Verdict.OWN_ONLY,
    wrong_region=Verdict.OWN_ONLY,
)
"""Public; a resident's token adds their own records, as far as its scopes allow. An invalid token is refused."""

OWN_LIST: Final = Permissions(other_resident=Verdict.OWN_ONLY, wrong_region=Verdict.REFUSED)
"""A resident's own records; other residents get their own, and only residents may call."""

OWN_LIST_STRONG: Final = Permissions(
    other_resident=Verdict.OWN_ONLY, wrong_region=Verdict.REFUSED, weak_sign_in=Verdict.CHALLENGED
)
"""`OWN_LIST` after a sign-in with a second factor."""

OWN_RECORD: Final = Permissions(other_resident=Verdict.HIDDEN, wrong_region=Verdict.REFUSED)
"""One record of a resident, by its id; only residents may call."""

OWN_RECORD_STRONG: Final = Permissions(
    other_resident=Verdict.HIDDEN, wrong_region=Verdict.REFUSED, weak_sign_in=Verdict.CHALLENGED
)
"""`OWN_RECORD` after a sign-in with a second factor."""

OWN_ACCOUNT_LIST: Final = Permissions(
    other_resident=Verdict.OWN_ONLY, wrong_role=Verdict.OWN_ONLY, wrong_region=Verdict.OWN_ONLY
)
"""Data of an account; every caller gets their own, in any role."""

OWN_ACCOUNT_ITEM: Final = Permissions(
    other_resident=Verdict.HIDDEN, wrong_role=Verdict.HIDDEN, wrong_region=Verdict.HIDDEN
)
"""One item of an account."""

OWN_ACCOUNT_ITEM_GUARDED: Final = Permissions(
    other_resident=Verdict.HIDDEN,
    wrong_role=Verdict.HIDDEN,
    wrong_region=Verdict.HIDDEN,
    weak_sign_in=Verdict.CHALLENGED,
    old_sign_in=Verdict.CHALLENGED,
)
"""`OWN_ACCOUNT_ITEM` after a recent sign-in with a second factor."""

OFFICERS_LIST: Final = Permissions(other_resident=Verdict.REFUSED, wrong_region=Verdict.OWN_ONLY)
"""For officers: the records of their own region."""

OFFICERS_RECORD: Final = Permissions(other_resident=Verdict.REFUSED, wrong_region=Verdict.HIDDEN)
"""For officers: one record of their own region, by its id."""

REGION_LIST: Final = Permissions(
    other_resident=Verdict.REFUSED, wrong_region=Verdict.OWN_ONLY, weak_sign_in=Verdict.CHALLENGED
)
"""For officers, about people of their own region. Requires a second factor."""

REGION_RECORD: Final = Permissions(
    other_resident=Verdict.REFUSED, wrong_region=Verdict.HIDDEN, weak_sign_in=Verdict.CHALLENGED
)
"""For officers, about one person of their own region."""

OPERATORS_STRONG: Final = Permissions(
    other_resident=Verdict.REFUSED, wrong_region=Verdict.REFUSED, weak_sign_in=Verdict.CHALLENGED
)
"""For operators after a sign-in with a second factor; `wrong_role` is an officer."""

OPERATORS_GUARDED: Final = Permissions(
    other_resident=Verdict.REFUSED,
    wrong_region=Verdict.REFUSED,
    weak_sign_in=Verdict.CHALLENGED,
    old_sign_in=Verdict.CHALLENGED,
)
"""For operators after a recent sign-in with a second factor."""
