"""The adapter before the running simulator: timetable, departures around midnight, and vehicles without plates."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from adapters.contract import Bad
from adapters.errors import CredentialsRefusedError, UpstreamMalformedError
from adapters.trans_banjarmasin import client, normalise
from schemas.dates import WITA
from schemas.doubts import DoubtCode
from schemas.places import Point, position_of
from schemas.references import AgencyReference
from schemas.texts import Text
from schemas.transit import Departure, TransitMode, WheelchairBoarding
from simulators.trans_banjarmasin.network import HALTS, LINES

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 24, 12, tzinfo=WITA)


async def _items(feed: Any) -> list[Any]:
    batches = [batch async for batch in feed]
    assert batches[-1].whole
    assert batches[-1].next is None
    return [item for batch in batches for item in batch.items]


async def _departures(operator: Any, at: datetime, mark: str | None = None) -> list[Departure]:
    items = await _items(client.feed_departures(operator.call(at=at), mark))
    assert not any(isinstance(item, Bad) for item in items)
    assert len({normalise.departure_key(item) for item in items}) == len(items)
    return [normalise.departure(item).body for item in items]


async def test_every_line_and_every_stop_comes(operator: Any) -> None:
    await client.probe(operator.call())
    items = await _items(client.feed_routes(operator.call(), None))
    routes = {item.route_id: normalise.route(item).body for item in items}
    assert {key: route.mode for key, route in routes.items()} == {
        line.id: TransitMode.BOAT if line.kind == 4 else TransitMode.BUS for line in LINES
    }
    assert all(route.fare for route in routes.values())
    assert {route.agency for route in routes.values()} == {AgencyReference(name=Text(id="Trans Banjarmasin"))}
    assert {key: tuple(stop.id for stop in route.stops) for key, route in routes.items()} == {
        line.id: line.halts for line in LINES
    }
    assert {stop.name for route in routes.values() for stop in route.stops} == {halt.name for halt in HALTS.values()}
    assert {route.text_colour for route in routes.values()} == {"FFFFFF"}
    # Of the shape of KL 2 one point is 0,0 (Q45); the others begin at the first stop and end at the last one.
    assert {key for key, route in routes.items() if route.shape is None} == {"KL 2"}
    ends = routes["K 1"].shape.coordinates
    assert (ends[0], ends[-1]) == ((114.6246, -3.3436), (114.5898, -3.3259))
    stops = {item.stop_id: normalise.stop(item) for item in await _items(client.feed_stops(operator.call(), None))}
    assert set(stops) == set(HALTS)
    assert {key for key, stop in stops.items() if stop.body.location is None} == {"HT GATOT 01"}
    assert position_of(stops["HT 0 KM"].body.location) == Point(coordinates=(114.5926, -3.319))
    assert stops["DMG KUIN"].body.mode is TransitMode.BOAT
    assert stops["HT GATOT 01"].body.name == "Halte Gatot Subroto"
    assert {stop.body.code for stop in stops.values()} == {f"{at:04d}" for at in range(1, len(HALTS) + 1)}
    assert {stop.body.wheelchair_boarding for stop in stops.values()} == {*WheelchairBoarding, None}


async def test_departures_of_three_service_days_point_at_stops_and_routes(operator: Any) -> None:
    found = await _departures(operator, NOON)
    assert {departure.service_day for departure in found} == {date(2026, 11, day) for day in (23, 24, 25)}
    assert {departure.stop.id for departure in found} <= set(HALTS)
    assert {departure.route.id for departure in found} == {line.id for line in LINES}
    assert {departure.headway for departure in found} == {None, 600, 1800}


async def test_just_after_midnight_yesterdays_last_boat_is_still_to_come(operator: Any) -> None:
    at = datetime(2026, 11, 25, 0, 20, tzinfo=WITA)
    last = [one for one in await _departures(operator, at) if at <= one.departs_at < at + timedelta(minutes=30)]
    assert {(one.stop.id, one.departs_at - at) for one in last} == {
        ("DMG SIRING 0 KM", timedelta(minutes=10)),
        ("DMG KUIN", timedelta(minutes=10)),
        ("DMG PSR LAMA", timedelta(minutes=22)),
    }
    assert {one.service_day for one in last} == {date(2026, 11, 24)}


async def test_a_holiday_and_the_weekend(operator: Any) -> None:
    holiday = datetime(2026, 8, 17, 12, tzinfo=WITA)
    operator.state.clock.offset = holiday - datetime.now(WITA)
    found = await _departures(operator, holiday)
    of_the_day = {one.trip for one in found if one.service_day == holiday.date()}
    assert of_the_day == {"KL 2 PERGI 0960", "KL 2 PULANG 0960"}
    # 17 August 2026 is a Monday: the boat of the weekend runs on the day before it and not on the day after.
    weekend = {one.service_day for one in found if one.trip == "KL 2 PERGI 0960"}
    assert weekend == {date(2026, 8, 16), date(2026, 8, 17)}


async def test_a_feed_that_was_broken_off_goes_on(operator: Any) -> None:
    rest = await _departures(operator, NOON, "2026-11-25")
    assert {departure.service_day for departure in rest} == {date(2026, 11, 25)}
    assert len(await _departures(operator, NOON, "nonsense")) > len(rest)


async def test_vehicles_without_their_plates(operator: Any) -> None:
    batches = [batch async for batch in client.feed_vehicles(operator.call(), None)]
    found = [normalise.vehicle(item) for item in batches[0].items]
    assert len({normal.body.label for normal in found}) == 12
    told = repr(batches) + " ".join(normal.body.model_dump_json() for normal in found)
    assert "DA 7" not in told
    assert batches[0].as_of is not None
    assert abs(batches[0].as_of - operator.state.clock.now()) < timedelta(minutes=1)
    doubts = [{doubt.code for doubt in normal.doubts} for normal in found]
    assert sum(DoubtCode.RECORD_OUTDATED in codes for codes in doubts) == 1
    assert sum(DoubtCode.DATE_DEFAULT_1970 in codes for codes in doubts) == 1
    assert sum(DoubtCode.POSITION_OUTSIDE in codes for codes in doubts) == 1
    assert sum(normal.body.location is None for normal in found) == 1


async def test_buses_are_on_a_trip_of_the_timetable_in_the_hours_of_service(operator: Any) -> None:
    operator.state.clock.offset = NOON - datetime.now(WITA)
    found = [normalise.vehicle(item).body for item in await _items(client.feed_vehicles(operator.call(at=NOON), None))]
    on_a_trip = {one.trip: one.route.id for one in found if one.trip}
    assert on_a_trip == {"K 1 PERGI": "K 1", "K 2 PERGI": "K 2"}
    assert set(on_a_trip) < {departure.trip for departure in await _departures(operator, NOON)}


async def test_a_label_stays_with_its_vehicle_and_changes_with_the_key(operator: Any) -> None:
    async def labels() -> set[str]:
        return {item.label for item in await _items(client.feed_vehicles(operator.call(), None))}

    before = await labels()
    operator.state.add_record({"kind": "vehicle", "plate": "da  7001 zz", "line": "K 1"})
    (added,) = await labels() - before
    operator.state.withdraw_record("da  7001 zz")
    operator.state.add_record({"kind": "vehicle", "plate": "DA 7001 ZZ", "line": "K 2"})
    assert await labels() - before == {added}
    other = operator.call(key="another-key").settings
    assert client._label(operator.settings, "DA 7001 ZZ") == added != client._label(other, "DA 7001 ZZ")


async def test_without_the_key_nothing_comes(operator: Any) -> None:
    with pytest.raises(CredentialsRefusedError):
        await client.probe(operator.call(key="another-key"))
    with pytest.raises(CredentialsRefusedError):
        await _items(client.feed_routes(operator.call(key="another-key"), None))


@pytest.mark.parametrize("kind", ["bomb", "many-parts", "cut-short", "no-stop-times"])
async def test_an_archive_that_is_none_or_hurts_is_refused(operator: Any, kind: str) -> None:
    operator.state.add_record({"kind": "archive", "as": kind})
    with pytest.raises(UpstreamMalformedError):
        await _items(client.feed_departures(operator.call(), None))


async def test_another_dialect_is_not_guessed(operator: Any) -> None:
    operator.state.add_record({"kind": "archive", "as": "other-dialect"})
    with pytest.raises(UpstreamMalformedError, match="stops"):
        await _items(client.feed_stops(operator.call(), None))


async def test_a_bus_every_second_is_set_aside(operator: Any) -> None:
    operator.state.add_record({"kind": "archive", "as": "endless-headway"})
    items = await _items(client.feed_departures(operator.call(at=NOON), None))
    assert any(isinstance(item, Bad) for item in items)
    assert any(not isinstance(item, Bad) for item in items)
