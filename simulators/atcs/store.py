"""The centre's storage: cameras and positions in two files, created on the first start."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulators.atcs import wall


class Store:
    """The wall and the table of positions; changes survive a restart."""

    def __init__(self, folder: Path) -> None:
        self._wall = folder / "dinding.json"
        self._table = folder / "posisi.json"
        self.cameras: list[wall.Camera] = _load(self._wall, wall.cameras)
        self.positions: list[wall.Position] = _load(self._table, wall.positions)

    def state_of(self, code: str) -> str | None:
        """Return the state of a camera's stream; None for an unknown camera."""
        return next((camera["aliran"] for camera in self.cameras if camera["code"] == code), None)

    def put(self, camera: wall.Camera) -> None:
        """Append a camera to the wall, or update an existing one."""
        known = [one["code"] for one in self.cameras]
        if camera["code"] in known:
            self.cameras[known.index(camera["code"])] |= camera
        else:
            self.cameras.append({"name": camera["code"], "stream": "", "poster": "", "aliran": "live", **camera})
        _save(self._wall, self.cameras)

    def remove(self, code: str) -> bool:
        """Remove a camera; return whether there was one."""
        remaining = [camera for camera in self.cameras if camera["code"] != code]
        removed = len(remaining) < len(self.cameras)
        self.cameras = remaining
        _save(self._wall, remaining)
        return removed


def _load(path: Path, default: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    if not path.exists():
        _save(path, default())
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return rows


def _save(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
