"""The first page: what it says of the systems and the ways on, to people in two languages and to programs."""

from functools import partial

import pytest
from selectolax.lexbor import LexborHTMLParser

from adapters.errors import UpstreamUnavailableError
from gateway.demo.credentials import DemoAccess, shown_accounts, store_demo_access
from gateway.pages.landing import SystemCondition, condition_of
from gateway.registry.registry import FailedSystem
from gateway.settings import Mode
from schemas.envelope import Cause, SourceState
from schemas.system import CircuitState, OfficeStatus, SnapshotStatus
from schemas.texts import Text
from tests.gateway.fakes import Fake, Wire, facility, gateway_before, service
from tests.gateway.oidc.answering import answering
from tests.gateway.oidc.looking import DESKTOP, NARROW, listening, look

pytestmark = pytest.mark.anyio

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


async def unreachable(_name, _call):
    raise UpstreamUnavailableError("it cannot be reached")


def city():
    """A register that answers, health centres of which one does not, complaints that do not, and one never asked."""
    register = Fake("e-kelurahan", feeds=("service",), needs=())
    register.records = {"service": [Wire("1", service("lampu"))]}
    health = Fake("e-puskesmas", feeds=("facility",), needs=(), offices=("pekauman", "cempaka"))
    health.records = {"facility": [Wire("1", facility("Puskesmas Pekauman"))]}

    async def one_is_gone(_name, call):
        if call.office == "cempaka":
            await unreachable(_name, call)

    health.before = one_is_gone
    complaints = Fake("lapor", feeds=("complaint",), needs=())
    complaints.before = unreachable
    bills = Fake("pbb", asks=("application",))
    return register, health, complaints, bills


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    async with gateway_before(tmp_path, *city()) as opened:
        reason = Text(id="Adaptornya tidak dapat dimuat.", en="Its adapter could not be loaded.")
        opened.deps.registry.failed["sipd"] = FailedSystem("sipd", reason)
        store_demo_access(opened.settings, DemoAccess({"resident": "kuda-laut", "operator": "padi-hijau"}, {}))
        opened.app.state.demo_accounts = partial(shown_accounts, opened.settings)
        yield opened


def read(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return LexborHTMLParser(answer.text)


def states(page):
    return {row.css_first("strong").text(): row.css_first(".state").text() for row in page.css("ul.systems > li")}


async def test_it_says_how_each_system_is_doing_as_the_api_does(gateway):
    page = read(await gateway.get("/", accept=BROWSER, accept_language="en"))
    assert states(page) == {
        "E-Kelurahan": "Answering",
        "E-Puskesmas": "Partly disturbed",
        "Lapor": "Disturbed",
        "Pbb": "Not asked yet",
        "sipd": "Not served",
    }
    assert "Answering: 1 of 5 systems, as of 23-11-2026 09.00 WITA." in page.text()
    told = [node.text() for node in page.css("ul.systems .note")]
    assert "cempaka: System unavailable" in told
    assert "Its adapter could not be loaded." in told
    listed = (await gateway.get("/v1/systems", accept_language="en")).json()["items"]
    assert set(states(page)) == {one["name"] for one in listed}


async def test_what_has_recovered_and_what_has_failed_since_is_seen_at_once(gateway):
    gateway.clock.forward(hours=2)  # the snapshots are older than their systems' feeds may be
    page = read(await gateway.get("/", accept_language="en"))
    assert states(page)["E-Kelurahan"] == "Disturbed"
    told = page.css_first("ul.systems > li").text()
    assert "System unavailable · last data 23-11-2026 09.00 WITA" in " ".join(told.split())


@pytest.mark.parametrize(
    ("asked", "header", "language"),
    [
        ("", None, "id"),
        ("", "fr, en;q=0.5", "en"),
        ("?lang=en", "id", "en"),
        ("?lang=id", "en", "id"),
        ("?lang=x", "en", "en"),
    ],
)
async def test_it_speaks_both_languages(gateway, asked, header, language):
    answer = await gateway.get(f"/{asked}", **({"accept_language": header} if header else {}))
    page = read(answer)
    assert page.css_first("html").attributes["lang"] == answer.headers["content-language"] == language
    assert (
        page.css_first("h1").text()
        == {
            "id": "Satu pintu ke semua layanan kota",
            "en": "One front door to every service of the city",
        }[language]
    )
    other = "en" if language == "id" else "id"
    assert page.css_first("a.switch").attributes["href"] == f"/?lang={other}"


async def test_every_way_leads_to_a_page(gateway):
    page = read(await gateway.get("/", accept_language="en"))
    ways = [node.attributes["href"] for node in page.css("main a")]
    assert ways == ["/account", "/docs", "/openapi.json", "/problems", "/v1/systems"]
    for way in ways:
        assert (await gateway.http.get(way, follow_redirects=True)).status_code == 200, way


async def test_programs_get_links_where_they_want_json(gateway):
    for accept in ("application/json", "application/json, text/html;q=0.9"):
        answer = await gateway.get("/", accept=accept, accept_language="en")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["vary"] == "Accept, Accept-Language"
        links = answer.json()["links"]
        assert links["openapi"] == "http://localhost:8000/openapi.json"
        assert links["systems"] == "http://localhost:8000/v1/systems"
    for name, link in links.items():
        if name != "api":
            assert (await gateway.http.get(link, follow_redirects=True)).status_code == 200, name
    for accept in (BROWSER, "*/*", "text/html, application/json", "image/png"):
        read(await gateway.get("/", accept=accept))


async def test_the_page_needs_no_script_and_nobody_else(gateway):
    answer = await gateway.get("/", accept=BROWSER)
    page = read(answer)
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer.headers["vary"] == "Accept, Accept-Language"
    assert page.css("script, img, iframe, form, [style], style") == []
    sheet = page.css_first("link[rel=stylesheet]").attributes["href"]
    assert (await gateway.get(sheet)).status_code == 200


async def test_the_demonstrations_accounts_are_shown_in_the_demonstration_alone(gateway):
    page = read(await gateway.get("/", accept_language="en"))
    shown = {row.css_first("strong").text(): row.css_first("code").text() for row in page.css("ul.accounts > li")}
    assert shown == {"resident": "kuda-laut", "operator": "padi-hijau"}
    assert "A resident known to every system" in page.css_first("ul.accounts").text()
    production = gateway.settings.model_copy(update={"mode": Mode.PRODUCTION})
    object.__setattr__(gateway.deps, "settings", production)
    page = read(await gateway.get("/", accept_language="en"))
    assert page.css("ul.accounts, .aloud") == []


async def test_before_there_are_accounts_and_systems_the_page_says_so(tmp_path):
    async with gateway_before(tmp_path) as empty:
        page = read(await empty.get("/", accept_language="en"))
    assert page.css("ul.accounts, ul.systems") == []
    assert "No system is installed yet." in page.text()


def office(*snapshots, circuit=CircuitState.CLOSED, cause=None, succeeded=None):
    held = tuple(SnapshotStatus(resource="service", state=state) for state in snapshots)
    return OfficeStatus(circuit=circuit, last_cause=cause, last_success_at=succeeded, snapshots=held)


@pytest.mark.parametrize(
    ("given", "condition"),
    [
        (office(), SystemCondition.UNKNOWN),
        (office(SourceState.HELD), SystemCondition.ANSWERING),
        (office(SourceState.HELD, SourceState.STALE), SystemCondition.PARTLY),
        (office(SourceState.STALE), SystemCondition.SILENT),
        (office(SourceState.FAILED), SystemCondition.SILENT),
        (office(cause=Cause.TIMEOUT), SystemCondition.SILENT),
        (office(circuit=CircuitState.OPEN), SystemCondition.SILENT),
        (office(circuit=CircuitState.HALF_OPEN), SystemCondition.SILENT),
        (office(SourceState.HELD, cause=Cause.TIMEOUT), SystemCondition.PARTLY),
    ],
)
def test_how_an_office_is_doing(given, condition):
    assert condition_of(given) is condition


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
@pytest.mark.parametrize(
    ("size", "kind", "language"),
    [
        (NARROW, "narrow", "id"),
        (DESKTOP, "desktop", "en"),
        pytest.param(NARROW, "narrow", "en", marks=pytest.mark.long),
        pytest.param(DESKTOP, "desktop", "id", marks=pytest.mark.long),
    ],
)
async def test_it_can_be_read_in_a_narrow_and_a_wide_window(gateway, windows, size, kind, language):
    for dark in (False, True):
        window = await windows(size, script=False, dark=dark)
        with listening() as (listener, port):
            async with answering(gateway.app, listener):
                await window.go(f"http://localhost:{port}/?lang={language}")
                await look(window, f"landing-{kind}-{language}{'-dark' if dark else ''}")
