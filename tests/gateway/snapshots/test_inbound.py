"""Pushes: stored before they are answered, shown at once and after a restart, once only, and from the system only."""

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from adapters.contract import FileOfficeSettings
from adapters.lapor import SPEC
from adapters.webhooks import WebhookRequest
from gateway.ground.clock import now
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from gateway.registry.system_files import RegistryError
from gateway.snapshots.inbound import InboundWebhook, InboundWebhooks
from gateway.storage.engine import DatabaseBudgetError
from gateway.storage.tables.inbound import WebhookPushRow, WebhookRecordRow
from schemas.case import CaseStatus
from schemas.complaint import COMPLAINT
from schemas.resident import RESIDENT
from simulators.people import DEMONSTRATION
from tests.gateway.fakes import complaint
from tests.loops import examples

pytestmark = pytest.mark.anyio
RESIDENT_NIK = DEMONSTRATION["resident"].nik
LATER = f"{now() + timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
LATER_STILL = f"{now() + timedelta(hours=2):%Y-%m-%d %H:%M:%S}"
DOOR = "/v1/inbound/lapor/complaint"


async def count(behind, table=WebhookPushRow) -> int:
    async with behind.deps.database.session() as session:
        return await session.scalar(select(func.count()).select_from(table))


async def some_report(behind, lapor):
    """A public report of the snapshot, as the service shows it; and its number."""
    number = next(number for number, one in behind.copy.items() if one.body.status is CaseStatus.IN_PROGRESS)
    return number, await lapor.row(number)


async def test_a_push_is_stored_shown_at_once_and_answered_in_lapors_words(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        before = behind.deps.snapshots.public(COMPLAINT)
        answer = await behind.push(lapor.push({**row, "tahap": "Ditanggapi", "perubahan": LATER}))
        assert (answer.status_code, answer.json()) == (200, {"status": "1", "pesan": "Diterima"})
        assert await count(behind) == await count(behind, WebhookRecordRow) == 1
        shown = behind.copy[number]
        assert shown.body.status is CaseStatus.ANSWERED
        assert shown.id == next(one.id for one in before.records if one.body.number == number)
        after = behind.deps.snapshots.public(COMPLAINT)
        assert after.id != before.id
        assert len(after.records) == len(before.records) == after.sources[0].items


async def test_what_was_pushed_outlives_a_restart_with_the_system_gone(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        secret = next(other for other in behind.copy if other != number)
        await behind.push(lapor.push({**row, "tahap": "Ditanggapi", "perubahan": LATER}))
        await behind.push(lapor.push({**await lapor.row(secret), "rahasia": "1", "perubahan": LATER}))
        assert secret not in behind.copy
    async with opened(url="http://127.0.0.1:9") as behind:
        assert behind.copy[number].body.status is CaseStatus.ANSWERED
        assert secret not in behind.copy


async def test_what_was_pushed_about_ids_of_an_earlier_scheme_is_not_used(opened, lapor):
    """Such an id matches no record: it would stand beside the fetched one, and does not open."""
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        secret = next(other for other in behind.copy if other != number)
        before, changed = set(behind.copy), {**row, "tahap": "Ditanggapi", "perubahan": LATER}
        await behind.push(lapor.push(changed))
        await behind.push(lapor.push({**await lapor.row(secret), "rahasia": "1", "perubahan": LATER}))
        async with behind.deps.database.session() as session:
            for held in await session.scalars(select(WebhookRecordRow)):
                earlier = f"{held.record_id}AAAA"
                if held.content is not None:
                    held.content = held.content.replace(held.record_id.encode(), earlier.encode())
                held.record_id = earlier
    async with opened(url="http://127.0.0.1:9") as behind:
        assert set(behind.copy) == before
        assert behind.copy[number].body.status is CaseStatus.IN_PROGRESS
        # The same push again is known, and what is stored of it is still not used.
        assert (await behind.push(lapor.push(changed))).status_code == 200
        assert behind.copy[number].body.status is CaseStatus.IN_PROGRESS
        assert len(behind.deps.snapshots.public(COMPLAINT).records) == len(before)
        await behind.push(lapor.push(changed, delivery="d-2"))
        assert behind.copy[number].body.status is CaseStatus.ANSWERED


async def test_the_next_fetch_counts_as_soon_as_it_is_newer(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        await behind.push(lapor.push({**row, "tahap": "Ditanggapi"}))
        assert behind.copy[number].body.status is CaseStatus.ANSWERED
        await behind.renew()
        assert behind.copy[number].body.status is CaseStatus.IN_PROGRESS


async def test_a_time_far_ahead_is_not_believed(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        await behind.push(lapor.push({**row, "tahap": "Ditanggapi", "perubahan": "2099-01-01 10:00:00"}))
        assert behind.copy[number].body.status is CaseStatus.ANSWERED
        await behind.renew()
        assert behind.copy[number].body.status is CaseStatus.IN_PROGRESS


async def test_a_report_that_turned_secret_leaves_every_list_also_those_of_cursors(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        earlier = behind.deps.snapshots.public(COMPLAINT)
        answer = await behind.push(lapor.push({**row, "rahasia": "1", "isi": "Rahasia sekali", "perubahan": LATER}))
        assert answer.json()["status"] == "1"
        assert number not in behind.copy
        kept = behind.deps.snapshots.earlier(COMPLAINT, earlier.id)
        assert number not in {one.body.number for one in kept.records}
        assert len(kept.records) == len(earlier.records) - 1
        # The list of the service is behind and still shows it.
        await behind.renew()
        assert number not in behind.copy
        async with behind.deps.database.session() as session:
            (held,) = await session.scalars(select(WebhookRecordRow))
            assert held.content is None


async def test_nothing_of_the_reporter_is_held(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        reporter = {"nik": RESIDENT_NIK, "namadepan": "Galuh", "namabelakang": "Kenanga"}
        await behind.push(lapor.push({**row, "pelapor": reporter, "perubahan": LATER}))
        assert behind.copy[number].body.applicant is None
        async with behind.deps.database.session() as session:
            (held,) = await session.scalars(select(WebhookRecordRow))
            assert b"Galuh" not in held.content
            assert RESIDENT_NIK.encode() not in held.content


async def test_a_repeated_push_is_stored_once_and_answered_the_same(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        request = lapor.push({**row, "tahap": "Ditanggapi", "perubahan": LATER})
        answers = await asyncio.gather(*(behind.push(request) for _ in range(8)))
        # Another attempt is signed anew, at another time.
        again = lapor.push(
            {**row, "tahap": "Ditanggapi", "perubahan": LATER}, seconds=int(request["headers"]["X-Lapor-Waktu"]) + 2
        )
        answers.append(await behind.push(again))
        assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
        assert await count(behind) == 1
    async with opened() as behind:
        assert (await behind.push(request)).content == answers[0].content
        assert await count(behind) == 1
        assert behind.copy[number].body.status is CaseStatus.ANSWERED


async def test_pushes_that_come_out_of_order_end_with_the_newest(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        await behind.push(lapor.push({**row, "tahap": "Selesai", "perubahan": LATER_STILL}, delivery="d-2"))
        await behind.push(lapor.push({**row, "tahap": "Ditanggapi", "perubahan": LATER}, delivery="d-1"))
        assert behind.copy[number].body.status is CaseStatus.CLOSED
        assert (await count(behind), await count(behind, WebhookRecordRow)) == (2, 1)
    async with opened(url="http://127.0.0.1:9") as behind:
        assert behind.copy[number].body.status is CaseStatus.CLOSED


@pytest.mark.parametrize(
    "change",
    [
        lambda push, _: push["headers"].pop("X-Lapor-Tanda"),
        lambda push, _: push["headers"].pop("X-Lapor-Waktu"),
        lambda push, _: push["headers"].pop("X-Lapor-Kiriman"),
        lambda push, _: push["headers"].update({"X-Lapor-Tanda": ""}),
        lambda push, _: push["headers"].update({"X-Lapor-Tanda": "0" * 64}),
        lambda push, _: push["headers"].update({"X-Lapor-Kiriman": "d-2"}),
        lambda push, _: push.update(content=push["content"].replace(b"Selesai", b"Ditolak")),
        lambda push, lapor: push.update(lapor.push({"trackingid": "1"}, seconds=1)),
        lambda push, lapor: push.update(lapor.push({"trackingid": "1"}, seconds=10**11)),
        lambda push, lapor: push.update(replace(lapor, token="another").push({"trackingid": "1", "isi": "x"})),
        lambda push, _: push.update(headers=[*push["headers"].items(), ("X-Lapor-Tanda", "0")]),
    ],
)
async def test_what_is_not_surely_from_the_system_is_refused_in_its_envelope(opened, lapor, change):
    async with opened() as behind:
        _, row = await some_report(behind, lapor)
        request = lapor.push({**row, "tahap": "Selesai", "perubahan": LATER})
        change(request, lapor)
        before = behind.deps.snapshots.public(COMPLAINT).id
        answer = await behind.push(request)
        assert (answer.status_code, answer.json()) == (401, {"status": "0", "pesan": "Tanda tidak sah"})
        assert await count(behind) == 0
        assert behind.deps.snapshots.public(COMPLAINT).id == before


async def test_a_captured_push_is_refused_once_its_time_is_over(opened, lapor):
    async with opened() as behind:
        _, row = await some_report(behind, lapor)
        for minutes, status in ((-4, 200), (-6, 401), (4, 200), (6, 401)):
            seconds = int((now() + timedelta(minutes=minutes)).timestamp())
            assert (await behind.push(lapor.push(row, seconds=seconds))).status_code == status


@pytest.mark.parametrize(
    ("row", "status"),
    [({"isi": "x"}, 422), ({"trackingid": "1"}, 422), ([], 422), ({"trackingid": "1", "isi": "y" * 70_000}, 413)],
)
async def test_what_cannot_be_stored_is_said_so_in_its_envelope(opened, lapor, row, status):
    async with opened() as behind:
        answer = await behind.push(lapor.push(row))
        assert answer.status_code == status
        assert answer.json()["status"] == "0"
        assert await count(behind) == 0


async def test_a_push_that_does_not_come_to_its_end_is_answered_in_its_envelope(opened, monkeypatch):
    monkeypatch.setattr("gateway.api.request_body.BODY_TIMEOUT", timedelta(seconds=0.2))

    async def stalling():
        yield b"{"
        await asyncio.sleep(0.6)

    async with opened() as behind:
        answer = await behind.http.post(DOOR, content=stalling())
        assert (answer.status_code, answer.json()["status"]) == (422, "0")
        assert await count(behind) == 0


@pytest.mark.parametrize(
    "failure",
    [OperationalError("insert", {}, Exception("disk full")), DatabaseBudgetError("the time for the database is spent")],
    ids=["a full disk", "no time left"],
)
async def test_a_push_that_the_database_does_not_take_is_not_shown_and_not_answered_as_stored(
    opened, lapor, monkeypatch, failure
):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        request = lapor.push({**row, "tahap": "Ditanggapi", "perubahan": LATER})

        async def failing(*_arguments, **_named):
            raise failure

        with monkeypatch.context() as broken:
            broken.setattr(behind.deps.webhooks._push_store, "save", failing)
            answer = await behind.push(request)
            assert (answer.status_code, answer.json()["status"]) == (503, "0")
            assert behind.copy[number].body.status is CaseStatus.IN_PROGRESS
        assert (await behind.push(request)).status_code == 200
        assert behind.copy[number].body.status is CaseStatus.ANSWERED


async def test_a_push_that_was_stored_though_the_database_could_not_say_so_is_shown_when_it_comes_again(
    opened, lapor, monkeypatch
):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        request = lapor.push({**row, "rahasia": "1", "perubahan": LATER})
        keep = behind.deps.webhooks._push_store.save

        async def loses_its_answer(*arguments, **named):
            await keep(*arguments, **named)
            raise OperationalError("commit", {}, Exception("the connection was closed"))

        with monkeypatch.context() as broken:
            broken.setattr(behind.deps.webhooks._push_store, "save", loses_its_answer)
            assert (await behind.push(request)).status_code == 503
        assert number in behind.copy
        assert (await behind.push(request)).json()["status"] == "1"
        assert number not in behind.copy
        assert (await count(behind), await count(behind, WebhookRecordRow)) == (1, 1)


def test_the_same_push_of_two_offices_is_two_pushes():
    (row,) = [row for row in SPEC.reads if row.webhook is not None]
    webhook = InboundWebhook(LiveSystem(SPEC, ()), row, replace(row.webhook, delivery_id=lambda _request: "1"))
    request = WebhookRequest({}, b"{}")
    unused = FileOfficeSettings(folder="/in")
    one, other = (Office(id=name, title=None, settings=unused) for name in ("utara", "selatan"))
    assert webhook.digest(one, request) != webhook.digest(other, request)
    assert webhook.digest(one, request) == webhook.digest(one, WebhookRequest({"again": "1"}, b"{}"))


async def test_a_late_push_of_what_was_secret_once_takes_nothing_from_the_newest_list(opened, lapor):
    async with opened() as behind:
        number, row = await some_report(behind, lapor)
        before = behind.deps.snapshots.public(COMPLAINT)
        earlier = f"{now() - timedelta(days=900):%Y-%m-%d %H:%M:%S}"
        assert (await behind.push(lapor.push({**row, "rahasia": "1", "perubahan": earlier}))).status_code == 200
        after = behind.deps.snapshots.public(COMPLAINT)
        assert number in behind.copy
        assert (after.id, len(after.records), after.sources[0].items) == (
            before.id,
            len(before.records),
            len(before.records),
        )


async def test_what_was_pushed_is_deleted_once_it_may_not_be_held_any_longer(opened, lapor):
    async with opened() as behind:
        numbers = list(behind.copy)[:2]
        webhooks = behind.deps.webhooks
        for number, hours in zip(numbers, (25, 0), strict=True):
            webhooks._clock = lambda hours=hours: now() - timedelta(hours=hours)
            sent = int((now() - timedelta(hours=hours)).timestamp())
            answer = await behind.push(lapor.push(await lapor.row(number), delivery=number, seconds=sent))
            assert answer.status_code == 200
        assert await count(behind) == 2
        assert await count(behind, WebhookRecordRow) == 1


async def test_where_there_is_no_webhook(opened):
    async with opened() as behind:
        for path in ("/v1/inbound/lapor/other", "/v1/inbound/lapor/", "/v1/inbound/dukcapil/complaint", f"{DOOR}/x"):
            answer = await behind.http.post(path, content=b"x")
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert (await behind.http.get(DOOR)).status_code == 405


async def test_the_simulator_pushes_again_until_the_gateway_has_stored_it(opened, lapor):
    async with opened() as behind:
        number, _ = await some_report(behind, lapor)
        # The first attempts reach nobody, the next a gateway that refuses what it cannot read yet.
        await lapor.control({"kind": "callback", "url": f"{behind.http.base_url}/v1/inbound/lapor/none"})
        await lapor.control(
            {"kind": "stage", "trackingid": number, "tahap": "Selesai", "tanggapan": "Sudah diperbaiki"}
        )
        await asyncio.sleep(0.2)
        assert behind.copy[number].body.status is CaseStatus.IN_PROGRESS
        await lapor.control({"kind": "callback", "url": f"{behind.http.base_url}{DOOR}"})
        async with asyncio.timeout(20):
            while behind.copy[number].body.status is not CaseStatus.CLOSED:  # noqa: ASYNC110 - it comes by a socket
                await asyncio.sleep(0.05)
        assert behind.copy[number].body.history[-1].text == "Sudah diperbaiki"
        assert await count(behind) == 1


HEADER = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=70)


async def test_any_bytes_are_refused_and_never_stored(opened, lapor):
    async with opened() as behind:
        good = lapor.push({"trackingid": "1", "isi": "x"})
        loop = asyncio.get_running_loop()

        @settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
        @given(content=st.binary(max_size=200), sign=HEADER, at=HEADER | st.just(good["headers"]["X-Lapor-Waktu"]))
        def push(content, sign, at):
            headers = {"X-Lapor-Tanda": sign, "X-Lapor-Waktu": at, "X-Lapor-Kiriman": "d"}
            request = {"content": content, "headers": headers}
            answer = asyncio.run_coroutine_threadsafe(behind.push(request), loop).result(20)
            assert answer.status_code == 401
            assert json.loads(answer.content)["status"] == "0"

        await asyncio.to_thread(push)
        assert await count(behind) == 0


@pytest.mark.parametrize("changed", [date(2026, 11, 23), "2026-11-23", datetime(2026, 11, 23)])  # noqa: DTZ001 - as said
def test_a_change_of_which_the_time_is_none_or_has_no_zone_is_of_no_known_time(changed):
    row = SPEC.reads[0]
    webhook = InboundWebhook(LiveSystem(SPEC, ()), row, replace(row.webhook, changed_at=lambda _complaint: changed))
    assert webhook.changed(complaint("Gelap")) is None


async def test_a_webhook_for_what_may_not_be_held_stops_the_start(opened):
    public, own = SPEC.reads
    for row in (replace(public, resource=RESIDENT), replace(own, webhook=public.webhook)):
        live = LiveSystem(replace(SPEC, reads=(row,)), ())
        with pytest.raises(RegistryError):
            InboundWebhooks([live], snapshots=None, push_store=None, normaliser=None, ids=None, clock=None)
