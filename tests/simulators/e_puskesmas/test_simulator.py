"""The promises of the interface description, without the adapter's code."""

import base64
import hashlib
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from lzstring import LZString

from simulators.e_puskesmas.offices import OFFICES
from simulators.e_puskesmas.sealing import Credentials, authorization, sealed, signature
from simulators.e_puskesmas.store import Store
from simulators.people import DEMONSTRATION
from simulators.spec import RecordRefusedError, SealRefusedError

pytestmark = pytest.mark.anyio

RESIDENT = DEMONSTRATION["resident"]
PROFILE = "/pcare-rest/faskes/profil"
CLINICS = "/antreanfktp/ref/poli/tanggal/2026-11-23"
QUEUE = "/antreanfktp/antrean/status/001/2026-11-23"


def opened(consumer, answer):
    handed = consumer.handed
    key = hashlib.sha256((handed.cons_id + handed.secret + consumer.stamp).encode()).digest()
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    packed = decryptor.update(base64.b64decode(answer.json()["response"])) + decryptor.finalize()
    return json.loads(LZString().decompressFromEncodedURIComponent(packed[: -packed[-1]].decode()))


def test_the_published_vector_byte_for_byte():
    handed = Credentials("99999", "0aSECRET9", "demo-user", "demo-pass", "key")
    assert signature(handed, "1518652800") == "EkWjjElOyPxqIS9sgri/Eyws8g1kb6OliTU9/MCIMpo="
    assert authorization(handed) == "Basic ZGVtby11c2VyOmRlbW8tcGFzczowOTU="
    value = {"noKartu": "0001234567890", "nama": "UJI É", "tglLahir": "05-02-1990", "aktif": True}
    assert sealed(value, handed, "1518652800") == (
        "c3ZYRo+WuI8Oyu+FtIWxFI983z1ZTLDomJIlxGYu0LwUiq5k6HbjF8uyD8KgjHSFclSNbiM5XOkZMqiWIlH9pfbbMsYpAaplv/UY1p5Mgyv4"
        "1mIZLj6+RzGBSRLvMJiBsS30/Nn05CJjjwBHi1YxV6gwH9tDUMQCc5AFs8Z7A6U="
    )


async def test_other_content_can_be_sealed(office):
    async with office("pekauman") as consumer:
        answer = await consumer.get(CLINICS)
        headers = {name.lower(): value for name, value in consumer.signed.items()}
        inside = consumer.state.unseal(headers, answer.content)
        assert json.loads(inside) == opened(consumer, answer)
        same = consumer.state.seal(headers, answer.content, inside)
        assert json.loads(same) == answer.json()
        lie = consumer.state.seal(headers, answer.content, '{"é": "\U0001f600'.encode() + b"\xff")
        assert json.loads(lie)["metadata"] == answer.json()["metadata"]
        assert consumer.state.unseal(headers, lie).decode() == '{"é": "\U0001f600\ufffd'


@pytest.mark.parametrize("path", [QUEUE, "/antreanfktp/antrean/status/999/2026-11-23"])
async def test_an_unsealed_answer_is_not_unsealed(office, path):
    async with office("pekauman") as consumer:
        answer = await consumer.get(path)
        assert consumer.state.unseal({"x-timestamp": consumer.stamp}, answer.content) is None
        assert consumer.state.unseal({"x-timestamp": consumer.stamp}, b"[1]") is None
        assert consumer.state.unseal({"x-timestamp": consumer.stamp}, b"<html>") is None


async def test_a_seal_of_another_request_is_refused(office):
    async with office("pekauman") as consumer:
        answer = await consumer.get(CLINICS)
        # Any other key makes something else of it, each time: nothing at all, or what cannot be unpacked.
        for headers in ({}, *({"x-timestamp": str(time)} for time in range(300))):
            with pytest.raises(SealRefusedError):
                consumer.state.unseal(headers, answer.content)
        for answer, headers in ((b"<html>", {"x-timestamp": "1"}), (b"{}", {}), (b"[]", {"x-timestamp": "1"})):
            with pytest.raises(SealRefusedError):
                consumer.state.seal(headers, answer, b"{}")


async def test_envelopes_differ_from_part_to_part(office):
    async with office("pekauman") as consumer:
        profile, clinics, queue = [await consumer.get(path) for path in (PROFILE, CLINICS, QUEUE)]
    assert profile.headers["content-type"].startswith("application/json")
    assert profile.json()["metaData"] == {"message": "OK", "code": 200}
    assert clinics.headers["content-type"].startswith("text/html")
    assert clinics.json()["metadata"] == {"message": "Ok", "code": "200"}
    assert queue.json()["metadata"]["code"] == 200
    assert queue.json()["response"]["totalantrean"].isdecimal()
    assert opened(consumer, profile)["kdProvider"] == "17990101"
    assert opened(consumer, clinics)[0] == {"kodepoli": "001", "namapoli": "POLI UMUM", "kdProvider": "17990101"}


async def test_dates_differ_from_part_to_part(office):
    async with office("pekauman") as consumer:
        participant = opened(consumer, await consumer.get(f"/pcare-rest/peserta/nik/{RESIDENT.nik}"))
        path = f"/pcare-rest/pendaftaran/peserta/{participant['noKartu']}/0/2"
        page = opened(consumer, await consumer.get(path))
        other_form = await consumer.get("/antreanfktp/antrean/status/001/23-11-2026")
    assert participant["tglLahir"] == "05-02-1990"
    assert [row["tglDaftar"][2] + row["tglDaftar"][5:8] for row in page["list"]] == ["--20", "--20"]
    assert len(page["list"]) == 2 < int(page["count"])
    assert other_form.json()["metadata"]["code"] == 201


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("X-cons-id", "1", 401),
        ("X-timestamp", "", 401),
        ("X-timestamp", "1795397399", 401),
        ("X-timestamp", "9" * 400, 401),
        ("X-signature", "AAAA", 401),
        ("X-authorization", "Basic AAAA", 401),
        ("user_key", "x", 403),
    ],
)
async def test_requests_without_the_right_headers_are_refused(office, header, value, code):
    async with office("pekauman") as consumer:
        pcare, antrean = [await consumer.get(path, **{header: value}) for path in (PROFILE, QUEUE)]
    assert (pcare.status_code, pcare.json()["metaData"]["code"]) == (code, code)
    assert (antrean.status_code, antrean.json()["metadata"]["code"]) == (200, code)
    assert pcare.json()["response"] is None


async def test_every_office_has_its_own_secrets_and_patients(office):
    async with office("pekauman") as first, office("sungai-jingah") as second:
        assert first.handed.secret != second.handed.secret
        here = await first.get(f"/pcare-rest/peserta/nik/{RESIDENT.nik}")
        there = await second.get(f"/pcare-rest/peserta/nik/{RESIDENT.nik}")
    assert here.status_code == 200
    assert (there.status_code, there.content) == (204, b"")


@pytest.mark.parametrize("name", OFFICES)
async def test_about_four_hundred_patients_and_some_duplicate_numbers(office, name):
    async with office(name) as consumer:
        store = Store(consumer.state.folder / "puskesmas.sqlite")
    assert len(store.patients()) >= 395
    today = consumer.state.clock.today()
    days = [today + timedelta(days=distance) for distance in range(-30, 11)]
    queues = [store.numbers(clinic, day) for clinic in OFFICES[name].clinics for day in days]
    assert all(queues)
    assert any(len(set(numbers)) < len(numbers) for numbers in queues)


async def test_queues_move_with_the_clock(office):
    async with office("pekauman") as consumer:
        now = (await consumer.get(QUEUE)).json()["response"]
        consumer.state.clock.offset = timedelta(minutes=-100)
        stamp = str(int(consumer.state.clock.now().timestamp()))
        early = await consumer.get(QUEUE, **{"X-timestamp": stamp, "X-signature": signature(consumer.handed, stamp)})
        consumer.state.clock.offset = timedelta(0)
    assert now["antreanpanggil"] == "A-008"
    assert early.json()["response"]["antreanpanggil"] == "-"
    assert int(early.json()["response"]["sisaantrean"]) > int(now["sisaantrean"])


async def test_the_same_seed_gives_the_same_day_and_a_second_start_the_same_data(office, tmp_path):
    path = f"/pcare-rest/pendaftaran/peserta/{RESIDENT.insurance_card}/0/50"
    async with office("cempaka") as consumer:
        first = opened(consumer, await consumer.get(path))
        key = consumer.state.add_record(
            {"kind": "appointment", "nik": RESIDENT.nik, "clinic": "001", "day": "2026-12-24"}
        )
    async with office("cempaka") as again:
        second = opened(again, await again.get(path))
        assert again.state.withdraw_record(key)
        third = opened(again, await again.get(path))
    other = tmp_path / "another"
    async with office("cempaka", folder=other) as anew:
        fourth = opened(anew, await anew.get(path))
    assert int(second["count"]) == int(first["count"]) + 1
    assert first == third == fourth


async def test_new_days_open_when_they_come_near(office):
    path = f"/pcare-rest/pendaftaran/peserta/{RESIDENT.insurance_card}/0/50"
    async with office("pekauman") as consumer:
        before = opened(consumer, await consumer.get(path))
        consumer.state.clock.offset = timedelta(days=7)
        stamp = str(int(consumer.state.clock.now().timestamp()))
        signed = {"X-timestamp": stamp, "X-signature": signature(consumer.handed, stamp)}
        assert (await consumer.get(QUEUE.replace("2026-11-23", "2026-11-30"), **signed)).status_code == 200
        consumer.state.clock.offset = timedelta(0)
        after = opened(consumer, await consumer.get(path))
    assert int(after["count"]) == int(before["count"]) + 1


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"kind": "letter"},
        {
            "kind": "patient",
            "nik": "6371980101909999",
            "card": "0009900000099",
            "name": "X",
            "sex": "L",
            "born": "1990-01-01",
        },
        {"kind": "patient", "nik": "6371990101900001", "card": "0009900000099", "name": "X", "sex": "L", "born": "x"},
        {"kind": "appointment", "nik": "6371990101900001", "clinic": "001", "day": "2026-12-24"},
        {"kind": "appointment", "nik": RESIDENT.nik, "clinic": "999", "day": "2026-12-24"},
        {"kind": "appointment", "nik": RESIDENT.nik, "clinic": "001", "day": "2026-12-24", "number": 0.5},
        {"kind": "quota", "per_day": True},
    ],
)
async def test_invalid_records_are_refused(office, record):
    async with office("pekauman") as consumer:
        with pytest.raises(RecordRefusedError):
            consumer.state.add_record(record)
        assert not consumer.state.withdraw_record("letter/1")


async def test_every_patient_who_checked_in_has_a_visit(office):
    async with office("pekauman") as consumer:
        path = f"/pcare-rest/kunjungan/peserta/{RESIDENT.insurance_card}/0/50"
        answer = await consumer.get(path)
        assert answer.json()["metaData"] == {"message": "OK", "code": "200"}
        page = opened(consumer, answer)
        booked = opened(consumer, await consumer.get(path.replace("kunjungan", "pendaftaran")))
        nobody = (await consumer.get("/pcare-rest/kunjungan/peserta/0009912345678/0/50")).json()
    assert page["count"] == str(len(page["list"]))
    came = {row["tglDaftar"] for row in booked["list"] if row["waktuCheckIn"]}
    assert {row["tglKunjungan"] for row in page["list"]} == came
    assert all(row["kdDiag1"] and row["terapi"] for row in page["list"])
    assert (nobody["response"], nobody["metaData"]["code"]) == (None, "204")
