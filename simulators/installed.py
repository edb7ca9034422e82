"""Installed simulators: distributions with an entry point in the group `gerbang.simulators`, named after the system.

    [project.entry-points."gerbang.simulators"]
    perpustakaan = "gerbang_perpustakaan_simulator.simulator"

The entry point names the module with `SIMULATOR` and `build`. The module is imported only when its system is requested.
"""

from importlib.metadata import entry_points
from typing import Final

GROUP: Final = "gerbang.simulators"


def installed_simulators() -> dict[str, list[str]]:
    """Return the modules that claim to be the simulator of a system, by system id; normally one each."""
    found: dict[str, list[str]] = {}
    # A distribution that is on the path twice counts once.
    for entry in sorted(set(entry_points(group=GROUP)), key=lambda entry: (entry.name, entry.value)):
        if entry.module not in found.setdefault(entry.name, []):
            found[entry.name].append(entry.module)
    return found
