"""Golden pairs, and what a row can do to us."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import UnusableRecordError, UpstreamMalformedError
from adapters.trans_banjarmasin import SPEC, normalise, realtime
from adapters.trans_banjarmasin.wire import DepartureRow, RouteRow, StopRow, VehicleRow
from schemas.doubts import Doubt, DoubtCode
from schemas.texts import KEEP
from simulators.trans_banjarmasin.network import LINES
from simulators.trans_banjarmasin.protobuf import VehiclePosition, feed

HERE = Path(__file__).parent
CASES = sorted(path.name.removesuffix(".out.json") for path in HERE.glob("*.out.json"))
MODELS: dict[str, Any] = {"route": RouteRow, "stop": StopRow, "departure": DepartureRow, "vehicle": VehicleRow}
ROWS = {row.resource.name: row for row in SPEC.reads}
POSITION = VehiclePosition("DA 7001 ZA", -3.32, 114.59, 1_795_000_000, route="K 1", bearing=1.5, speed=2.5)
MESSAGE = feed(1_795_000_000, [POSITION] * 3)


@pytest.mark.parametrize("case", CASES)
def test_a_record_becomes_what_is_written_beside_it(case: str) -> None:
    resource = case.partition("-")[0]
    wire = MODELS[resource].model_validate_json((HERE / f"{case}.in.json").read_bytes())
    expected = json.loads((HERE / f"{case}.out.json").read_text("utf-8"))
    if "set_aside" in expected:
        with pytest.raises(UnusableRecordError, match=expected["set_aside"]):
            ROWS[resource].normalise(wire)
        return
    normal: Any = ROWS[resource].normalise(wire)
    assert expected == {
        "body": normal.body.model_dump(mode="json", context=KEEP, exclude_none=True),
        "doubts": [doubt.model_dump(mode="json", exclude_none=True) for doubt in normal.doubts],
    }


@pytest.mark.parametrize("written", ["0", "715", "kereta gantung"])
def test_an_unknown_route_type_is_in_the_doubt(written: str) -> None:
    route = normalise.route(RouteRow(route_id="K 1", route_type=written))
    assert route.doubts == (Doubt(code=DoubtCode.CODE_UNKNOWN, field="/mode", original=written),)
    stop = normalise.stop(StopRow(stop_id="HT 0 KM", route_types=(written,)))
    assert (stop.body.mode, stop.doubts) == (None, route.doubts)


def test_a_route_without_a_type_lacks_it() -> None:
    for written in (None, "", " "):
        route = normalise.route(RouteRow(route_id="K 1", route_type=written))
        assert route.doubts == (Doubt(code=DoubtCode.FIELD_MISSING, field="/mode"),)


def test_every_route_type_of_the_operator_is_known() -> None:
    assert {str(line.kind) for line in LINES} <= set(normalise.MODES)


def test_every_row_has_its_pairs() -> None:
    assert {case.partition("-")[0] for case in CASES} == set(ROWS)


NUMBERS = st.none() | st.floats(width=32)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.none() | st.integers(0, 2**64 - 1))
def test_no_tracker_does_more_than_be_doubted(
    latitude: float | None, longitude: float | None, bearing: float | None, speed: float | None, timestamp: int | None
) -> None:
    wire = VehicleRow(
        label="A", latitude=latitude, longitude=longitude, bearing=bearing, speed=speed, timestamp=timestamp
    )
    normalise.vehicle(wire).body.model_dump_json()


@given(st.integers(0, len(MESSAGE) - 1), st.integers(0, 255))
def test_a_damaged_message_is_refused_or_read(at: int, byte: int) -> None:
    damaged = bytearray(MESSAGE)
    damaged[at] = byte
    try:
        positions = realtime.read(bytes(damaged))
    except UpstreamMalformedError:
        return
    assert len(positions.vehicles) + positions.unreadable <= len(MESSAGE)


@given(st.integers(0, len(MESSAGE) - 1))
def test_a_message_that_is_cut_short_is_no_shorter_message(length: int) -> None:
    try:
        positions = realtime.read(MESSAGE[:length])
    except UpstreamMalformedError:
        return
    # Between two entities nothing shows that more were to come; anywhere else it does.
    assert MESSAGE[length:].startswith(b"\x12")
    assert positions.unreadable == 0


def test_one_damaged_vehicle_leaves_the_others() -> None:
    good, bad = MESSAGE[:-1], b"\x12\x03\x0a\x09x"
    assert len(realtime.read(MESSAGE + bad).vehicles) == 3
    assert realtime.read(MESSAGE + bad).unreadable == 1
    with pytest.raises(UpstreamMalformedError):
        realtime.read(good)


def test_a_difference_is_no_dataset() -> None:
    with pytest.raises(UpstreamMalformedError, match="dataset"):
        realtime.read(b"\x0a\x07\x0a\x032.0\x10\x01")
    with pytest.raises(UpstreamMalformedError):
        realtime.read(b"")
