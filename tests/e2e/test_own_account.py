"""A resident signs in at a web page with a cookie, sees everything, sees where they are signed in, and ends it."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Demo
from tests.e2e.signing_in import Visitor


@pytest.fixture
def visitor(demo: Demo) -> Iterator[Visitor]:
    """Somebody signed in at a page of the gateway's own origin."""
    one = Visitor(demo)
    answer = one.sign_in(f"{demo.settings.issuer_url}/auth/login?return_to=/auth/session", "resident-renamed")
    assert answer.json()["signed_in"] is True, answer.text
    yield one
    one.http.close()


def of(visitor: Visitor, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, object]]:
    """What the API answers this browser; `mark` stands for the header of our own pages."""
    issuer = visitor.demo.settings.issuer_url
    sent = {"gerbang-request": "1", "origin": issuer} if "mark" in headers else {}
    answer = visitor.http.request(method, issuer + path, headers=sent)
    return answer.status_code, answer.json() if answer.content else {}


def test_a_cookie_shows_the_overview_and_no_token_is_anywhere(visitor: Visitor) -> None:
    status, answer = of(visitor, "/v1/me/overview")
    assert status == 200
    assert answer["items"]
    assert not any("eyJ" in str(cookie.value) for cookie in visitor.http.cookies.jar)


def test_f44_a_cookie_alone_changes_nothing(visitor: Visitor) -> None:
    status, problem = of(visitor, "/v1/me/consents/gerbang-pages", "DELETE")
    assert status == 403
    assert str(problem["type"]).endswith("/problems/cross-site")
    assert of(visitor, "/v1/me/overview")[0] == 200


def test_g50_sessions_are_listed_and_ended_by_the_api(visitor: Visitor) -> None:
    status, answer = of(visitor, "/v1/me/sessions")
    assert status == 200
    listed = answer["items"]
    assert isinstance(listed, list)
    assert {one["kind"] for one in listed} >= {"browser", "web"}
    [current] = [one for one in listed if one["current"]]
    assert current["kind"] == "web"
    assert of(visitor, f"/v1/me/sessions/{current['id']}", "DELETE", mark="1")[0] == 204
    assert of(visitor, "/v1/me/sessions")[0] == 401
    assert of(visitor, "/auth/session")[1] == {"signed_in": False}


def test_j64_a_consent_that_is_withdrawn_by_the_api_ends_what_came_of_it(visitor: Visitor) -> None:
    _, answer = of(visitor, "/v1/me/consents")
    listed = answer["items"]
    assert isinstance(listed, list)
    assert "gerbang-pages" in {one["client"] for one in listed}
    assert of(visitor, "/v1/me/consents/gerbang-pages", "DELETE", mark="1")[0] == 204
    assert of(visitor, "/v1/me/overview")[0] == 401


def test_g50_nobody_ends_the_sessions_of_others(demo: Demo, visitor: Visitor) -> None:
    _, answer = of(visitor, "/v1/me/sessions")
    listed = answer["items"]
    assert isinstance(listed, list)
    other = demo.client.delete(
        f"/v1/me/sessions/{listed[0]['id']}", headers={"Authorization": f"Bearer {demo.token('resident')}"}
    )
    assert other.status_code == 404
    assert of(visitor, "/v1/me/overview")[0] == 200


def test_looking_at_ones_account_stands_in_ones_access_log(visitor: Visitor) -> None:
    of(visitor, "/v1/me/sessions")
    _, answer = of(visitor, "/v1/me/access-log?limit=5")
    listed = answer["items"]
    assert isinstance(listed, list)
    assert "session" in {one["resource"] for one in listed}


def test_links_are_changed_with_a_second_factor_only(visitor: Visitor) -> None:
    status, problem = of(visitor, "/v1/me/links/none", "PUT", mark="1")
    assert status == 401
    assert str(problem["type"]).endswith("/problems/stronger-sign-in-needed")
    assert of(visitor, "/v1/me/links")[1]["items"] == []
