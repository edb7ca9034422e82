"""The page of officers at a counter: who sees it, what it judges, what it never shows, and what stands on record."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select, update

from gateway.demo.seed import seed_demo
from gateway.storage.tables.access_log import AccessEntryRow
from gateway.storage.tables.accounts import AccountRow
from tests.gateway.counters import account_of, code_of, opens_an_account, register, somebody_elses_code, without_the_log
from tests.gateway.fakes import NIK, OTHER_NIK, gateway_before
from tests.gateway.oidc.conftest import Browser, House
from tests.gateway.oidc.test_any_bytes import MARK, encoded, pairs
from tests.loops import examples

pytestmark = pytest.mark.anyio

PAGE = "/account/verification"
OFFICER = "officer-mantuil"


class Counter:
    """The whole gateway, an officer of Mantuil who has signed in, and a resident with a code."""

    def __init__(self, gateway, house, browser):
        self.gateway, self.house, self.browser = gateway, house, browser

    async def types(self, page=None, **changes):
        page = page or await self.browser.open(PAGE)
        filled = {
            "document": "ktp-el",
            "nik": NIK,
            "code": changes.pop("code", None) or await code_of(self.gateway),
            "purpose": "identity-verification",
            **changes,
        }
        return await self.browser.submit(page, **filled)

    async def account(self):
        return await account_of(self.gateway)

    async def entries(self):
        async with self.house.database.session() as session:
            return (await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))).all()


async def signed_in(house, browser, username=OFFICER):
    page = await browser.open("/account")
    page = await browser.submit(page, username=username, password=house.password(username))
    return await browser.submit(page, code=house.code_of_app(username)) if page.has_form("code") else page


@pytest.fixture
async def opened(tmp_path, anyio_backend):
    async with gateway_before(tmp_path, register()) as gateway:
        deps = gateway.deps
        access = await seed_demo(deps.database, deps.sealer, gateway.settings, {})
        house = House(
            gateway.settings, gateway.clock, deps.database, deps.sealer, None, gateway.app, access, passwords=None
        )
        await opens_an_account(gateway)
        yield gateway, house


@pytest.fixture
async def counter(opened):
    gateway, house = opened
    async with house.http() as http:
        browser = Browser(http)
        await signed_in(house, browser)
        yield Counter(gateway, house, browser)


async def test_an_officer_verifies_by_the_page_and_it_is_on_record(counter):
    page = await counter.browser.open("/account")
    page = await counter.browser.open(page.tree.css_first(f"a[href^='{PAGE}?']").attributes["href"])
    page = await counter.types(page, nik="6371 9945 0290 0011")
    assert (page.status, page.heading) == (200, "The NIK is verified")
    row = await counter.account()
    officer = (await counter.entries())[-1].principal
    assert row.nik_verified_by == f"counter:{officer}:ktp-el"
    [entry] = await counter.entries()
    assert (entry.operation, entry.purpose, entry.role, entry.acr) == (
        "verifyResident",
        "identity-verification",
        "officer",
        "2",
    )
    assert entry.client == "gerbang-pages"
    assert entry.subject_fingerprint == counter.gateway.deps.gate.person_fingerprint(NIK)
    assert page.response.headers["cache-control"] == "no-store"
    # The officer is told nothing of the person.
    assert "Aluh" not in page.response.text
    assert not re.search(r"[0-9]{4,}", re.sub(r"<[^>]*>", "", page.response.text))


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"nik": OTHER_NIK}, 404, "not on record as a resident of your kelurahan"),
        ({"nik": "6371990101010001"}, 404, "not on record as a resident of your kelurahan"),
        ({"code": "0000 0000"}, 409, "counter code is not right"),
        ({"nik": "637199"}, 400, "Fill in everything"),
        ({"nik": "٦371994502900011"}, 400, "Fill in everything"),
        ({"code": "12"}, 400, "Fill in everything"),
        ({"document": ""}, 400, "Fill in everything"),
        ({"document": "library-card"}, 400, "Fill in everything"),
        ({"purpose": ""}, 400, "Fill in everything"),
        ({"purpose": "own-access"}, 400, "Fill in everything"),
    ],
)
async def test_what_is_wrong_is_said_without_the_nik_and_changes_nothing(counter, changes, status, said):
    page = await counter.types(**changes)
    assert page.status == status
    assert said in page.tree.css_first("[role=alert]").text()
    for number in (NIK, OTHER_NIK, changes.get("nik", NIK)):
        assert number not in page.response.text
    assert page.tree.css_first("#nik").attributes.get("value") is None
    assert (await counter.account()).nik_fingerprint is None


async def test_every_try_that_asked_the_register_is_on_record(counter):
    await counter.types(nik=OTHER_NIK)
    await counter.types(code="0000 0000")
    assert [(entry.result, entry.records) for entry in await counter.entries()] == [("nothing-found", 0), ("shown", 1)]
    assert not any(NIK in str(vars(entry)) or OTHER_NIK in str(vars(entry)) for entry in await counter.entries())


async def test_a_nik_never_stands_in_an_address(counter):
    page = await counter.browser.http.get(f"{PAGE}?nik={NIK}", headers={"accept-language": "en"})
    assert NIK not in page.text, "what comes by an address is not taken"
    form = (await counter.browser.open(PAGE)).tree.css_first("form")
    assert form.attributes["method"] == "post"


async def test_nobody_else_has_the_page(opened):
    _, house = opened
    async with house.http() as http:
        page = await Browser(http).open(PAGE)
        assert page.has_form("username", "password")
    for username in ("resident", "operator"):
        async with house.http() as http:
            browser = Browser(http)
            page = await signed_in(house, browser, username)
            assert not page.tree.css(f"a[href^='{PAGE}?']")
            page = await browser.open(PAGE)
            assert (page.status, "for officers of a kelurahan only" in page.response.text) == (403, True)


async def test_an_officer_of_no_kelurahan_verifies_nobody(counter):
    async with counter.house.database.session() as session:
        await session.execute(update(AccountRow).where(AccountRow.username == OFFICER).values(region=None))
    page = await counter.types()
    assert page.status == 404
    assert (await counter.account()).nik_fingerprint is None
    page = await counter.browser.open("/account")
    assert not page.tree.css(f"a[href^='{PAGE}?']")


async def test_an_officer_without_the_second_factor_is_asked_for_it_first(opened):
    _, house = opened
    async with house.http() as http:
        browser = Browser(http)
        page = await browser.open(PAGE)
        page = await browser.submit(page, username=OFFICER, password=house.password(OFFICER))
        assert page.has_form("code")
        assert not page.has_form("nik")
        assert (await browser.open(PAGE)).has_form("code")


async def test_a_form_that_is_not_ours_is_refused(counter):
    page = await counter.browser.open(PAGE)
    form = {
        "document": "ktp-el",
        "nik": NIK,
        "code": await code_of(counter.gateway),
        "purpose": "identity-verification",
    }
    action, ours = page.form(**form)
    http = counter.browser.http
    for sent, origin in (({**ours, "form_token": "x"}, "http://localhost:8000"), (ours, "https://evil.example")):
        answer = await http.post(action, data=sent, headers={"origin": origin})
        assert answer.status_code == 403
    assert (await counter.account()).nik_fingerprint is None


@settings(max_examples=examples(80), deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=pairs(("nik", "code", "purpose", "document", "lang", "ticket", "form_token", "other")))
async def test_a08_any_bytes_that_an_officer_may_send(counter, changes):
    action, form = (await counter.browser.open(PAGE)).form(document="ktp-el", nik=NIK, code="0", purpose="")
    changed = {name for name, _ in changes}
    kept = [(name.encode(), value.encode()) for name, value in form.items() if name.encode() not in changed]
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "http://localhost:8000"}
    sent = encoded([*kept, *changes])
    for answer in (
        await counter.browser.http.post(action, content=sent, headers=headers),
        await counter.browser.http.get(f"{PAGE}?{sent}"),
    ):
        assert answer.status_code < 500
        assert MARK not in answer.content
        assert NIK not in answer.text
        assert answer.headers.get("location", "/oauth2/login").startswith("/oauth2/login")
    assert (await counter.account()).nik_fingerprint is None


async def test_without_the_access_log_nothing_is_verified(counter, monkeypatch):
    without_the_log(counter.gateway, monkeypatch)
    page = await counter.types()
    assert (page.status, "Nothing was changed" in page.response.text) == (503, True)
    assert (await counter.account()).nik_fingerprint is None


async def test_codes_cannot_be_guessed_by_page_and_api_together(counter):
    page = await counter.browser.open(PAGE)
    statuses = [(await counter.types(page, code="0000 0000")).status for _ in range(21)]
    assert statuses == [409] * 20 + [429]
    assert (await counter.types()).status == 429


async def test_a_nik_belongs_to_one_account(counter):
    code = await somebody_elses_code(counter.gateway)
    assert (await counter.types()).status == 200
    page = await counter.types(code=code)
    assert (page.status, "another account" in page.response.text) == (409, True)
