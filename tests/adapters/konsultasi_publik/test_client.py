"""The feed over the simulator's database: a file, and a MariaDB server."""

import traceback
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from adapters.contract import Bad, Call
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.konsultasi_publik import CONSULTATIONS, SPEC
from adapters.konsultasi_publik.settings import Settings
from schemas.consultation import ConsultationStage
from schemas.doubts import DoubtCode
from schemas.notice import NoticeStatus
from simulators.faults import Fault, FaultKind
from simulators.konsultasi_publik.simulator import DATABASE
from tests.adapters.konsultasi_publik.conftest import NIK, NOW, System

pytestmark = pytest.mark.anyio


def doubts(normal: Any) -> set[tuple[str, str | None]]:
    return {(doubt.code, doubt.field) for doubt in normal.doubts if doubt.code != DoubtCode.PLACEHOLDER}


async def test_every_quirk_ends_where_it_should(system: System) -> None:
    await SPEC.probe(system.call(SPEC.probe_transport))
    found = await system.by_key()
    # Q39: two rows of one number that differ, and two that say the same; numbers that stand in both tables.
    assert sorted(key.partition("~")[0] for key in found if "~" in key) == ["fkp/10", "fkp/10", "fkp/4", "fkp/4"]
    assert {"fkp/8", "fkp/1", "musrenbang/1"} <= found.keys()
    assert len(found) == 77
    # Q27
    assert found["fkp/3"].body.starts_at is None
    assert doubts(found["fkp/3"]) == {(DoubtCode.DATE_ZERO, "/starts_at")}
    assert doubts(found["musrenbang/7"]) == {(DoubtCode.DATE_IMPOSSIBLE, "/starts_at")}
    assert found["fkp/18"].body.documents[0].issued_on is None
    # Q25: what staff have hidden is not published, and 2 is not "true".
    shown = [one for normal in found.values() for one in normal.body.contributions]
    assert 50 < len(shown) < 143 - 20
    assert found["fkp/14"].body.accepts_contributions is False
    assert found["fkp/15"].body.accepts_contributions is True
    # Every stage and status is known but those of one event, whose doubts carry the words.
    assert {normal.body.stage for normal in found.values()} == set(ConsultationStage)
    assert {normal.body.status for normal in found.values()} == set(NoticeStatus) - {
        NoticeStatus.ACTIVE,
        NoticeStatus.RESOLVED,
    }
    unknown = [
        key
        for key, normal in found.items()
        if ConsultationStage.UNKNOWN is normal.body.stage or NoticeStatus.UNKNOWN is normal.body.status
    ]
    assert unknown == ["fkp/9"]
    assert {(doubt.code, doubt.field, doubt.original) for doubt in found["fkp/9"].doubts} >= {
        (DoubtCode.CODE_UNKNOWN, "/stage", "9"),
        (DoubtCode.STATUS_UNKNOWN, "/status", "X"),
    }
    # The documents of every event have ids of their own, which are the view's numbers.
    assert {tuple(document.id for document in normal.body.documents) for normal in found.values()} == {(), ("0", "1")}
    assert all(
        len({one.id for one in normal.body.contributions}) == len(normal.body.contributions)
        for normal in found.values()
    )
    assert {one.topic for one in shown} == {"umum", None}
    assert {(key.partition("/")[0], normal.body.kind.code) for key, normal in found.items()} == {
        ("fkp", "consultation-forum"),
        ("musrenbang", "planning-meeting"),
    }
    # The view does not state when, or by whom, a contribution was answered.
    answers = [one.answer for one in shown if one.answer is not None]
    assert {(answer.at, answer.by) for answer in answers} == {(None, None)}
    assert "Akan dimasukkan ke rancangan Renja tahun depan." in {answer.text for answer in answers}
    # Q55
    assert found["fkp/6"].body.description is None
    assert (DoubtCode.TEXT_ENCODING, "/description") in doubts(found["fkp/6"])
    assert doubts(found["fkp/2"]) == {(DoubtCode.TEXT_ENCODING, "/contributions")}
    # Q45
    assert sum((DoubtCode.POSITION_OUTSIDE, "/location/position") in doubts(normal) for normal in found.values()) == 1
    # What somebody typed in place of a form is kept, a receipt code is not.
    texts = {one.text for one in shown}
    assert "Ditulis tangan, disalin petugas: jalan berlubang di depan pasar." in texts
    assert "Mohon dermaga Mantuil diberi atap." in texts


async def test_nobody_is_named(system: System) -> None:
    people = {person.name for person in system.state.people} | {person.phone for person in system.state.people}
    items = [item for batch in await system.batches() for item in batch.items]
    bodies = "".join(CONSULTATIONS.normalise(item).body.model_dump_json() for item in items)
    assert not [name for name in people if name in bodies]
    assert NIK not in bodies
    assert "10.20.0.5" not in bodies
    assert not any("Mohon" in repr(item) for item in items)


async def test_the_feed_goes_on_from_every_mark(system: System) -> None:
    whole = await system.batches()
    assert [len(batch.items) for batch in whole][:1] == [24]
    assert whole[-1].next is None
    assert all(batch.whole for batch in whole)
    keys = [[CONSULTATIONS.key(item) for item in batch.items] for batch in whole]
    for place, batch in enumerate(whole[:-1], start=1):
        rest = await system.batches(batch.next)
        assert [[CONSULTATIONS.key(item) for item in one.items] for one in rest] == keys[place:]


async def test_what_is_added_and_withdrawn_shows(system: System) -> None:
    key = system.state.add_record({"kind": "consultation", "title": "Forum tambahan", "open": 1, "stage": 4})
    found = await system.by_key()
    assert found[key].body.title == "Forum tambahan"
    assert found[key].body.stage is ConsultationStage.CITY
    assert system.state.withdraw_record(key)
    assert not system.state.withdraw_record(key)
    assert key not in await system.by_key()


async def test_one_bad_row_does_not_spoil_the_others(file: System, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / DATABASE}")
    with engine.begin() as database:
        database.execute(text("UPDATE fkp_kegiatan SET judul = x'ff00' WHERE id = 1"))
        database.execute(text("UPDATE fkp_kegiatan SET terima_masukan = 'ya' || tahap, tahap = 1.5 WHERE id = 2"))
    engine.dispose()
    items = [item for batch in await file.batches() for item in batch.items]
    assert len([item for item in items if isinstance(item, Bad)]) == 2
    assert len(items) == 77


class Rows:
    """A database whose driver makes something else of a number."""

    def __init__(self, *events: dict[str, object]) -> None:
        self._events = events
        self.asked: list[Mapping[str, object]] = []

    async def rows(self, statement: str, parameters: Mapping[str, object], limit: int) -> tuple[Any, ...]:
        self.asked.append(parameters)
        assert len(self.asked) < 20
        if "v_konsultasi" in statement:
            return self._events[:limit]
        return ({"tabel": "fkp", "id_kegiatan": 2, "nama": "Rancangan", "jenis": "rancangan"},)


def _fed(up: Rows) -> Any:
    feed = CONSULTATIONS.feed
    assert feed is not None
    call: Call[Any, Any] = Call(settings=Settings.model_validate({"url": "sqlite:///x"}), up=up, now=NOW)
    return feed(call, None)


async def test_a_number_that_is_none_does_not_lead_in_circles() -> None:
    up = Rows(*({"tabel": "fkp", "id": Decimal(number), "judul": "Uji"} for number in range(30)))
    with pytest.raises(UpstreamMalformedError, match="number after which"):
        _ = [batch async for batch in _fed(up)]


async def test_an_event_without_a_number_costs_the_others_nothing() -> None:
    (batch,) = [
        batch async for batch in _fed(Rows({"tabel": "fkp", "id": None}, {"tabel": "fkp", "id": 2, "judul": "Uji"}, {}))
    ]
    assert [isinstance(item, Bad) for item in batch.items] == [True, False, True]
    assert [document.nama for document in batch.items[1].dokumen] == ["Rancangan"]


async def test_a_number_that_stands_there_too_often_is_an_error(file: System, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / DATABASE}")
    with engine.begin() as database:
        for number in range(30):
            database.execute(
                text("INSERT INTO tempat_kegiatan (tabel, id_kegiatan, tempat) VALUES ('fkp', 1, :place)"),
                {"place": f"Tempat {number}"},
            )
    engine.dispose()
    with pytest.raises(UpstreamMalformedError, match="more rows than a page"):
        await file.batches()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FaultKind.HANG, UpstreamTimeoutError),
        (FaultKind.RESET, UpstreamUnavailableError),
        (FaultKind.MALFORMED, UpstreamMalformedError),
        (FaultKind.HTML, UpstreamMalformedError),
        (FaultKind.OVERSIZED, UpstreamMalformedError),
    ],
)
async def test_every_fault_is_told_as_it_is_and_heals(
    file: System, kind: FaultKind, expected: type[AdapterError]
) -> None:
    before = await file.by_key()
    file.state.faults.set(Fault(kind))
    with pytest.raises(expected):
        await file.batches(within=0.5)
    if kind is not FaultKind.OVERSIZED:
        with pytest.raises(expected):
            await SPEC.probe(file.call(SPEC.probe_transport, within=0.5))
    file.state.faults.set(Fault())
    assert (await file.by_key()).keys() == before.keys()


@pytest.mark.mariadb
async def test_the_account_sees_the_views_and_nothing_else(server: System) -> None:
    for table in ("masukan", "kotak_masuk", "fkp_kegiatan"):
        with pytest.raises(CredentialsRefusedError):
            await server.call(SPEC.probe_transport).up.rows(f"SELECT * FROM {table}", {}, 1)  # noqa: S608 - three tables


@pytest.mark.mariadb
async def test_wrong_credentials_are_told_as_such(server: System) -> None:
    url = server.settings.url.get_secret_value().replace("rahasia-contoh", "salah-sekali")
    with pytest.raises(CredentialsRefusedError) as refused:
        await SPEC.probe(server.call(SPEC.probe_transport, url=url))
    assert "salah-sekali" not in "".join(traceback.format_exception(refused.value))
