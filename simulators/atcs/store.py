"""The centre's own storage: its cameras and their positions, in two files, made on the first start."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulators.atcs import wall


class Store:
    """The wall and the table of positions; what is changed outlives a restart."""

    def __init__(self, folder: Path) -> None:
        self._wall = folder / "dinding.json"
        self._table = folder / "posisi.json"
        self.cameras: list[wall.Camera] = _kept(self._wall, wall.cameras)
        self.positions: list[wall.Position] = _kept(self._table, wall.positions)

    def state_of(self, code: str) -> str | None:
        """How a camera's stream fares; None where there is no such camera."""
        return next((camera["aliran"] for camera in self.cameras if camera["code"] == code), None)

    def put(self, camera: wall.Camera) -> None:
        """A new camera at the end of the wall, or another state of affairs for one that hangs there."""
        known = [one["code"] for one in self.cameras]
        if camera["code"] in known:
            self.cameras[known.index(camera["code"])] |= camera
        else:
            self.cameras.append({"name": camera["code"], "stream": "", "poster": "", "aliran": "live", **camera})
        _keep(self._wall, self.cameras)

    def remove(self, code: str) -> bool:
        """Take a camera down; says whether there was one."""
        left = [camera for camera in self.cameras if camera["code"] != code]
        removed = len(left) < len(self.cameras)
        self.cameras = left
        _keep(self._wall, left)
        return removed


def _kept(path: Path, made: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    if not path.exists():
        _keep(path, made())
    kept: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return kept


def _keep(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
