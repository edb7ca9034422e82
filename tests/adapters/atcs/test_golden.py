"""Golden pairs, and what may be shown of an address."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.atcs import SPEC, normalise
from adapters.atcs.addresses import shown
from adapters.atcs.playlists import NotAPlaylistError, newest
from adapters.atcs.wire import Hitungan, Kamera
from adapters.errors import UnusableRecordError
from schemas.dates import WITA
from schemas.doubts import DoubtCode
from schemas.texts import KEEP
from schemas.traffic import Congestion
from simulators.atcs.junctions import counts

HERE = Path(__file__).parent
CASES = sorted(path.name.removesuffix(".out.json") for path in HERE.glob("*.out.json"))
ORIGIN = "https://wall.example"


@pytest.mark.parametrize("case", CASES)
def test_a_record_becomes_what_is_written_beside_it(case: str) -> None:
    written = (HERE / f"{case}.in.json").read_bytes()
    expected = json.loads((HERE / f"{case}.out.json").read_text("utf-8"))
    normalised = normalise.camera if case.startswith("camera-") else normalise.condition
    wire: Any = (Kamera if case.startswith("camera-") else Hitungan).model_validate_json(written)
    if "set_aside" in expected:
        with pytest.raises(UnusableRecordError, match=expected["set_aside"]):
            normalised(wire)
        return
    normal: Any = normalised(wire)
    derived = {"status_text", "phase"} - set(expected["body"])
    assert expected == {
        "body": normal.body.model_dump(mode="json", context=KEEP, exclude_none=True, exclude=derived),
        "doubts": [doubt.model_dump(mode="json", exclude_none=True) for doubt in normal.doubts],
    }


@pytest.mark.parametrize(
    ("written", "congestion"),
    [
        ("0", Congestion.FREE),
        ("0.59", Congestion.FREE),
        ("0.60", Congestion.BUSY),
        ("0.70", Congestion.BUSY),
        ("0.71", Congestion.HEAVY),
        ("0.85", Congestion.HEAVY),
        ("0.86", Congestion.SLOW),
        ("1.00", Congestion.SLOW),
        ("1.01", Congestion.JAMMED),
        ("3.00", Congestion.JAMMED),
    ],
)
def test_the_degree_of_saturation_is_kept_and_decides_the_congestion(written: str, congestion: Congestion) -> None:
    row = Hitungan(simpang="S01", arah="Utara", derajat_jenuh=written, waktu="2026-11-24 08:15:00")
    normal = normalise.condition(row)
    assert (normal.body.saturation, normal.body.congestion) == (float(written), congestion)


@pytest.mark.parametrize(
    ("written", "doubts"),
    [
        ("3.01", [(DoubtCode.NUMBER_AMBIGUOUS, "/saturation")]),
        ("-0.2", [(DoubtCode.NUMBER_AMBIGUOUS, "/saturation")]),
        ("padat", [(DoubtCode.NUMBER_AMBIGUOUS, "/saturation")]),
        ("-", [(DoubtCode.PLACEHOLDER, "/saturation")]),
        (None, [(DoubtCode.FIELD_MISSING, "/saturation")]),
    ],
)
def test_without_a_degree_of_saturation_the_congestion_is_unknown(
    written: str | None, doubts: list[tuple[DoubtCode, str]]
) -> None:
    row = Hitungan(
        simpang="S01", arah="Utara", jumlah="4", selang="15", derajat_jenuh=written, waktu="2026-11-24 08:15:00"
    )
    normal = normalise.condition(row)
    assert (normal.body.saturation, normal.body.congestion) == (None, Congestion.UNKNOWN)
    assert [(doubt.code, doubt.field) for doubt in normal.doubts] == doubts


def test_the_counts_of_a_day_reach_every_level() -> None:
    rows = [row for hour in range(24) for row in counts(datetime(2026, 11, 24, hour, 20, tzinfo=WITA))]
    found = {normalise.condition(Hitungan.model_validate(row)).body.congestion for row in rows}
    assert found == set(Congestion)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("/stream/A/index.m3u8", "https://wall.example/stream/A/index.m3u8"),
        ("https://video.example/a.m3u8", "https://video.example/a.m3u8"),
        ("http://video.example/a.m3u8", None),
        ("http://10.20.4.17:8080/stream/A/index.m3u8", None),
        ("https://10.20.4.17/a.m3u8", None),
        ("https://[fd00::1]/a.m3u8", None),
        ("https://2886794753/a.m3u8", None),
        ("https://recorder/a.m3u8", None),
        ("https://nvr.internal/a.m3u8", None),
        ("https://user:key@video.example/a.m3u8", None),
        ("/stream/A/index.m3u8?token=1", None),
        ("//video.example/a.m3u8", "https://video.example/a.m3u8"),
        ("javascript:alert(1)", None),
        ("https://video.example:8443/a.m3u8", None),
        ("https://[broken/a.m3u8", None),
        ("", None),
        (None, None),
    ],
)
def test_only_what_anyone_may_open_is_shown(written: str | None, address: str | None) -> None:
    assert shown(written, ORIGIN) == address


@given(st.text(max_size=60))
def test_whatever_stands_there_is_shown_as_a_public_address_or_not_at_all(written: str) -> None:
    address = shown(written, ORIGIN)
    assert address is None or (
        address.startswith("https://") and "?" not in address and "@" not in urlsplit(address).netloc
    )


def test_the_age_of_a_playlist_is_that_of_its_last_piece() -> None:
    at = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)
    pieces = f"#EXT-X-PROGRAM-DATE-TIME:{at.isoformat()}\n#EXTINF:6.0,\na.ts\n#EXTINF:4.5,\nb.ts\n"
    assert newest(f"#EXTM3U\n{pieces}".encode(), at) == (at + timedelta(seconds=10.5), True)
    assert newest(b"#EXTM3U\n#EXTINF:6,\na.ts\n", at) == (None, False)
    assert newest(f"#EXTM3U\n{pieces}#EXT-X-ENDLIST\n".encode(), at) == (None, True)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"#EXTM3U\n{text}".encode()))
def test_no_playlist_does_more_than_be_none(content: bytes) -> None:
    try:
        newest(content, datetime(2026, 11, 24, tzinfo=UTC))
    except NotAPlaylistError:
        assert not content.removeprefix(b"\xef\xbb\xbf").startswith(b"#EXTM3U\n")


JUNK = st.none() | st.text(max_size=30) | st.sampled_from(["-", "1e9", "99999999999999", "2026-99-99 10:00:00", "0"])


@given(JUNK, JUNK, JUNK, JUNK)
def test_no_count_does_more_than_be_set_aside(counted: str, minutes: str, ratio: str, time: str) -> None:
    row = Hitungan(simpang="S01", arah="Utara", jumlah=counted, selang=minutes, derajat_jenuh=ratio, waktu=time)
    try:
        normalise.condition(row)
    except UnusableRecordError:
        pytest.fail("a count with a junction can always be shown")


def test_every_row_has_its_pairs() -> None:
    assert {case.partition("-")[0] for case in CASES} == {row.resource.name for row in SPEC.reads}
