"""The settings for commands: those of the configuration, or those of the demo that was started here."""

import os
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gateway.settings import Settings


def command_settings(*, announced: bool = False) -> "Settings":
    """The settings for a command. With `announced`, the demo is named on standard error.

    They are those of the demo where one was started in this home and no setting for production is given: no mode, no
    master key and no database. The settings file of the source tree has a mode too, so only the variable counts.
    """
    from gateway.demo.home import MARK, demo_home, demo_settings
    from gateway.settings import Mode, load_settings

    settings = load_settings()
    is_configured = (
        os.environ.get("GERBANG_MODE", Mode.DEMO) != Mode.DEMO
        or settings.master_key is not None
        or settings.database_url is not None
        or settings.home != demo_home()
    )
    if is_configured or not (settings.home / MARK).is_file():
        return settings
    if announced:
        typer.echo(f"Demo di {settings.home}. / The demo in {settings.home}.", err=True)
    return demo_settings()
