"""Errors that stop a command or the start of the gateway, each told in one sentence."""

from typing import ClassVar, Final

TEMPORARY: Final = 75
"""The exit code for what may be over at the next try (EX_TEMPFAIL): a service manager starts the gateway again."""


class GerbangError(Exception):
    """The root of what the command line reports as one clear sentence.

    Exit code 2 means that somebody has to correct something; a service manager need not try again.
    """

    exit_code: ClassVar[int] = 2
