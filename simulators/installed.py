"""Installed simulators: distributions with an entry point in the group `gerbang.simulators`, named after the system.

    [project.entry-points."gerbang.simulators"]
    perpustakaan = "gerbang_perpustakaan_simulator.simulator"

It names the module with `SIMULATOR` and `build`. Nothing of it is run until its system is asked for.
"""

from importlib.metadata import entry_points
from typing import Final

GROUP: Final = "gerbang.simulators"


def installed_simulators() -> dict[str, list[str]]:
    """The modules that claim to be the simulator of a system, by its id: one, unless distributions are at odds."""
    found: dict[str, list[str]] = {}
    # A distribution may be found twice on the path; it is one claim all the same.
    for entry in sorted(set(entry_points(group=GROUP)), key=lambda entry: (entry.name, entry.value)):
        if entry.module not in found.setdefault(entry.name, []):
            found[entry.name].append(entry.module)
    return found
