"""Every operation of the document, called over a socket as everybody whom it is not for, answers as it declares.

The operations and what they declare (`x-reach`) come from the OpenAPI document, so that a new operation is tried as
soon as it is there; one that takes somebody's object must say below where such an object is found.
"""

import asyncio
import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from gateway.demo.seed import issue_demo_token
from gateway.ground.clock import now
from gateway.policy.permissions import EVERYBODY, UNCHECKED, Permissions, Verdict
from gateway.policy.principal import Role
from gateway.policy.scopes import SCOPES
from gateway.storage.engine import Database
from gateway.storage.tables.grants import GrantRow
from simulators.people import DEMONSTRATION
from tests.e2e.conftest import ROOT, Demo

OWNER, OTHER = (
    "resident-damaged",
    "resident",
)  # neither lives in the officer's kelurahan, or else nothing would be hidden
RIGHT = {Role.RESIDENT: OWNER, Role.OFFICER: "officer-mantuil", Role.OPERATOR: "operator"}
PURPOSE = {"Gerbang-Purpose": "application-handling"}
METHODS = {"get", "put", "post", "patch", "delete"}
STATUS = {Verdict.HIDDEN: {404}, Verdict.REFUSED: {403}, Verdict.CHALLENGED: {401}}
PERSON = DEMONSTRATION[OWNER]

DOCUMENT = json.loads((ROOT / "openapi" / "gerbang.json").read_text("utf-8"))
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method in METHODS
}
SIGNED_IN = [name for name, (_, _, operation) in OPERATIONS.items() if operation["security"]]
OLD = [name for name in SIGNED_IN if OPERATIONS[name][2]["x-reach"]["old-sign-in"] != Verdict.SERVED]
WEAK = [name for name in SIGNED_IN if OPERATIONS[name][2]["x-reach"]["weak-sign-in"] != Verdict.SERVED]


class Callers:
    """Makes the tokens that the callers hold, each once."""

    def __init__(self, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
        self._demo = demo
        self._monkeypatch = monkeypatch
        self._made: dict[tuple[object, ...], str] = {}

    def token(self, account: str, scopes: frozenset[str] | None = None, acr: int = 2, state: str = "") -> str:
        """A token of the account, with all of its scopes when none are named.

        `state` is `expired`, `revoked`, or `old`: a token of now that came of a sign-in of eleven minutes ago.
        """
        named = tuple(sorted(scopes or ()))
        known = (account, named, acr, state)
        if known not in self._made:
            self._made[known] = asyncio.run(self._make(account, named, acr, state))
        return self._made[known]

    async def _make(self, account: str, scopes: tuple[str, ...], acr: int, state: str) -> str:
        database = Database(self._demo.settings.database)
        with self._monkeypatch.context() as patched:
            if state == "expired":
                patched.setattr("gateway.demo.seed.now", lambda: now() - timedelta(hours=1))
            try:
                signed_in_at = now() - timedelta(minutes=11) if state == "old" else None
                token = await issue_demo_token(
                    database, self._demo.sealer, self._demo.settings, account, scopes, acr, signed_in_at
                )
                if state == "revoked":
                    grant = _claims(token)["grant"]
                    async with database.session() as session:
                        await session.execute(update(GrantRow).where(GrantRow.id == grant).values(revoked_at=now()))
                return token
            finally:
                await database.aclose()


def _claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


@pytest.fixture(scope="module")
def callers(demo: Demo) -> Iterator[Callers]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Callers(demo, monkeypatch)


@pytest.fixture(scope="module")
def objects(demo: Demo, callers: Callers) -> Callable[[str], str]:
    """The owner's object that a path names."""
    headers = bearer(callers.token(OWNER))
    listed = demo.client.get("/v1/me/applications", headers=headers).json()["items"]
    applications = (
        demo.client.get(f"/v1/me/applications/{one['id']}", headers=headers).json()["item"] for one in listed
    )
    application = next(one for one in applications if one["documents"])
    services = demo.client.get("/v1/services", params={"text": "domisili"}).json()["items"]
    programmes = demo.client.get("/v1/programmes").json()["items"]
    found = {"application_id": application["id"], "document_id": application["documents"][0]["id"]}
    overview = demo.client.get("/v1/me/overview", headers=headers).json()["items"]
    found |= {f"{item['resource']}_id": item["id"] for item in overview if item["resource"] != "application"}
    visits = demo.client.get("/v1/me/visits", headers=headers).json()["items"]
    found["visit_id"] = visits[0]["id"]
    found |= {"service_id": services[0]["id"], "programme_id": programmes[0]["id"]}
    # This owner is enrolled in nothing; tests/gateway/api/test_detail.py opens somebody's enrolment.
    found["enrolment_id"] = "enr_none"
    # No system of the demo has these; tests/gateway/api/test_generic_lists.py opens records of each kind.
    found |= {"case_id": "cas_none", "entitlement_id": "etl_none", "booking_id": "bkg_none"}
    # What the owner does not have either: to end what they have would end the tokens that are tried here.
    found |= {"session_id": "ses_none", "client_id": "none"}
    return lambda name: found[name]


QUERIES = {"searchEverything": {"q": "melamar pekerjaan"}}
"""What operations are asked that want a question; this one is met by something of the owner's and nothing public."""
BODIES: dict[str, dict[str, Any]] = {
    "lookUpResident": {"nik": PERSON.nik, "purpose": "identity-verification"},
    "verifyResident": {"nik": PERSON.nik, "purpose": "identity-verification", "code": "0000 0000"},
}
"""Bodies that ask for the owner; another operation is sent an empty one, which proves refusals and changes nothing."""


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def right_account(operation: dict[str, Any]) -> str:
    """Whom an operation is for: the first role that may hold all of its scopes, and is not refused as such."""
    scopes = scopes_of(operation)
    roles = [role for role in RIGHT if operation["x-reach"]["other-resident"] != "refused" or role != Role.RESIDENT]
    return next(RIGHT[role] for role in roles if all(role in SCOPES[name].roles for name in scopes))


def scopes_of(operation: dict[str, Any]) -> frozenset[str]:
    return frozenset(operation["security"][0]["signIn"]) if operation["security"] else frozenset()


def call(demo: Demo, name: str, objects: Callable[[str], str], token: str | None, **headers: str) -> httpx.Response:
    method, path, operation = OPERATIONS[name]
    signed_in = bool(operation["security"])
    path = re.sub(r"\{(\w+)\}", lambda match: objects(match[1]) if signed_in else "none-of-ours", path)
    sent: dict[str, Any] = {"json": BODIES.get(name, {})} if "requestBody" in operation else {}
    if name in QUERIES:
        sent["params"] = QUERIES[name]
    return demo.client.request(method, path, headers=bearer(token) | headers, **sent)


def judge(answer: httpx.Response, verdict: Verdict, usual: int, about_owner: set[str]) -> None:
    if verdict in STATUS:
        assert answer.status_code in STATUS[verdict], answer.text[:300]
        assert answer.headers["content-type"] == "application/problem+json"
        assert ("www-authenticate" in answer.headers) == (answer.status_code == 401 or "scope" in answer.text)
    else:
        assert answer.status_code not in {401, 403}, answer.text[:300]
        assert answer.status_code == usual, answer.text[:300]
    if verdict is not Verdict.SERVED:
        assert {told for told in about_owner if told in answer.text} == set()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_declares_who_reaches_it(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    declared = operation.get("x-reach")
    assert declared, f"{method} {path} does not say who reaches it: see gateway/policy/permissions.py"
    assert set(declared) == set(EVERYBODY.document())
    assert set(declared.values()) <= set(Verdict)
    public = declared in (EVERYBODY.document(), UNCHECKED.document())
    assert (declared == UNCHECKED.document()) == (not path.startswith("/v1/")), "the API checks every token"
    assert public == (operation["security"] == []), "public is what demands no sign-in, and nothing else"


@pytest.mark.parametrize("name", OPERATIONS)
def test_d33_d34_everybody_else_is_answered_as_declared(
    demo: Demo, callers: Callers, objects: Callable[[str], str], name: str
) -> None:
    operation = OPERATIONS[name][2]
    reach = Permissions(**{key.replace("-", "_"): Verdict(value) for key, value in operation["x-reach"].items()})
    scopes, right, personal = scopes_of(operation), right_account(operation), bool(operation["security"])
    owner = callers.token(right) if personal else None
    usual = call(demo, name, objects, owner, **(PURPOSE if right == RIGHT[Role.OFFICER] else {}))
    assert usual.status_code not in {401, 403}, "the one whom it is for is served, or else the rest proves nothing"
    about_owner = set(re.findall(r'"id":"([a-z]+_[^"]+)"', usual.text)) if personal and right == OWNER else set()
    # References to public records, such as a health centre, are in the answers of many people.
    about_owner -= set(re.findall(r'\{"id":"([a-z]+_[^"]+)","name":', usual.text))
    about_owner |= {PERSON.nik, PERSON.nik[-8:]} if personal else set()
    all_others = frozenset(
        scope
        for scope, one in SCOPES.items()
        if scope not in scopes and any(right_role in one.roles for right_role in roles(right))
    )
    stranger = RIGHT[Role.OFFICER] if right == RIGHT[Role.OPERATOR] else RIGHT[Role.OPERATOR]
    officer = RIGHT[Role.OFFICER]
    asked: list[tuple[str, Verdict, str | None, dict[str, str]]] = [
        ("no token", reach.no_token, None, {}),
        ("other resident", reach.other_resident, callers.token(OTHER), {}),
        ("wrong scope", reach.wrong_scope, callers.token(right, all_others), PURPOSE),
        ("wrong role", reach.wrong_role, callers.token(stranger), {}),
        ("wrong region", reach.wrong_region, callers.token(officer), PURPOSE),
        ("revoked", reach.revoked, callers.token(right, state="revoked"), {}),
        ("expired", reach.expired, callers.token(right, state="expired"), {}),
        ("old sign-in", reach.old_sign_in, callers.token(right, state="old"), PURPOSE),
    ]
    for who, verdict, token, headers in asked:
        try:
            judge(call(demo, name, objects, token, **headers), verdict, usual.status_code, about_owner)
        except AssertionError as failure:
            raise AssertionError(f"{who}, who should be {verdict}: {failure}") from failure


def roles(account: str) -> list[Role]:
    return [role for role, name in RIGHT.items() if name == account]


@pytest.mark.parametrize("name", WEAK)
def test_d30_a_weak_sign_in_is_asked_for_more(
    demo: Demo, callers: Callers, objects: Callable[[str], str], name: str
) -> None:
    right = right_account(OPERATIONS[name][2])
    answer = call(demo, name, objects, callers.token(right, acr=1))
    assert answer.status_code == 401
    assert 'error="insufficient_user_authentication"' in answer.headers["www-authenticate"]
    assert 'acr_values="2"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("name", OLD)
def test_d30_an_old_sign_in_is_asked_for_anew(
    demo: Demo, callers: Callers, objects: Callable[[str], str], name: str
) -> None:
    """The challenge names all that the new sign-in must be (RFC 9470), also when it is too weak as well."""
    right = right_account(OPERATIONS[name][2])
    for acr, problem in ((2, "recent-sign-in-needed"), (1, "stronger-sign-in-needed")):
        answer = call(demo, name, objects, callers.token(right, acr=acr, state="old"))
        assert answer.status_code == 401
        told = answer.headers["www-authenticate"]
        assert 'error="insufficient_user_authentication"' in told
        if right == OWNER or acr == 2:  # staff without a second factor are nobody, whatever they ask
            assert 'acr_values="2", max_age="600"' in told
        assert answer.json()["type"].endswith(f"/problems/{problem}")
    assert call(demo, name, objects, callers.token(right)).status_code not in {401, 403}


def test_d30_changes_to_what_an_account_or_a_client_rests_on_want_a_recent_sign_in() -> None:
    """And ending, which only takes away, does not: somebody who has lost a telephone is not held up."""
    assert set(OLD) == {
        "linkMyAccount",
        "unlinkMyAccount",
        "registerClient",
        "replaceClientCredentials",
        "setClientExpiry",
        "withdrawClient",
    }


def test_the_matrix_is_about_somebody(demo: Demo, callers: Callers, objects: Callable[[str], str]) -> None:
    """Or else it would prove nothing: there are operations with people's data, and the owner sees their own."""
    found = call(demo, "searchEverything", objects, callers.token(OWNER)).json()
    assert {item["resource"] for item in found["items"]} == {"application"}
    assert len(SIGNED_IN) >= 10
    assert WEAK
    mine = call(demo, "getMyApplication", objects, callers.token(OWNER))
    assert mine.status_code == 200
    assert objects("application_id") in mine.text
