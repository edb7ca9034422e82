"""By what an installed adapter is known again: its own code, wherever its settings come from."""

import importlib
import sys
from dataclasses import replace
from functools import partial
from itertools import count

import pytest

from adapters.lapor import SPEC as LAPOR
from gateway.registry import digests
from gateway.registry.digests import digest_of

CLIENT = """
async def probe(call):
    return {answer}
"""
SPEC = """
from functools import partial

from adapters.contract import AdapterSpec, Http, HttpOfficeSettings, Limits
from datetime import timedelta
from schemas.texts import Text
{imports}

SPEC = AdapterSpec(
    id="perpustakaan",
    agency="disdukcapil",
    title=Text(id="Perpustakaan"),
    version="1",
    contact="-",
    settings={settings},
    limits=Limits(concurrent=1, slowest=timedelta(seconds=1)),
    needs=frozenset(),
    probe={probe},
    probe_transport=Http(),
    reads=(),
)
"""
SETTINGS = """
from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    pass
"""
numbers = count()


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Loads the SPEC of a package with these files; gives it and the folder."""
    monkeypatch.syspath_prepend(tmp_path)

    def loaded(**files):
        name = f"gerbang_perpustakaan_{next(numbers)}"
        for path, text in files.items():
            file = (
                tmp_path / name / f"{path.replace('__', '/')}.py" if path != "init" else tmp_path / name / "__init__.py"
            )
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace("PACKAGE", name), "utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(name).SPEC, tmp_path / name

    yield loaded
    for name in [name for name in sys.modules if name.startswith("gerbang_perpustakaan_")]:
        del sys.modules[name]


def spec(imports, settings="HttpOfficeSettings", probe="client.probe"):
    return SPEC.format(imports=imports, settings=settings, probe=probe)


HOMES = {
    "shared settings": {"init": spec("from PACKAGE import client"), "client": CLIENT.format(answer=1)},
    "settings of a package within": {
        "init": spec("from PACKAGE import client\nfrom PACKAGE.of.settings import Settings", "Settings"),
        "client": CLIENT.format(answer=1),
        "of__settings": SETTINGS,
        "of____init__": "",
    },
    "a function with something filled in": {
        "init": spec("from PACKAGE import client", probe="partial(client.probe)"),
        "client": CLIENT.format(answer=1),
    },
}


@pytest.mark.parametrize("home", HOMES)
def test_other_code_is_another_adapter_wherever_its_settings_come_from(made, home):
    adapter, folder = made(**HOMES[home])
    before = digest_of(adapter)
    digests._package_digest.cache_clear()
    assert digest_of(adapter) == before
    (folder / "client.py").write_text(CLIENT.format(answer=2), "utf-8")
    digests._package_digest.cache_clear()
    assert digest_of(adapter) != before


def test_an_adapter_that_is_one_file_is_known_by_it(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    name = f"gerbang_perpustakaan_{next(numbers)}"
    (tmp_path / f"{name}.py").write_text(spec("", probe="print") + CLIENT.format(answer=1), "utf-8")
    module = importlib.import_module(name)
    try:
        before = digest_of(replace(module.SPEC, probe=module.probe))
        (tmp_path / f"{name}.py").write_text("# other\n", "utf-8")
        digests._package_digest.cache_clear()
        assert digest_of(replace(module.SPEC, probe=partial(module.probe))) != before
    finally:
        del sys.modules[name]


def test_what_adapters_share_is_no_adapters_own():
    found = {digests._package(name) for name in digests._modules(LAPOR)}
    assert found - {None} == {"adapters.lapor"}
    for shared in ("adapters.transports", "adapters.legacy.texts", "adapters.remote", "schemas.records", "functools"):
        assert digests._package(shared) is None
