"""What the gateway is given: calls that are bound and narrowed, and an account of each office."""

import asyncio
import logging
from datetime import timedelta

import pytest

from adapters.contract import FileOfficeSettings, Files, Http, Subject
from adapters.errors import Cause, CredentialsRefusedError, UpstreamMalformedError
from adapters.upstream import HttpRequest
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.layers.observation import Observation
from gateway.upstream.upstreams import Upstreams

pytestmark = pytest.mark.anyio

NIK = "6371990101900001"
GET = HttpRequest("GET", f"/penduduk/{NIK}", query=(("nik", NIK),), headers={"X-Nik": NIK})


async def test_a_call_knows_only_what_its_adapter_is_entitled_to(reach):
    made = reach()
    call = made.upstreams.call(
        made.spec,
        "pekauman",
        made.settings,
        Http(),
        deadline=Deadline.after(timedelta(seconds=1)),
        subject=Subject(nik=NIK, kk="6371990101900002", phone="081200000000"),
    )
    assert call.subject == Subject(nik=NIK)
    assert (call.office, call.settings) == ("pekauman", made.settings)
    assert call.now.utcoffset() == timedelta(hours=8)
    assert NIK not in repr(call)


async def test_settings_must_fit_the_transport(reach, tmp_path):
    made = reach()
    deadline = Deadline.after(timedelta(seconds=1))
    with pytest.raises(ValueError, match="transport"):
        made.upstreams.call(made.spec, None, made.settings, Files(), deadline=deadline)
    with pytest.raises(ValueError, match="transport"):
        made.upstreams.call(made.spec, None, FileOfficeSettings(folder=tmp_path), Http(), deadline=deadline)


async def test_offices_have_their_own_circuits_and_connections(server, reach):
    server.script = lambda seen: seen.reply(status=500) if "sick" in seen.target else seen.reply()
    made = reach()
    deadline = Deadline.after(timedelta(seconds=20))

    def up(office):
        return made.upstreams.call(made.spec, office, made.settings, Http(), deadline=deadline).up

    for _ in range(5):
        await up("a").send(HttpRequest("GET", "/sick"))
    assert (await up("b").send(HttpRequest("GET", "/well"))).status == 200
    assert made.upstreams.status("register", "a").circuit == "open"
    assert made.upstreams.status("register", "b").circuit == "closed"
    assert made.upstreams.status("register", "c").succeeded_at is None
    assert server.connections == 2


async def test_one_line_is_written_and_one_observation_made_and_neither_says_what_was_asked(server, reach, caplog):
    caplog.set_level(logging.DEBUG)
    seen: list[Observation] = []
    made = reach()
    upstreams = Upstreams(made.shared, now, observer=seen.append)
    made.upstreams = upstreams
    try:
        await made.up().send(GET)
        server.script = lambda one: one.reply(b"[" * 1000)
        with pytest.raises(UpstreamMalformedError):
            await made.up().send(GET)
        server.script = lambda _: asyncio.sleep(60)
        asking = asyncio.create_task(made.up().send(GET))
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    finally:
        await upstreams.aclose()
    assert [one.outcome for one in seen] == ["200", "malformed", "cancelled"]
    assert [(one.place.system, one.attempts) for one in seen] == [("register", 1)] * 3
    assert seen[0].received == 2
    lines = [record for record in caplog.records if record.name == "gateway.upstream.layers.observation"]
    assert [vars(line)["outcome"] for line in lines] == ["200", "malformed", "cancelled"]
    said = "".join(str(vars(record)) for record in caplog.records) + repr(seen)
    assert NIK not in said
    assert "penduduk" not in said


async def test_changed_settings_take_effect_while_questions_are_under_way(server, reach):
    async def slow(seen):
        await asyncio.sleep(0.2)
        await seen.reply(seen.target.encode())

    server.script = slow
    made = reach()
    asking = asyncio.create_task(made.up().send(HttpRequest("GET", "/x")))
    await asyncio.sleep(0.05)
    made.settings = made.settings.model_validate({"base_url": f"{server.url}/v2"})
    assert (await made.up().send(HttpRequest("GET", "/x"))).content == b"/v2/x"
    assert (await asking).content == b"/api/x"


async def test_h52_a_question_that_is_under_way_may_take_its_time_although_settings_have_changed(
    server, reach, monkeypatch
):
    monkeypatch.setattr("gateway.upstream.open_offices._GRACE", 0.0)

    async def slow(seen):
        await asyncio.sleep(1.0 if "slow" in seen.target else 0)
        await seen.reply(seen.target.encode())

    server.script = slow
    made = reach()
    asking = asyncio.create_task(made.up(seconds=1.5).send(HttpRequest("GET", "/slow")))
    await asyncio.sleep(0.05)
    for number in range(3):
        made.settings = made.settings.model_copy(update={"per_minute": 900 + number})
        assert (await made.up(seconds=0.2).send(HttpRequest("GET", "/x"))).status == 200
    assert (await asking).content == b"/api/slow"
    await asyncio.gather(*made.upstreams._offices._retiring)
    await asyncio.sleep(0.1)
    still = {seen.writer for seen in server.seen if not seen.writer.is_closing()}
    assert len(still) == 1, "connections of the settings before are closed once their questions are over"


async def test_connections_of_settings_that_were_just_changed_are_closed_with_everything(server, reach):
    made = reach(tuning={"kept_connection": timedelta(minutes=5)})
    await made.up().send(HttpRequest("GET", "/x"))
    (office,) = made.upstreams._offices._offices.values()
    (connection,) = office._engine._idle
    made.settings = made.settings.model_copy(update={"per_minute": 900})
    made.up()
    await made.upstreams.aclose()
    assert not connection.is_open
    (seen,) = server.seen
    async with asyncio.timeout(10):
        await seen.writer.wait_closed()


async def test_h52_whoever_keeps_secrets_is_told_when_a_system_refuses_us(reach):
    told = []
    made = reach()
    upstreams = Upstreams(made.shared, now, refused=lambda: told.append("refused"))
    upstreams.record_failure("register", None, UpstreamMalformedError("a table has lost a column"))
    assert told == []
    upstreams.record_failure("register", None, CredentialsRefusedError("the system refuses our token"))
    assert told == ["refused"]
    await upstreams.aclose()


async def test_a_forgotten_office_is_closed(server, reach):
    made = reach()
    await made.up().send(HttpRequest("GET", "/x"))
    await made.upstreams.forget("register", None)
    assert made.upstreams.status("register", None).succeeded_at is None
    await asyncio.sleep(0.05)
    assert server.at_once == 0


async def test_what_an_adapter_found_wrong_is_shown(reach):
    made = reach()
    made.up()
    made.upstreams.record_failure("register", None, UpstreamMalformedError("a table has lost a column"))
    status = made.upstreams.status("register", None)
    assert (status.cause, status.circuit) == (Cause.MALFORMED, "closed")
    made.upstreams.record_failure("nobody", None, UpstreamMalformedError("-"))


async def test_closing_ends_logins_and_connections(server):
    upstreams = Upstreams(MemoryShared(), now)
    await upstreams.aclose()
    await upstreams.aclose()


def test_a_deadline_only_ever_comes_nearer():
    deadline = Deadline.after(timedelta(seconds=10))
    assert 9 < deadline.remaining() <= 10
    assert deadline.within(timedelta(seconds=60)) == deadline
    assert deadline.within(timedelta(seconds=1)) < deadline
    assert Deadline.after(timedelta(0)).passed
