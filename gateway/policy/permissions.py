"""Who reaches an operation, and what everybody else is answered: declared beside each route, and tried by a test.

The declaration stands in the OpenAPI document as `x-reach`. A test takes it from there and calls every operation over
a socket as each of these callers; an operation without a declaration fails it.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final


class Verdict(StrEnum):
    """How a caller is answered.

    `served`: like anybody. `own-only`: served, with nothing of the person whose data this is. `hidden`: 404, as if it
    did not exist. `refused`: 403. `challenged`: 401, with the challenge that says how to sign in.
    """

    SERVED = "served"
    OWN_ONLY = "own-only"
    HIDDEN = "hidden"
    REFUSED = "refused"
    CHALLENGED = "challenged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What each caller is answered who is not the one whom an operation is for.

    `other_resident` is another resident with every scope; `wrong_scope` the right person whose token lacks a scope of
    this operation; `wrong_role` somebody whose role has no part in it (an operator, else an officer); `wrong_region`
    an officer of another kelurahan, with a purpose; `revoked` and `expired` are the right person's own tokens, ended
    and too old; `weak_sign_in` is the right person with a password alone, `old_sign_in` the right person with a token
    of this minute and a sign-in of more than ten minutes ago.
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
        """As it stands in the OpenAPI document."""
        return {name.replace("_", "-"): str(verdict) for name, verdict in asdict(self).items()}


EVERYBODY: Final = Permissions(
    no_token=Verdict.SERVED,
    other_resident=Verdict.SERVED,
    wrong_scope=Verdict.SERVED,
    wrong_role=Verdict.SERVED,
    wrong_region=Verdict.SERVED,
)
"""Public: nobody needs a token, and one that is no good is refused, so that its holder learns of it."""

UNCHECKED: Final = Permissions(
    no_token=Verdict.SERVED,
    other_resident=Verdict.SERVED,
    wrong_scope=Verdict.SERVED,
    wrong_role=Verdict.SERVED,
    wrong_region=Verdict.SERVED,
    revoked=Verdict.SERVED,
    expired=Verdict.SERVED,
)
"""For whoever keeps the gateway running: no token is looked at."""

EVERYBODY_AND_OWN: Final = Permissions(
    no_token=Verdict.OWN_ONLY,
    other_resident=Verdict.OWN_ONLY,
    wrong_scope=Verdict.SERVED,
    wrong_role=Verdict.OWN_ONLY,
    wrong_region=Verdict.OWN_ONLY,
)
"""Public; a resident's token adds their own things, as far as its scopes go. One that is no good is refused."""

OWN_LIST: Final = Permissions(other_resident=Verdict.OWN_ONLY, wrong_region=Verdict.REFUSED)
"""A resident's own things; whoever else asks gets theirs, and only residents may ask."""

OWN_LIST_STRONG: Final = Permissions(
    other_resident=Verdict.OWN_ONLY, wrong_region=Verdict.REFUSED, weak_sign_in=Verdict.CHALLENGED
)
"""The same, after a sign-in with a second factor."""

OWN_RECORD: Final = Permissions(other_resident=Verdict.HIDDEN, wrong_region=Verdict.REFUSED)
"""One thing of a resident, by its id; only residents may ask."""

OWN_ACCOUNT_LIST: Final = Permissions(
    other_resident=Verdict.OWN_ONLY, wrong_role=Verdict.OWN_ONLY, wrong_region=Verdict.OWN_ONLY
)
"""What belongs to an account, whoever holds it: everybody gets their own."""

OWN_ACCOUNT_ITEM: Final = Permissions(
    other_resident=Verdict.HIDDEN, wrong_role=Verdict.HIDDEN, wrong_region=Verdict.HIDDEN
)
"""One thing of an account."""

OWN_ACCOUNT_ITEM_GUARDED: Final = Permissions(
    other_resident=Verdict.HIDDEN,
    wrong_role=Verdict.HIDDEN,
    wrong_region=Verdict.HIDDEN,
    weak_sign_in=Verdict.CHALLENGED,
    old_sign_in=Verdict.CHALLENGED,
)
"""The same, after a recent sign-in with a second factor."""

OWN_OR_REGION_LIST: Final = Permissions(other_resident=Verdict.OWN_ONLY, wrong_region=Verdict.OWN_ONLY)
"""A resident's own things, or for an officer those of their kelurahan."""

OWN_OR_REGION_RECORD: Final = Permissions(other_resident=Verdict.HIDDEN, wrong_region=Verdict.HIDDEN)
"""One thing by its id: for its owner, and for an officer of its kelurahan."""

REGION_LIST: Final = Permissions(
    other_resident=Verdict.REFUSED, wrong_region=Verdict.OWN_ONLY, weak_sign_in=Verdict.CHALLENGED
)
"""For officers, about people of their own kelurahan. Staff without a second factor reach nothing."""

REGION_RECORD: Final = Permissions(
    other_resident=Verdict.REFUSED, wrong_region=Verdict.HIDDEN, weak_sign_in=Verdict.CHALLENGED
)
"""For officers, about one person of their own kelurahan."""

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
