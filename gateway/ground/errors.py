"""Errors that stop a command or the start of the gateway, each told in one sentence."""


class GerbangError(Exception):
    """The root of what the command line reports as one clear sentence with exit code 2."""
