"""The demonstration's home folder and settings."""

import json
import os
from pathlib import Path
from typing import Final

from gateway.demo.city import city_home
from gateway.demo.credentials import DemoError
from gateway.settings import Mode, Settings, load_settings

MARK: Final = "demo.json"


def ensure_home() -> Path:
    """The demo's home, created for its owner only if missing. Raises `DemoError` when it cannot be used."""
    home = demo_home()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DemoError(f"The folder {home} cannot be used: {error.strerror}.") from None
    if not os.access(home, os.W_OK | os.X_OK):
        raise DemoError(f"The folder {home} cannot be used: nothing can be written to it.")
    return home


def demo_settings() -> Settings:
    """The settings of the demo that was started in this home. Raises `DemoError` when there is none."""
    home = demo_home()
    if os.environ.get("GERBANG_MODE", Mode.DEMO) != Mode.DEMO:
        raise DemoError("This command works in the demo only, but GERBANG_MODE is another mode.")
    try:
        mark = json.loads((home / MARK).read_text(encoding="utf-8"))
        return settings_at(home, int(mark["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise DemoError(
            f"This command works in the demo only, and no demo was started in {home}: run make demo."
        ) from None


def settings_at(home: Path, port: int) -> Settings:
    """The settings of a demo in this home, on this port."""
    return load_settings(
        mode=Mode.DEMO,
        home=home,
        port=port,
        systems=(package_folder() / "config/systems", city_home() / "systems"),
        agencies=package_folder() / "config/agencies.toml",
    )


def demo_home() -> Path:
    """The demo's home: `GERBANG_HOME`, or `.gerbang`."""
    return Path(os.environ.get("GERBANG_HOME") or ".gerbang")


def package_folder() -> Path:
    """The folder in which the packages and `config` are."""
    return Path(__file__).resolve().parents[2]
