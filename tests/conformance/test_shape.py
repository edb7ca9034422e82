"""Malformed adapters: copies of a real package, changed in one place, each fail their rule."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from adapters.contract import Batch, Files
from schemas.health import APPOINTMENT
from schemas.texts import Text

SHAPE = (
    "shape-files",
    "shape-spec",
    "shape-rows",
    "shape-datasheet",
    "shape-readme",
    "shape-settings",
    "shape-classes",
)


@pytest.mark.parametrize("rule", [*SHAPE, "shape-walls"])
def test_an_unchanged_copy_passes(copied, assert_passed, rule):
    assert_passed(copied().check(rule))


@pytest.mark.parametrize(
    ("rule", "change", "words"),
    [
        ("shape-files", ("README.md", ".+", ""), "README.md is missing"),
        ("shape-datasheet", ("__init__.py", "Quirks: ", ""), "the quirks"),
        ("shape-datasheet", ("__init__.py", '""".+?"""', ""), "no docstring"),
        ("shape-readme", ("README.md", r"\| `NAMA_LGKP`[^\n]+\n", ""), "Biodata.NAMA_LGKP"),
        (
            "shape-readme",
            ("wire.py", "class Refusal", "class Extra(Wire):\n    KODE: str\n\n\nclass Refusal"),
            "Extra.KODE",
        ),
        ("shape-settings", ("settings.py", r'description="Password of that user"', ""), "password is not described"),
        ("shape-settings", ("settings.py", "password: SecretStr", "password: str"), "password is named like a secret"),
        (
            "shape-walls",
            ("client.py", "import json\n", "import json\n\nimport starlette.requests\n"),
            "imports starlette",
        ),
        ("shape-walls", ("client.py", "import json\n", "import json\nimport socket\n"), "client imports socket"),
        (
            "shape-walls",
            ("codes.py", "$", "\n\ndef sly():\n    import urllib.request\n"),
            "codes imports urllib.request",
        ),
        ("shape-walls", ("codes.py", "$", "\nimport adapters.e_puskesmas\n"), "another adapter"),
        ("shape-walls", ("codes.py", "$", "\nfrom adapters import e_puskesmas\n"), "another adapter"),
        ("shape-walls", ("codes.py", "$", "\nimport gateway.ground.clock\n"), "imports gateway"),
        ("shape-walls", ("codes.py", "$", "\nimport datetime as d\n\nBEGAN = d.datetime.now()\n"), "reads the clock"),
        ("shape-walls", ("codes.py", "$", "\n\ndef sly():\n    return open('/etc/hosts')\n"), "calls open"),
        (
            "shape-walls",
            ("normalise.py", "$", "\n\ndef sly():\n    from . import client\n"),
            "normalise imports client",
        ),
        (
            "shape-walls",
            ("normalise.py", "$", "\n\ndef sly():\n    from . import denormalise\n"),
            "normalise imports denormalise",
        ),
        (
            "shape-walls",
            ("settings.py", "$", "\n\ndef sly():\n    from . import normalise\n"),
            "settings imports normalise",
        ),
    ],
)
def test_a_malformed_package(copied, assert_broken, rule, change, words):
    assert_broken(copied(change).check(rule), words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("from ..e_puskesmas import client", "codes imports another adapter"),
        ("from .. import e_puskesmas", "codes imports another adapter"),
        ("from ...gateway import clock", "codes imports gateway"),
    ],
)
def test_relative_imports_of_forbidden_packages(copied, assert_broken, line, words):
    adapter = copied(("codes.py", "$", f"\n\ndef sly():\n    {line}\n"))
    package = SimpleNamespace(__name__="adapters.dukcapil", __path__=[str(adapter.package.__path__[0])])
    assert_broken(replace(adapter, package=package).check("shape-walls"), words)


def test_relative_imports_within_the_package_are_allowed(copied, assert_passed):
    adapter = copied(("codes.py", "$", "\n\ndef near():\n    from ..contract import Batch\n    from . import wire\n"))
    package = SimpleNamespace(__name__="adapters.dukcapil", __path__=[str(adapter.package.__path__[0])])
    assert_passed(replace(adapter, package=package).check("shape-walls"))


async def _never(_call, _query, _mark):
    return Batch(())


async def _feed(_call, _mark):
    yield Batch((), whole=True)


def _spec(**changes):
    return lambda adapter: replace(adapter.spec, **changes)


def _limits(**changes):
    return lambda adapter: replace(adapter.spec, limits=replace(adapter.spec.limits, **changes))


def _row(**changes):
    return lambda adapter: adapter.with_row("resident", **changes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_spec(id="some-other"), "id differs from the package's name"),
        (_spec(id="Dukcapil"), "not kebab-case"),
        (_spec(title=Text(id="Saja")), "both languages"),
        (_spec(contact=" "), "no contact"),
        (_spec(probe=lambda _call: None), "probe is not an async function"),
        (_spec(probe_transport=Files()), "probe: the transport does not fit"),
        (_limits(concurrent=0), "limits.concurrent"),
        (_limits(slowest=timedelta(0)), "limits.slowest"),
        (_limits(slowest=timedelta(minutes=5)), "limits.slowest"),
        (_limits(per_minute=0), "limits.per_minute"),
    ],
)
def test_a_spec_that_is_not_valid(copied, assert_broken, change, words):
    adapter = copied()
    assert_broken(adapter.check("shape-spec", change(adapter)), words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_row(feed=_feed), "not exactly one of ask and feed"),
        (_row(ask=None), "not exactly one of ask and feed"),
        (_row(ask=None, feed=_feed), "fresh is not more than zero"),
        (_row(ask=None, feed=_feed, resource=APPOINTMENT, fresh=timedelta(1), keep=timedelta(1)), "may not be held"),
        (_row(pushes=frozenset({"shoe-size"})), "filters that the query does not have"),
        (_row(transport=Files()), "does not fit the settings"),
        (_spec(reads=()), "no reads"),
        (_spec(needs=frozenset()), "needs no identifier"),
    ],
)
def test_rows_that_contradict_themselves(copied, assert_broken, change, words):
    adapter = copied()
    assert_broken(adapter.check("shape-rows", change(adapter)), words)


def test_a_write_that_can_neither_be_repeated_nor_looked_up(letters, assert_broken):
    assert_broken(letters.check("shape-rows", letters.with_write(look=None)), "neither repeated nor looked up")


def test_a_body_without_classes(copied, assert_broken):
    class Loose(BaseModel):
        name: str

    adapter = copied()
    resource = replace(adapter.row("resident").resource, body=Loose)
    assert_broken(
        adapter.check("shape-classes", adapter.with_row("resident", resource=resource)), "no Body.*Loose is not classed"
    )
