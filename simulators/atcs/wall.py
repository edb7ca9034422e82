"""The camera wall with the inconsistencies of years: the entry of each camera, and its position."""

from typing import Any, Final

from simulators.atcs.junctions import JUNCTIONS, Junction

WIDE: Final = (
    ("SIRING-0-KM", "Siring 0 Km", -3.3189, 114.5927),
    ("JEMBATAN-MERDEKA", "Jembatan Merdeka", -3.3176, 114.5938),
)
_INTERNAL: Final = "ANTASARI-2"
_TOKEN: Final = "KAYUTANGI-2"  # noqa: S105 - the code of a camera
_OTHER_HOST: Final = "SIRING-0-KM"

Camera = dict[str, Any]
Position = dict[str, str]


def cameras() -> list[Camera]:
    """Return every camera of the wall, with the state of its stream (`aliran`, which the wall does not show)."""
    found = [_camera(code, name) for code, name, _, _ in _places()]
    states = {"MAHAJI-2": "stale", "KAMBOJA-2": "gone", "TOWER-PDAM-1": "ended", _OTHER_HOST: "live"}
    return [camera | {"aliran": states.get(camera["code"], "live")} for camera in found]


def positions() -> list[Position]:
    """Return the agency's table of positions: typed by hand, degrees as text (Q45)."""
    found = [_position(code, junction, at) for code, _, junction, at in _places()]
    return [row for row in found if row["kode"] != "JEMBATAN-MERDEKA"]


def _places() -> list[tuple[str, str, str, tuple[float, float]]]:
    places = [
        (f"{junction.slug}-{number}", f"{junction.name} {number}", junction.code, _camera_position(junction, number))
        for junction in JUNCTIONS
        for number in range(1, junction.cameras + 1)
    ]
    return places + [(code, name, "", (latitude, longitude)) for code, name, latitude, longitude in WIDE]


def _camera_position(junction: Junction, number: int) -> tuple[float, float]:
    return junction.latitude + number * 0.0002, junction.longitude - number * 0.0001


def _camera(code: str, name: str) -> Camera:
    stream = f"/stream/{code}/index.m3u8"
    camera: Camera = {"code": code, "name": name, "stream": stream, "poster": f"/stream/{code}/poster.png"}
    if code == _INTERNAL:  # Q46: the internal address of the recorder
        camera |= {"stream": f"http://10.20.4.17:8080{stream}", "host": "10.20.4.17", "status": "Online"}
    if code == _TOKEN:  # Q46: a key of the recorder in the address
        camera |= {"stream": f"{stream}?token=5f2c9a71d0", "poster": f"{camera['poster']}?token=5f2c9a71d0"}
    if code == _OTHER_HOST:
        camera["stream"] = f"https://siaran.atcs.example{stream}"
    return camera | {"status": "Online"}  # Q47: always, whatever the real state is


def _position(code: str, junction: str, at: tuple[float, float]) -> Position:
    latitude, longitude = (f"{degrees:.6f}" for degrees in at)
    if code == "MAHAJI-1":  # Q45: latitude and longitude swapped
        latitude, longitude = longitude, latitude
    if code in ("PAL-6-2", "GATOT-SUBROTO-1"):  # Q45: 0, 0
        latitude, longitude = "0", "0"
    return {"kode": code, "simpang": junction, "lintang": latitude, "bujur": longitude}
