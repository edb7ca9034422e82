"""Twins that are installed: distributions with an entry point in the group `gerbang.twins`, named after their system.

    [project.entry-points."gerbang.twins"]
    perpustakaan = "gerbang_perpustakaan_twin.twin"

It names the module with `TWIN` and `build`. Nothing of it is run until its system is asked for.
"""

from importlib.metadata import entry_points
from typing import Final

GROUP: Final = "gerbang.twins"


def installed_twins() -> dict[str, list[str]]:
    """The modules that claim to be the twin of a system, by its id: one, unless distributions are at odds."""
    found: dict[str, list[str]] = {}
    # A distribution may be found twice on the path; it is one claim all the same.
    for entry in sorted(set(entry_points(group=GROUP)), key=lambda entry: (entry.name, entry.value)):
        if entry.module not in found.setdefault(entry.name, []):
            found[entry.name].append(entry.module)
    return found
