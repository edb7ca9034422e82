"""The rows against the running simulator, through the gateway's own files engine."""

import os
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError, UpstreamUnavailableError
from adapters.wirausaha_baru import ENROLMENTS, ENTERPRISES, PROGRAMMES, SPEC
from adapters.wirausaha_baru.settings import WirausahaSettings
from schemas.doubts import Doubt, DoubtCode
from schemas.enterprise import EnterpriseStatus
from schemas.entitlement import EntitlementStatus
from schemas.identifiers import IdentifierScheme
from schemas.places import RegionLevel, region_code, regions
from simulators.people import DEMONSTRATION
from simulators.wirausaha_baru.agencies import BY_ID, long_date

pytestmark = pytest.mark.anyio
ROWS = pytest.mark.parametrize("row", SPEC.reads, ids=lambda row: row.resource.name)


def _dated(folder: Path, names: str, first: datetime, step: timedelta) -> list[datetime]:
    """Set the times of the files, in the order of their names, and return them."""
    times = []
    for number, path in enumerate(sorted(folder.glob(names))):
        times.append(first + number * step)
        os.utime(path, times=(times[-1].timestamp(),) * 2)
    return times


def _remove(folder: Path, ending: str) -> None:
    for path in folder.iterdir():
        if path.name.endswith(ending):
            path.unlink()


async def test_programmes(reading: Any) -> None:
    found = [normal.body for normal in (await reading.by_key(PROGRAMMES)).values()]
    assert len(found) == 18
    assert {body.year for body in found} <= set(range(2016, 2027))
    assert {2016, 2026} <= {body.year for body in found}
    assert {body.agency.id for body in found} == BY_ID.keys()
    places = [normal.body for normal in (await reading.by_key(ENROLMENTS)).values()]
    for body in found:
        taken = [one for one in places if (one.agency, one.year) == (body.agency, body.year)]
        assert body.enrolled == len(taken) > 0
        assert body.grant is not None
        assert body.closes_on is not None
        assert {one.programme.name for one in taken} == {body.name.id}


async def test_charsets_are_read_as_declared(reading: Any) -> None:
    found = (await reading.by_key(PROGRAMMES)).values()
    windows = {normal.body.description.id for normal in found if normal.body.agency.id == "dinas-perindag"}
    assert windows == {"Peralatan produksi – termasuk “Kafé Sungai” dan kain sasirangan"}
    assert not any(doubt.code is DoubtCode.TEXT_ENCODING for normal in found for doubt in normal.doubts)


async def test_a_charset_that_is_not_declared_leaves_a_doubt(reading: Any) -> None:
    undeclared = replace(reading, settings=WirausahaSettings(folder=reading.settings.folder))
    found = (await undeclared.by_key(PROGRAMMES)).values()
    doubtful = {n.body.agency.id for n in found for doubt in n.doubts if doubt.code is DoubtCode.TEXT_ENCODING}
    assert doubtful == {"dinas-perindag", "dinas-pariwisata"}


async def test_enrolments_cover_the_city(reading: Any) -> None:
    found = [normal.body for normal in (await reading.by_key(ENROLMENTS)).values()]
    assert 550 <= len(found) <= 650
    homes = {region_code(body.location) for body in found}
    assert homes == {code for code, region in regions().items() if region.level is RegionLevel.KELURAHAN}


async def test_an_enrolment_in_a_list_is_in_force_whatever_became_of_the_enterprise(reading: Any) -> None:
    found = [normal.body for normal in (await reading.by_key(ENROLMENTS)).values()]
    assert {body.status for body in found} == {EntitlementStatus.ACTIVE}
    assert {body.enterprise.status for body in found} == set(EnterpriseStatus)


async def test_only_a_word_that_was_never_agreed_is_an_unknown_state(reading: Any) -> None:
    agreed = {"Rintisan", "Aktif", "Berhenti", "Pindah", "Tidak terlacak"}
    items = await reading.items(ENTERPRISES)
    assert {item.status for item in items} == agreed | {"Vakum"}
    for item in items:
        normal = ENTERPRISES.normalise(item)
        unknown = Doubt(code=DoubtCode.STATUS_UNKNOWN, field="/status", original=item.status)
        assert (normal.body.status is EnterpriseStatus.UNKNOWN) == (item.status not in agreed)
        assert (unknown in normal.doubts) == (item.status not in agreed)


async def test_a_doubt_about_a_participant_contains_no_word_of_the_list(reading: Any) -> None:
    found = [doubt for normal in (await reading.by_key(ENROLMENTS)).values() for doubt in normal.doubts]
    assert ("/enterprise/status", DoubtCode.STATUS_UNKNOWN) in {(doubt.field, doubt.code) for doubt in found}
    assert {doubt.original for doubt in found} == {None}


async def test_only_a_number_of_the_right_length_is_a_nib(reading: Any) -> None:
    kinds = set()
    for normal in (await reading.by_key(ENTERPRISES)).values():
        numbers = normal.body.identifiers
        assert len(numbers) <= 1
        assert all(one.scheme is IdentifierScheme.NIB and len(one.value) == 13 for one in numbers)
        exact = numbers[0].exact if numbers else None
        kinds.add((exact, *(doubt.code for doubt in normal.doubts if (doubt.field or "").startswith("/identifiers"))))
    assert kinds == {(True,), (None, DoubtCode.NUMBER_FORM), (None, DoubtCode.PLACEHOLDER)}


async def test_people_of_the_demonstration(reading: Any) -> None:
    found = (await reading.by_key(ENROLMENTS)).values()
    owner = ENROLMENTS.resource.owner
    assert owner is not None
    of = {
        account: [normal for normal in found if owner(normal.body).nik == DEMONSTRATION[account].nik]
        for account in ("resident", "resident-damaged", "resident-renamed")
    }
    assert [normal.body.holder.name for normal in of["resident"]] == [DEMONSTRATION["resident"].name]
    assert of["resident"][0].doubts == ()
    assert [normal.body.holder.name for normal in of["resident-renamed"]] == [DEMONSTRATION["resident-renamed"].alias]
    assert of["resident-damaged"] == []
    damaged = [n for n in found if n.body.holder.name == DEMONSTRATION["resident-damaged"].name]
    assert len(damaged) == 1
    assert owner(damaged[0].body).nik is None
    assert DoubtCode.NIK_FORM in {doubt.code for doubt in damaged[0].doubts}


async def test_a_number_never_proves_whose_a_record_is(reading: Any) -> None:
    rows = [item for item in await reading.items(ENROLMENTS) if isinstance(item.nik, int | float)]
    assert len(rows) > 20
    for row in rows:
        normal = ENROLMENTS.normalise(row)
        assert not any(identifier.exact for identifier in normal.body.holder.identifiers)


async def test_an_enterprise_carries_no_person(reading: Any) -> None:
    enrolled = await reading.items(ENROLMENTS)
    people = {str(item.nama) for item in enrolled} | {str(item.nik).strip("'") for item in enrolled} - {"-"}
    for item in await reading.items(ENTERPRISES):
        text = item.model_dump_json() + ENTERPRISES.normalise(item).body.model_dump_json()
        assert not any(person in text for person in people)


async def test_enterprises_that_stand_twice_are_both_there(reading: Any) -> None:
    found = (await reading.by_key(ENTERPRISES)).values()
    double = [n for n in found if DoubtCode.ID_DUPLICATE in {doubt.code for doubt in n.doubts}]
    assert len(double) >= 4
    assert len({(n.body.name, n.body.agency.id, n.body.year) for n in double}) < len(double)


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


async def test_each_batch_is_as_of_the_day_in_its_own_title(reading: Any) -> None:
    enrolled, enterprises = await reading.batches(ENROLMENTS), await reading.batches(ENTERPRISES)
    assert [batch.as_of for batch in enterprises] == [batch.as_of for batch in enrolled]
    dated = [batch for batch in enrolled if BY_ID[batch.items[0].skpd].dated]
    for batch in dated:
        assert {item.per_tanggal for item in batch.items} == {long_date(batch.as_of.date())}
    assert len({batch.as_of for batch in dated}) > 5
    # The newest list of one agency does not make the older lists of the next agency new.
    assert sorted(dated, key=lambda batch: batch.as_of) != dated


@ROWS
async def test_a_batch_without_a_titled_day_is_as_of_the_time_of_its_own_file(
    asking: Any, drops: Path, row: Any
) -> None:
    names = "program_*.csv" if row is PROGRAMMES else "peserta_*.xlsx"
    times = _dated(drops, names, asking.call(row.transport).now - timedelta(days=100), -timedelta(days=1))
    undated = 0
    for batch, written_at in zip(await asking.batches(row), times, strict=True):
        if row is PROGRAMMES or not BY_ID[batch.items[0].skpd].dated:
            assert batch.as_of == written_at
            undated += 1
    assert undated >= 3


async def test_a_file_from_the_future_is_as_of_now(asking: Any, drops: Path) -> None:
    now = asking.call(PROGRAMMES.transport).now
    _dated(drops, "program_*.csv", now + timedelta(days=1), timedelta())
    assert {batch.as_of for batch in await asking.batches(PROGRAMMES)} == {now}


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
    assert (name.name.id, name.enrolled, name.agency.id) == ("Contoh Baru", None, "dinas-sosial")
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
