"""Search: matches, their order, access by caller, and the states of systems that could not be searched."""

import pytest

from gateway.storage.tables.access_log import AccessEntryRow
from schemas.complaint import COMPLAINT
from schemas.programme import ParticipantEnterprise
from tests.gateway.fakes import (
    NIK,
    OTHER_NIK,
    Fake,
    Wire,
    application,
    complaint,
    consultation,
    enrolment,
    gateway_before,
    programme,
    resident,
    service,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    register = Fake("register", asks=("application", "resident"), feeds=("service", "programme", "consultation"))
    register.records = {
        "application": [Wire("1", application(text="Pemasangan lampu")), Wire("2", application(OTHER_NIK))],
        "resident": [Wire("1", resident())],
        "service": [Wire("1", service("lampu"))],
        "programme": [Wire("1", programme("Lampu hias")), Wire("2", programme("Anyaman"))],
        "consultation": [Wire("1", consultation("Forum", description="Tentang lampunya"))],
    }
    public = Fake("public", feeds=("complaint", "enrolment"), needs=())
    public.records = {
        "complaint": [
            Wire("1", complaint("Gelap sekali", title="Lampu jalan padam di Jl. Contoh")),
            Wire("2", complaint("Lampu rahasia", confidential=True)),
        ],
        "enrolment": [Wire("1", enrolment(enterprise=ParticipantEnterprise(name="Toko lampu")))],
    }
    async with gateway_before(tmp_path, register, public) as opened:
        opened.register, opened.public = register, public
        yield opened


def kinds(answer):
    assert answer.status_code == 200, answer.text
    return [item["resource"] for item in answer.json()["items"]]


def sources(answer):
    return {(one["system"], one["resource"]): one for one in answer.json()["sources"]}


async def entries(gateway):
    async with gateway.deps.database.session() as session:
        return list(await session.scalars(AccessEntryRow.__table__.select().with_only_columns(AccessEntryRow.resource)))


async def test_anonymous_search_covers_public_snapshots_best_match_first(gateway):
    answer = await gateway.get("/v1/search?q=lampu")
    assert kinds(answer) == ["service", "programme", "complaint", "consultation"]
    assert answer.json()["found"] == 4
    assert answer.json()["complete"] is True
    assert {item["items"] for item in answer.json()["sources"]} == {1}
    assert "application" not in {resource for _, resource in sources(answer)}
    again = await gateway.get("/v1/search?q=LAMPU")
    assert again.json()["items"] == answer.json()["items"]
    assert answer.headers["cache-control"].startswith("public")
    assert answer.headers["vary"] == "Authorization, Cookie, Accept-Language, Accept-Encoding, Origin"
    assert gateway.register.asked["application"] == 0


async def test_every_word_must_match_and_abbreviations_are_expanded(gateway):
    assert kinds(await gateway.get("/v1/search?q=lampu jalan contoh")) == ["complaint"]
    assert kinds(await gateway.get("/v1/search?q=lampu terang")) == []
    nothing = await gateway.get("/v1/search?q=--")
    assert (kinds(nothing), nothing.json()["found"]) == ([], 0)
    assert nothing.headers["cache-control"].startswith("public")


async def test_a_page_has_at_most_limit_items_and_the_total_number(gateway):
    answer = await gateway.get("/v1/search?q=lampu&limit=2")
    assert (kinds(answer), answer.json()["found"], answer.json()["next"]) == (["service", "programme"], 4, None)


@pytest.mark.parametrize("words", ["Siti Contoh", "rahasia", NIK[:12]])
async def test_search_does_not_find_hidden_fields(gateway, words):
    # Reporters, confidential records and participants are not indexed.
    for who in (None, "other", "operator"):
        assert kinds(await gateway.get(f"/v1/search?q={words}", who)) == []


async def test_a_resident_finds_own_records_and_each_access_is_logged(gateway):
    answer = await gateway.get("/v1/search?q=lampu", "resident")
    assert kinds(answer) == ["service", "programme", "complaint", "application", "enrolment", "consultation"]
    assert answer.headers["cache-control"] == "private, no-store"
    told = sources(answer)
    assert told["register", "application"]["state"] == "fresh"
    assert told["register", "application"]["items"] == 1
    assert told["public", "enrolment"]["state"] == "held"
    # Searches do not query the civil register.
    assert told["register", "resident"]["state"] == "not-asked"
    assert gateway.register.asked["resident"] == 0
    assert sorted(await entries(gateway)) == ["application", "complaint", "enrolment"]
    other = await gateway.get("/v1/search?q=lampu", "other")
    assert kinds(other) == ["service", "programme", "complaint", "consultation"]


async def test_an_invalid_token_is_refused_and_a_missing_scope_denies_its_resource(gateway):
    assert (await gateway.get("/v1/search?q=lampu", "stranger")).status_code == 401
    operator = await gateway.get("/v1/search?q=lampu", "operator")
    assert kinds(operator) == ["service", "programme", "complaint", "consultation"]
    denied = sources(operator)["register", "application"]
    assert (denied["state"], denied["cause"]) == ("denied", "forbidden")
    assert operator.json()["complete"] is True
    assert operator.headers["cache-control"] == "private, no-store"


async def test_a_failed_system_is_reported_and_other_matches_stay(gateway):
    async def broken(name, call):
        raise ConnectionError

    gateway.register.before = broken
    answer = await gateway.get("/v1/search?q=lampu", "resident")
    assert kinds(answer) == ["service", "programme", "complaint", "enrolment", "consultation"]
    assert answer.json()["complete"] is False
    assert sources(answer)["register", "application"]["state"] == "failed"


async def test_changed_snapshots_are_searched_at_once(gateway):
    assert kinds(await gateway.get("/v1/search?q=jembatan")) == []
    gateway.public.records["complaint"].append(Wire("3", complaint("Jembatan goyah")))
    (feeder,) = [one for one in gateway.deps.feeds._fetchers if one.key.resource == COMPLAINT.name]
    gateway.deps.snapshots.put(feeder.key, await feeder.fetch(feeder.row.fresh))
    assert kinds(await gateway.get("/v1/search?q=jembatan")) == ["complaint"]
