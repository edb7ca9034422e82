"""What people see: both languages, no script, no other host, and forms that can be read aloud."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.oidc.html.pages import NextLink, PageRenderer, form_target
from gateway.oidc.html.texts import TEXTS, choose_language

pytestmark = pytest.mark.anyio


async def pages_of(house, browser, **changes):
    application = house.mobile(scope="openid profile.read health.read")
    login = await browser.begin(application, **changes)
    wrong = await browser.submit(login, username="resident", password="wrong")
    consent = await browser.submit(wrong, username="resident", password=house.password("resident"))
    return login, wrong, consent


@pytest.mark.parametrize("language", ["id", "en"])
async def test_the_pages_in_both_languages(house, http, new_browser, language):
    browser = new_browser(http, **{"accept-language": f"{language}-XX,fr;q=0.5"})
    login, wrong, consent = await pages_of(house, browser)
    texts = TEXTS[language]
    assert [page.language for page in (login, wrong, consent)] == [language] * 3
    assert [page.heading for page in (login, wrong, consent)] == [texts["login_title"]] * 2 + [texts["consent_title"]]
    assert wrong.tree.css_first("[role=alert]").text() == texts["login_wrong"]
    assert consent.response.headers["content-language"] == language
    others = set(TEXTS["en" if language == "id" else "id"].values()) - set(texts.values()) - {texts["other_language"]}
    for page in (login, wrong, consent):
        visible = {node.text(strip=True) for node in page.tree.css("h1, p, label, button, li")}
        assert not visible & others


async def test_the_language_can_be_switched_and_stays(house, browser):
    login = await browser.begin(house.web(), ui_locales="id en")
    assert login.language == "id"
    login = await browser.open(login.tree.css_first("a.switch").attributes["href"])
    assert login.language == "en"
    wrong = await browser.submit(login, username="resident", password="wrong")
    consent = await browser.submit(wrong, username="resident", password=house.password("resident"))
    assert (wrong.language, consent.language) == ("en", "en")
    consent = await browser.open(consent.tree.css_first("a.switch").attributes["href"])
    assert consent.language == "id"
    assert "Galuh Kenanga Pelangi" in consent.response.text
    again = await browser.open(consent.tree.css_first("p.who a").attributes["href"])
    assert again.has_form("username", "password")


async def test_f48_no_script_no_frame_no_other_host(house, browser, http):
    pages = [*await pages_of(house, browser), await browser.open("/oauth2/authorize", {"client_id": "x"})]
    for page in pages:
        policy = page.response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.response.headers["cache-control"] == "no-store"
        assert page.response.headers["x-content-type-options"] == "nosniff"
        assert page.response.headers["referrer-policy"] == "same-origin"
        assert page.tree.css("iframe, img, object, [style], style") == []
        assert {node.attributes.get("src") for node in page.tree.css("script")} <= {"/oauth2/static/passkeys.js"}
        assert not [node for node in page.tree.css("script") if node.text().strip()]
        assert ("script-src 'self'" in policy) == bool(page.tree.css("script"))
        assert not [node for node in page.tree.css("*") for name in node.attributes if name.startswith("on")]
        for node in page.tree.css("[href], [src], [action]"):
            address = node.attributes.get("href") or node.attributes.get("src") or node.attributes.get("action")
            assert address.startswith(("/oauth2/", "/account/"))
    assert "http://127.0.0.1:49152" in pages[0].response.headers["content-security-policy"]
    sheet = await http.get(pages[0].tree.css_first("link[rel=stylesheet]").attributes["href"])
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "text/css; charset=utf-8")
    script = await http.get("/oauth2/static/passkeys.js")
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "fetch(" not in script.text, "its answers go with forms"
    assert "url(" not in sheet.text
    assert "@import" not in sheet.text


async def test_forms_have_labels_and_a_viewport(house, browser):
    for page in await pages_of(house, browser):
        assert "width=device-width" in page.tree.css_first("meta[name=viewport]").attributes["content"]
        labels = {node.attributes["for"] for node in page.tree.css("label")}
        fields = {node.attributes["id"] for node in page.tree.css("input:not([type=hidden])")}
        assert labels == fields
        assert len(page.tree.css("h1")) == 1


async def test_what_people_type_is_escaped(house, browser):
    login = await browser.begin(house.web())
    typed = '"><script>alert(1)</script>'
    page = await browser.submit(login, username=typed, password="x")
    assert "<script>" not in page.response.text
    assert page.tree.css_first("#username").attributes["value"] == typed


def test_every_text_stands_in_both_languages():
    assert set(TEXTS["id"]) == set(TEXTS["en"])
    assert all(text.strip() for texts in TEXTS.values() for text in texts.values())
    for reason in reasons():
        page = PageRenderer().error(reason, 400).body.decode()
        assert TEXTS["id"][f"error_{reason}"] in page
        assert TEXTS["en"][f"error_{reason}"] in page


def reasons():
    """Why anything can go wrong: every sentence that there is for it."""
    beside = {"title", "advice", "again", "to_account", "to_sign_ins"}
    return {key.removeprefix("error_") for key in TEXTS["en"] if key.startswith("error_")} - beside


def test_an_error_may_lead_on_and_goes_on_in_the_language_that_is_chosen():
    for address, joint in (("/account", "?"), ("/oauth2/broker?ticket=x", "&")):
        page = LexborHTMLParser(PageRenderer().error("ticket", link=NextLink(address)).body.decode())
        led = [(node.text(), node.attributes["href"]) for node in page.css("a.button")]
        assert led == [("Coba lagi", f"{address}{joint}lang=id"), ("Try again", f"{address}{joint}lang=en")]
    assert not LexborHTMLParser(PageRenderer().error("ticket").body.decode()).css("main a")


async def test_a_page_of_ours_that_was_open_for_too_long_leads_back_to_itself(http, browser):
    for path in ("/account", "/account/password", "/oauth2/device"):
        page = await browser.open(path, {"ticket": "too-old"})
        assert page.status == 400
        page = await browser.open(page.tree.css_first("a.button").attributes["href"])
        assert page.has_form("username", "password"), path


@pytest.mark.parametrize(
    ("asked", "ui_locales", "accept", "language"),
    [
        (None, "", "", "id"),
        (None, "", "fr, de;q=0.9", "id"),
        (None, "", "en-GB,id;q=0.8", "en"),
        (None, "", "en;q=0.2, id;q=0.9", "id"),
        (None, "", "en;q=0, fr", "id"),
        (None, "", "en;q=nonsense, id;q=;,,", "id"),
        (None, "fr en id", "id", "en"),
        ("id", "en", "en", "id"),
        ("xx", "", "en", "en"),
        (None, "", "\xff" * 10_000, "id"),
    ],
)
def test_choosing_a_language(asked, ui_locales, accept, language):
    assert choose_language(asked, ui_locales, accept) == language


@pytest.mark.parametrize(
    ("redirect_uri", "source"),
    [
        ("http://127.0.0.1:49152/callback", "http://127.0.0.1:49152"),
        ("https://app.example/cb?x=1", "https://app.example"),
        ("http://[::1]:5000/callback", "http:"),
        ("id.go.example.app:/callback", "id.go.example.app:"),
    ],
)
def test_where_forms_may_lead(redirect_uri, source):
    assert form_target(redirect_uri) == source
