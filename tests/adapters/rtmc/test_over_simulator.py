"""The adapter over the running simulator and the gateway's own stack: every quirk, every refusal, every bomb."""

from datetime import datetime

import pytest

from adapters.errors import (
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.rtmc import SPEC
from adapters.rtmc.wire import Kejadian
from schemas.doubts import DoubtCode
from schemas.notice import NoticeStatus
from schemas.traffic import Congestion, IncidentKind
from simulators.clock import WITA

pytestmark = pytest.mark.anyio
INCIDENT, CONDITION = SPEC.reads


def records(batches, row):
    return [row.normalise(item) for batch in batches for item in batch.items]


async def test_incidents_come_in_pages_and_go_on_from_a_mark(over_simulator):
    whole = await over_simulator.feed("incident")
    assert [len(batch.items) for batch in whole[:-1]] == [25] * (len(whole) - 1)
    assert [batch.next is None for batch in whole] == [False] * (len(whole) - 1) + [True]
    keys = [item.idKejadian for batch in whole for item in batch.items]
    assert keys == sorted(set(keys))
    rest = await over_simulator.feed("incident", whole[0].next)
    assert [item.idKejadian for batch in rest for item in batch.items] == keys[25:]
    assert {batch.as_of for batch in whole} == {datetime(2026, 11, 23, 21, 15, tzinfo=WITA)}


async def test_the_quirks_end_where_they_should(over_simulator):
    found = records(await over_simulator.feed("incident"), INCIDENT)
    bodies = [normal.body for normal in found]
    # Q45: swapped, 0,0 and missing positions are left out; all others lie in the city.
    doubted = [normal for normal in found if any(doubt.field == "/location/position" for doubt in normal.doubts)]
    assert len(doubted) > 10
    assert all(normal.body.location.position is None for normal in doubted)
    assert sum(body.location.position is not None for body in bodies) > len(bodies) / 2
    # Q30: naive times are WITA; none lies in the future, and what goes on has no end.
    times = [body.starts_at for body in bodies if body.starts_at is not None]
    assert max(times) <= datetime(2026, 11, 23, 21, 15, tzinfo=WITA)
    assert {str(time.tzinfo) for time in times} == {"WITA"}
    assert {body.ends_at is None for body in bodies if body.status is NoticeStatus.ACTIVE} == {True}
    assert any(body.status is NoticeStatus.ACTIVE for body in bodies)
    # Whatever header and declaration say, the bytes are windows-1252; some texts were encoded twice.
    assert all("–" in body.location.text and "â" not in body.location.text for body in bodies)
    assert any("“Harap berhati-hati”" in (body.description or "") for body in bodies)
    assert not any("<b>" in (body.description or "") or " ZZ" in (body.description or "") for body in bodies)
    assert {doubt.code for normal in found for doubt in normal.doubts} == {
        DoubtCode.POSITION_OUTSIDE,
        DoubtCode.HTML_DISCARDED,
        DoubtCode.CODE_UNKNOWN,
        DoubtCode.DATE_ZERO,
        DoubtCode.DATE_IMPOSSIBLE,
    }
    # The only word that no table contains is KONVOI; its doubt carries it.
    assert {body.status for body in bodies} == {NoticeStatus.ACTIVE, NoticeStatus.RESOLVED}
    assert {body.kind.code for body in bodies} == set(IncidentKind) - {IncidentKind.OTHER}
    words = {(doubt.field, doubt.original) for normal in found for doubt in normal.doubts if doubt.original}
    assert words == {("/kind", "KONVOI")}


async def test_incidents_come_and_go_on_demand(over_simulator):
    key = await over_simulator.put({"kind": "incident", "fields": {"jenis": "BANJIR", "lokasi": "Jl. Éloknya — “A”"}})
    last = (await over_simulator.feed("incident"))[-1].items[-1]
    assert (last.idKejadian, last.lokasi) == (key, "Jl. Éloknya — “A”")
    assert INCIDENT.normalise(last).body.status is NoticeStatus.ACTIVE
    await over_simulator.withdraw(key)
    assert (await over_simulator.feed("incident"))[-1].items[-1].idKejadian != key


async def test_one_bad_incident_does_not_spoil_the_page(over_simulator):
    before = [item for batch in await over_simulator.feed("incident") for item in batch.items]
    assert all(isinstance(item, Kejadian) for item in before)
    key = await over_simulator.put({"kind": "incident", "fields": {"jenis": "", "judul": "-", "lokasi": None}})
    batches = await over_simulator.feed("incident")
    bad = batches[-1].items[-1]
    assert bad.idKejadian == key
    with pytest.raises(ValueError, match="without a known kind"):
        INCIDENT.normalise(bad)
    assert sum(len(batch.items) for batch in batches) == len(before) + 1


async def test_conditions_of_every_road_in_both_directions(over_simulator):
    (batch,) = await over_simulator.feed("condition")
    assert batch.whole
    found = {item.kodeRuas: CONDITION.normalise(item) for item in batch.items}
    assert len(found) == 32
    assert all(normal.body.location.position is not None for normal in found.values())
    dead = found["R07-B"]
    assert (dead.body.speed, dead.body.vehicle_flow, dead.body.observed_at) == (None, None, None)
    assert found["R10-A"].body.congestion is Congestion.UNKNOWN
    assert [(doubt.code, doubt.original) for doubt in found["R10-A"].doubts] == [(DoubtCode.CODE_UNKNOWN, "TERSENDAT")]
    await over_simulator.put({"kind": "road", "code": "R01-A", "fields": {"tingkat": "MACET", "kecepatan": "3,5"}})
    (batch,) = await over_simulator.feed("condition")
    jammed = CONDITION.normalise(batch.items[0]).body
    assert (jammed.congestion, jammed.speed) == (Congestion.JAMMED, 3.5)


async def test_the_probe_and_wrong_credentials(over_simulator):
    await over_simulator.probe()
    for wrong in ({"password": "wrong"}, {"partner": "somebody"}):
        with pytest.raises(CredentialsRefusedError):
            await over_simulator.probe(**wrong)
    await over_simulator.fault("login")
    with pytest.raises(CredentialsRefusedError):
        await over_simulator.feed("condition")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("xml-bomb", UpstreamMalformedError),
        ("quadratic-bomb", UpstreamMalformedError),
        ("external-entity", UpstreamMalformedError),
        ("document-type", UpstreamMalformedError),
        ("deep", UpstreamMalformedError),
        ("wrong-namespace", UpstreamMalformedError),
        ("soap-1.2", UpstreamMalformedError),
        ("attachments", UpstreamMalformedError),
        ("fault-200", UpstreamUnavailableError),
        ("fault-500", UpstreamUnavailableError),
        ("client-fault-500", QueryRefusedError),
        ("expired-agreement", CredentialsRefusedError),
    ],
)
async def test_answers_that_are_none(over_simulator, kind, error):
    await over_simulator.put({"kind": "answer", "as": kind})
    for ask in (
        over_simulator.probe,
        lambda: over_simulator.feed("incident"),
        lambda: over_simulator.feed("condition"),
    ):
        with pytest.raises(error) as raised:
            await ask()
        assert not {"sibuk", "PKS", "haha"} & set(str(raised.value).split())
    await over_simulator.withdraw("answer")
    await over_simulator.probe()


async def test_half_a_minute_without_an_answer_ends_with_the_deadline(over_simulator):
    await over_simulator.put({"kind": "slowness", "seconds": 30})
    with pytest.raises(UpstreamTimeoutError):
        await over_simulator.feed("condition", within=0.3)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", UpstreamUnavailableError),
        ("500", UpstreamUnavailableError),
        ("rate-limited", UpstreamUnavailableError),
        ("html", UpstreamMalformedError),
        ("malformed", UpstreamMalformedError),
        ("oversized", UpstreamMalformedError),
        ("redirect", UpstreamMalformedError),
    ],
)
async def test_generic_faults(over_simulator, kind, error):
    await over_simulator.fault(kind)
    with pytest.raises(error):
        await over_simulator.feed("condition")
