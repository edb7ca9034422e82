"""Booking and cancelling as in the interface description, without the adapter's code."""

import json

import httpx
import pytest

from simulators.people import DEMONSTRATION
from simulators.write_loss import LossPoint

pytestmark = pytest.mark.anyio

CARD = DEMONSTRATION["resident"].insurance_card
BOOK, CANCEL = "/pcare-rest/pendaftaran", "/antreanfktp/antrean/batal"
FIELDS = {
    "kdProviderPeserta": "17990101",
    "tglDaftar": "28-11-2026",
    "noKartu": CARD,
    "kdPoli": "001",
    "keluhan": "kontrol [GB-1]",
    "kunjSakit": True,
    "kdTkp": "10",
}


def cancelling(number):
    return {
        "tanggalperiksa": "2026-11-28",
        "kodepoli": "001",
        "nomorkartu": CARD,
        "nomorantrean": number,
        "alasan": "batal saja [GB-2]",
    }


def listed(consumer):
    return consumer.get(f"/pcare-rest/pendaftaran/peserta/{CARD}/0/50")


async def test_created_in_one_part_and_failed_in_the_other_have_the_same_code(office):
    async with office("pekauman") as consumer:
        booked = await consumer.post(BOOK, json.dumps(FIELDS))
        assert (booked.status_code, booked.json()["metaData"]) == (201, {"message": "CREATED", "code": 201})
        assert isinstance(booked.json()["response"], str)  # sealed
        failed = await consumer.post(CANCEL, json.dumps(cancelling("A-999")))
        assert failed.status_code == 200
        assert failed.headers["content-type"].startswith("text/html")
        assert failed.json() == {"response": None, "metadata": {"message": "Antrean tidak ditemukan", "code": 201}}


async def test_json_must_be_declared_as_plain_text(office):
    async with office("pekauman") as consumer:
        refused = await consumer.post(BOOK, json.dumps(FIELDS), **{"content-type": "application/json"})
        assert refused.status_code == 412
        assert refused.json()["response"] == [{"field": "content-type", "message": "Content-Type harus text/plain"}]
        for body in (b"{", b"[]", b"\xff"):
            assert (await consumer.post(BOOK, body)).status_code == 412
        assert consumer.state.ledger.writes == ()


async def test_an_unauthenticated_request_writes_nothing(office):
    async with office("pekauman") as consumer:
        refused = await consumer.post(BOOK, json.dumps(FIELDS), **{"X-signature": "AAAA"})
        assert refused.status_code == 401
        assert consumer.state.ledger.writes == ()


async def test_the_ledger_holds_what_was_stored_and_no_number_of_a_person(office):
    async with office("pekauman") as consumer:
        await consumer.post(BOOK, json.dumps(FIELDS))
        (write,) = consumer.state.ledger.writes
        number = write["noUrut"]
        assert (await consumer.post(CANCEL, json.dumps(cancelling(number)))).json()["metadata"]["code"] == 200
        assert (await consumer.post(CANCEL, json.dumps(cancelling(number)))).json()["metadata"]["code"] == 201
        assert [write["code"] for write in consumer.state.ledger.writes] == ["GB-1", "GB-2"]
        assert CARD not in json.dumps(consumer.state.ledger.writes)


@pytest.mark.parametrize(("at", "stored"), [("before", 0), ("during", 1), ("after", 1)])
async def test_a_lost_connection_stores_by_its_loss_point(office, at, stored):
    async with office("pekauman") as consumer:
        consumer.state.write_loss.at = LossPoint(at)
        with pytest.raises(httpx.TransportError):
            await consumer.post(BOOK, json.dumps(FIELDS))
        assert len(consumer.state.ledger.writes) == stored
