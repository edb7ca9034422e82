"""Errors that end a command or the start of the gateway, each reported in one sentence."""

from typing import ClassVar, Final

TEMPORARY: Final = 75
"""The exit code for a failure that may be temporary (EX_TEMPFAIL): a service manager starts the gateway again."""


class GerbangError(Exception):
    """Base class of errors that the command line reports as one clear sentence.

    Exit code 2 means that a person has to correct something; a service manager need not try again.
    """

    exit_code: ClassVar[int] = 2
