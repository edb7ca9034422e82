"""The rows against the running simulator, through the gateway's own files engine."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError, UpstreamUnavailableError
from adapters.wirausaha_baru import ENROLMENTS, ENTERPRISES, PROGRAMMES, SPEC
from adapters.wirausaha_baru.settings import WirausahaSettings
from schemas.places import regions
from schemas.quality import QualityCode
from simulators.people import DEMONSTRATION

pytestmark = pytest.mark.anyio
ROWS = pytest.mark.parametrize("row", SPEC.reads, ids=lambda row: row.resource.name)


def _remove(folder: Path, ending: str) -> None:
    for path in folder.iterdir():
        if path.name.endswith(ending):
            path.unlink()


async def test_programmes(reading: Any) -> None:
    found = [normal.body for normal in (await reading.by_key(PROGRAMMES)).values()]
    assert len(found) == 18
    assert {body.year for body in found} <= set(range(2016, 2027))
    assert {2016, 2026} <= {body.year for body in found}
    assert len({body.agency for body in found}) == 7
    places = [normal.body for normal in (await reading.by_key(ENROLMENTS)).values()]
    for body in found:
        taken = [one for one in places if (one.agency, one.year) == (body.agency, body.year)]
        assert body.enrolled == len(taken) > 0
        assert body.grant is not None
        assert body.registration_until is not None
        assert {one.programme_name for one in taken} == {body.name.id}


async def test_charsets_are_read_as_declared(reading: Any) -> None:
    found = (await reading.by_key(PROGRAMMES)).values()
    windows = {normal.body.description.id for normal in found if normal.body.agency == "dinas-perindag"}
    assert windows == {"Peralatan produksi – termasuk “Kafé Sungai” dan kain sasirangan"}
    assert not any(doubt.code is QualityCode.TEXT_ENCODING for normal in found for doubt in normal.doubts)


async def test_a_charset_that_is_not_declared_leaves_a_doubt(reading: Any) -> None:
    undeclared = replace(reading, settings=WirausahaSettings(folder=reading.settings.folder))
    found = (await undeclared.by_key(PROGRAMMES)).values()
    doubtful = {n.body.agency for n in found for doubt in n.doubts if doubt.code is QualityCode.TEXT_ENCODING}
    assert doubtful == {"dinas-perindag", "dinas-pariwisata"}


async def test_enrolments_cover_the_city(reading: Any) -> None:
    found = [normal.body for normal in (await reading.by_key(ENROLMENTS)).values()]
    assert 550 <= len(found) <= 650
    homes = {body.region.code for body in found if body.region}
    assert homes == {code for code in regions() if code.count(".") == 3}
    assert all(body.region for body in found)


async def test_people_of_the_demonstration(reading: Any) -> None:
    found = (await reading.by_key(ENROLMENTS)).values()
    owner = ENROLMENTS.resource.owner
    assert owner is not None
    of = {
        account: [normal for normal in found if owner(normal.body).nik == DEMONSTRATION[account].nik]
        for account in ("resident", "resident-damaged", "resident-renamed")
    }
    assert [normal.body.participant.name for normal in of["resident"]] == [DEMONSTRATION["resident"].name]
    assert of["resident"][0].doubts == ()
    assert [normal.body.participant.name for normal in of["resident-renamed"]] == [
        DEMONSTRATION["resident-renamed"].alias
    ]
    assert of["resident-damaged"] == []
    damaged = [n for n in found if n.body.participant.name == DEMONSTRATION["resident-damaged"].name]
    assert len(damaged) == 1
    assert owner(damaged[0].body).nik is None
    assert QualityCode.NIK_FORM in {doubt.code for doubt in damaged[0].doubts}


async def test_a_number_never_proves_whose_a_record_is(reading: Any) -> None:
    rows = [item for item in await reading.items(ENROLMENTS) if isinstance(item.nik, int | float)]
    assert len(rows) > 20
    for row in rows:
        normal = ENROLMENTS.normalise(row)
        assert not any(identifier.exact for identifier in normal.body.participant.identifiers)


async def test_an_enterprise_carries_no_person(reading: Any) -> None:
    enrolled = await reading.items(ENROLMENTS)
    people = {str(item.nama) for item in enrolled} | {str(item.nik).strip("'") for item in enrolled} - {"-"}
    for item in await reading.items(ENTERPRISES):
        text = item.model_dump_json() + ENTERPRISES.normalise(item).body.model_dump_json()
        assert not any(person in text for person in people)


async def test_enterprises_that_stand_twice_are_both_there(reading: Any) -> None:
    found = (await reading.by_key(ENTERPRISES)).values()
    double = [n for n in found if QualityCode.ID_DUPLICATE in {doubt.code for doubt in n.doubts}]
    assert len(double) >= 4
    assert len({(n.body.name, n.body.agency, n.body.year) for n in double}) < len(double)


@ROWS
async def test_a_feed_goes_on_from_its_mark(reading: Any, row: Any) -> None:
    whole = await reading.batches(row)
    assert [batch.whole for batch in whole] == [False] * (len(whole) - 1) + [True]
    assert whole[-1].next is None
    for cut in (1, len(whole) // 2, len(whole) - 1):
        rest = await reading.batches(row, whole[cut - 1].next)
        assert [batch.items for batch in rest] == [batch.items for batch in whole[cut:]]
    assert len({batch.next for batch in whole}) == len(whole)


async def test_a_mark_behind_the_last_file_ends_the_feed(reading: Any) -> None:
    (last,) = await reading.batches(ENROLMENTS, "peserta_zzz")
    assert (last.items, last.next, last.whole) == ((), None, True)


async def test_as_of_is_the_newest_claim(reading: Any) -> None:
    claims = [batch.as_of for batch in await reading.batches(ENROLMENTS)]
    assert claims == sorted(claims)
    assert claims[0].date().isoformat() == "2017-12-31"
    assert claims[-1] <= reading.call(ENROLMENTS.transport).now


async def test_keys_outlive_what_is_added_and_withdrawn(asking: Any, tell: Any) -> None:
    before = {row.resource.name: (await asking.by_key(row)).keys() for row in SPEC.reads}
    new = {
        "kind": "enrolment",
        "agency": "dinas-koperasi",
        "year": 2024,
        "name": "Aluh Contoh",
        "kelurahan": "Alalak Utara",
        "cells": {"NAMA USAHA": "Abon Contoh"},
    }
    enrolment = (await tell("POST", "/records", json=new)).json()["key"]
    programme = {"kind": "programme", "agency": "dinas-sosial", "year": 2026, "name": "Contoh Baru"}
    added = (await tell("POST", "/records", json=programme)).json()["key"]
    during = {row.resource.name: await asking.by_key(row) for row in SPEC.reads}
    assert [len(during[name].keys() - before[name]) for name in before] == [1, 1, 1]
    assert all(before[name] <= during[name].keys() for name in before)
    (name,) = [n.body for key, n in during["programme"].items() if key not in before["programme"]]
    assert (name.name.id, name.enrolled, name.agency) == ("Contoh Baru", None, "dinas-sosial")
    for key in (enrolment, added):
        assert (await tell("DELETE", f"/records/{key}")).status_code == 204
    assert {row.resource.name: (await asking.by_key(row)).keys() for row in SPEC.reads} == before


@ROWS
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", UpstreamUnavailableError),
        ("malformed", UpstreamMalformedError),
        ("html", UpstreamMalformedError),
        ("oversized", UpstreamMalformedError),
    ],
)
async def test_faults(asking: Any, tell: Any, row: Any, kind: str, error: type[Exception]) -> None:
    before = await asking.batches(row)
    assert (await tell("PUT", "/fault", json={"kind": kind})).status_code == 200
    with pytest.raises(error):
        await asking.batches(row)
    assert (await tell("PUT", "/fault", json={"kind": "none"})).status_code == 200
    after = await asking.batches(row)
    assert [batch.items for batch in after] == [batch.items for batch in before]


@pytest.mark.parametrize(
    ("content", "reason"),
    [("bomb", "unpacks to more"), ("header-moved", "column 7 of a workbook is not the agreed one: KELOMPOK")],
)
async def test_a_bad_workbook_is_refused_whole(asking: Any, tell: Any, content: str, reason: str) -> None:
    key = (await tell("POST", "/records", json={"kind": "file", "content": content})).json()["key"]
    with pytest.raises(UpstreamMalformedError, match=reason):
        await asking.batches(ENROLMENTS)
    await tell("DELETE", f"/records/{key}")
    assert await asking.by_key(ENROLMENTS)


async def test_unfinished_and_locked_files_are_left_alone(asking: Any, tell: Any) -> None:
    before = await asking.batches(ENROLMENTS)
    for content in ("half-written", "lock"):
        assert (await tell("POST", "/records", json={"kind": "file", "content": content})).status_code == 201
    assert [batch.items for batch in await asking.batches(ENROLMENTS)] == [batch.items for batch in before]


async def test_a_file_that_only_resembles_an_agreed_one_is_set_aside(asking: Any, drops: Path) -> None:
    shutil.copy(drops / "peserta_dinas-sosial_2019.xlsx", drops / "peserta_dinas-sosial_2019 (2).xlsx")
    items = await asking.items(ENROLMENTS)
    assert [item for item in items if isinstance(item, Bad)] == [Bad("a file is not named as agreed")]


async def test_a_file_under_another_years_name_is_refused(asking: Any, drops: Path) -> None:
    shutil.copy(drops / "peserta_dinas-sosial_2019.xlsx", drops / "peserta_dinas-sosial_2020.xlsx")
    with pytest.raises(UpstreamMalformedError, match="another year"):
        await asking.items(ENROLMENTS)


async def test_a_programme_file_cut_short_is_refused(asking: Any, drops: Path) -> None:
    path = drops / "program_dinas-koperasi.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    for broken in (lines[:4], [*lines[:3], lines[-1]], [], [b"<html>"]):
        path.write_bytes(b"".join(broken))
        with pytest.raises(UpstreamMalformedError):
            await asking.items(PROGRAMMES)


async def test_programmes_without_workbooks_are_not_counted(asking: Any, drops: Path) -> None:
    _remove(drops, ".xlsx")
    found = (await asking.by_key(PROGRAMMES)).values()
    assert {normal.body.enrolled for normal in found} == {None}


async def test_probe_and_an_empty_folder(asking: Any, drops: Path) -> None:
    await asking.probe()
    _remove(drops, "")
    with pytest.raises(UpstreamUnavailableError):
        await asking.probe()
    for row in SPEC.reads:
        with pytest.raises(UpstreamUnavailableError):
            await asking.items(row)
