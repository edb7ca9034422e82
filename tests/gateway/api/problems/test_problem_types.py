"""Problem types: each has a page in both languages, and is answered in the caller's language."""

import json
import re

import pytest

from gateway.api.problems.errors import ProblemError
from gateway.api.problems.fields import field_problems
from gateway.api.problems.problem_types import PROBLEMS
from schemas.envelope import Cause
from schemas.texts import Language
from tests.gateway.fakes import gateway_before

pytestmark = pytest.mark.anyio


async def test_every_type_has_a_page_in_both_languages(tmp_path):
    async with gateway_before(tmp_path) as gateway:
        index = await gateway.get("/problems")
        for slug, kind in PROBLEMS.items():
            page = await gateway.get(f"/problems/{slug}")
            assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert f'href="/problems/{slug}"' in index.text
            for text in (kind.title, kind.detail):
                assert text.id
                assert text.en
                assert text.id != text.en
            assert kind.detail.en.replace("'", "&#x27;") in page.text
            assert kind.detail.id in page.text
        missing = await gateway.get("/problems/unheard-of")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


def test_every_cause_is_a_type_and_every_slug_a_word():
    assert set(Cause) <= set(PROBLEMS)
    for slug, kind in PROBLEMS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", slug)
        assert slug == kind.slug
        assert 400 <= kind.status < 600


@pytest.fixture(scope="module")
async def failing(tmp_path_factory, anyio_backend):
    """Return a gateway with an operation that raises the problem in its path."""
    async with gateway_before(tmp_path_factory.mktemp("gateway")) as gateway:

        async def fail(slug: str):
            raise ProblemError(slug)

        gateway.app.add_api_route("/fail/{slug}", fail, response_model=None)
        yield gateway


@pytest.mark.parametrize("slug", PROBLEMS)
async def test_every_type_is_answered_in_the_readers_language(failing, slug):
    indonesian = await failing.get(f"/fail/{slug}")
    english = await failing.get(f"/fail/{slug}", accept_language="en-GB, id;q=0.5", x_request_id="mine")
    kind = PROBLEMS[slug]
    for answer, language in ((indonesian, Language.INDONESIAN), (english, Language.ENGLISH)):
        problem = answer.json()
        assert answer.status_code == problem["status"] == kind.status
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.headers["content-language"], answer.headers["cache-control"]) == (language, "no-store")
        assert problem["title"] == kind.title.in_language(language)
        assert problem["detail"] == kind.detail.in_language(language)
        assert problem["type"] == f"http://localhost:8000/problems/{slug}"
        assert problem["instance"].startswith("urn:uuid:")
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert ("retry-after" in answer.headers) is (kind.status == 503)
    assert english.json()["request_id"] == "mine"


def wrong(kind, loc=("query", "x"), **ctx):
    return {"type": kind, "loc": loc, "msg": "Value error, we say so", "ctx": ctx}


@pytest.mark.parametrize("language", Language)
def test_field_problems_are_translated_and_repeat_no_input(language):
    errors = [
        wrong("missing"),
        wrong("int_parsing"),
        wrong("less_than_equal", le=200),
        wrong("enum", expected="'a', 'b' or 'c'"),
        wrong("string_too_long", max_length=9),
        wrong("something_new"),
    ]
    said = [one.detail for one in field_problems(errors, language)]
    assert len(set(said)) == len(said)
    assert said[2].endswith("200")
    assert said[3].endswith("'a', 'b', 'c'")
    other = [
        one.detail for one in field_problems(errors, Language.ENGLISH if language == "id" else Language.INDONESIAN)
    ]
    assert not set(said) & set(other)


def test_field_problems_are_limited_and_odd_names_are_escaped():
    many = [wrong("extra_forbidden", ("body", "a/b~c", "\ud800" + "n" * 1000))] * 500
    told = field_problems(many, Language.ENGLISH)
    assert len(told) == 50
    assert told[0].pointer.startswith("/a~1b~0c/?nnn")
    assert len(told[0].pointer) < 300
    json.dumps(told[0].pointer).encode()
    assert field_problems([wrong("missing", ("body",))], Language.ENGLISH)[0].pointer == "/"
    assert field_problems([wrong("missing", ("path", "n"))], Language.ENGLISH)[0].pointer == "path:n"
