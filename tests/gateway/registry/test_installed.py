"""Installed adapters: real distributions on a path; a broken one stops the start, unless it is optional."""

import sys
from itertools import count

import httpx
import pytest

from gateway.app import create_app
from gateway.registry.registry import load_registry
from gateway.registry.system_files import RegistryError
from gateway.settings import Settings
from tests.gateway.fakes import AGENCIES

CANARY = "geheim-4711"
SOUND = f"""
from datetime import timedelta
from adapters.contract import AdapterSpec, Http, HttpOfficeSettings, Limits
from schemas.texts import Text

async def probe(call):
    raise AssertionError

SPEC = AdapterSpec(
    id="perpustakaan", agency="disdukcapil", title=Text(id="Perpustakaan", en="Library"), version="3.1",
    contact="Dinas", settings=HttpOfficeSettings, limits=Limits(concurrent=1, slowest=timedelta(seconds=1)),
    needs=frozenset(), probe=probe, probe_transport=Http(), reads=(),
)
SECRET_OF_THE_MODULE = "{CANARY}"
"""
BROKEN = {
    "not importable": (f"import nowhere_{CANARY.replace('-', '_')}", "cannot be loaded (ModuleNotFoundError"),
    "raises": ("raise RuntimeError('first line\\nsecond line')", "cannot be loaded (RuntimeError: first line)"),
    "exits": ("raise SystemExit(3)", "cannot be loaded (SystemExit: 3)"),
    "no adapter": ("SPEC = {'id': 'perpustakaan'}", "no AdapterSpec but dict"),
    "another id": (SOUND.replace('id="perpustakaan"', 'id="other"'), "has the id other"),
    "no SPEC": ("", "cannot be loaded (AttributeError"),
}
FILE = """
[system]
id = "{id}"
kind = "{kind}"
optional = {optional}

[[offices]]
base_url = "http://127.0.0.1:9"
"""
numbers = count()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a distribution with one adapter onto the path; gives the name of its module."""

    def installing(source, *, system="perpustakaan", distribution="gerbang-perpustakaan"):
        module = f"installed_adapter_{next(numbers)}"
        site = tmp_path / module
        about = site / f"{distribution.replace('-', '_')}-2.0.dist-info"
        about.mkdir(parents=True)
        (site / f"{module}.py").write_text(source, "utf-8")
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 2.0\n", "utf-8")
        (about / "entry_points.txt").write_text(f"[gerbang.adapters]\n{system} = {module}:SPEC\n", "utf-8")
        monkeypatch.syspath_prepend(str(site))
        return module

    return installing


@pytest.fixture
def systems(tmp_path):
    """Writes a system's file; gives the folder."""

    def writing(*, system="perpustakaan", kind="installed", optional=False):
        folder = tmp_path / "systems"
        folder.mkdir(exist_ok=True)
        text = FILE.format(id=system, kind=kind, optional=str(optional).lower())
        (folder / f"{system}.toml").write_text(text, "utf-8")
        return folder

    return writing


def test_an_installed_adapter_is_a_system_like_any_other(install, systems):
    install(SOUND)
    registry = load_registry([systems()])
    assert registry.get("perpustakaan").spec.version == "3.1"
    assert registry.failed == {}


@pytest.mark.parametrize("live", [True, False])
def test_nothing_is_run_because_it_is_installed(install, systems, live):
    module = install(SOUND)
    folder = systems()
    if not live:
        (folder / "perpustakaan.toml").write_text('[system]\nid = "perpustakaan"\nkind = "installed"\nlive = false')
    load_registry([folder])
    assert (module in sys.modules) is live


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_one_stops_the_start_with_a_sentence_that_names_it_and_its_distribution(install, systems, case):
    source, says = BROKEN[case]
    install(source)
    with pytest.raises(RegistryError) as told:
        load_registry([systems()])
    sentence = str(told.value)
    assert sentence.startswith("The installed adapter perpustakaan of the distribution gerbang-perpustakaan 2.0 ")
    assert says in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("case", BROKEN)
def test_an_optional_one_is_failed_and_says_no_more_than_anybody_may_know(install, systems, case, caplog):
    source, expected = BROKEN[case]
    install(source)
    registry = load_registry([systems(optional=True)])
    assert list(registry) == []
    told = registry.failed["perpustakaan"].reason
    assert (caplog.records[-1].getMessage(), caplog.records[-1].system) == (
        "optional system not served",
        "perpustakaan",
    )
    assert expected in caplog.records[-1].reason
    assert told.en
    assert "nowhere" not in f"{told.id}{told.en}"
    assert "line" not in f"{told.id}{told.en}"


def test_one_that_is_not_installed_is_told(systems):
    with pytest.raises(RegistryError, match=r"perpustakaan\.toml: no distribution that is installed"):
        load_registry([systems()])
    assert list(load_registry([systems(optional=True)]).failed) == ["perpustakaan"]


@pytest.mark.parametrize("kind", ["installed", "built-in"])
def test_the_id_of_a_built_in_adapter_cannot_be_taken(install, systems, kind):
    install(SOUND)
    with pytest.raises(RegistryError, match=r"gerbang-perpustakaan 2\.0 and by the adapter in the tree"):
        load_registry([systems(kind=kind)], {"perpustakaan": "nowhere"})
    registry = load_registry([systems(kind=kind, optional=True)], {"perpustakaan": "nowhere"})
    assert list(registry.failed) == ["perpustakaan"]


def test_two_distributions_cannot_share_an_id(install, systems):
    install(SOUND)
    install(SOUND, distribution="gerbang-lain")
    with pytest.raises(RegistryError, match=r"gerbang-lain 2\.0 and by the distribution gerbang-perpustakaan 2\.0"):
        load_registry([systems()])


def test_a_built_in_adapter_that_cannot_be_imported_is_told_the_same_way(systems):
    folder = systems(system="register", kind="built-in")
    with pytest.raises(RegistryError, match="adapter nowhere cannot be loaded"):
        load_registry([folder], {"register": "nowhere"})


@pytest.mark.anyio
async def test_the_others_are_served_beside_a_failed_one_which_is_shown(install, systems, tmp_path):
    install("raise RuntimeError('/opt/secret/path')")
    install(SOUND.replace('"perpustakaan"', '"arsip"'), system="arsip", distribution="gerbang-arsip")
    systems(system="arsip")
    folder = systems(optional=True)
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    app = create_app(Settings(mode="demo", home=tmp_path, port=8000, agencies=agencies, systems=[folder]))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000")
    async with app.router.lifespan_context(app), client:
        listed = (await client.get("/v1/systems")).json()["items"]
        one = (await client.get("/v1/systems/perpustakaan")).json()
        agency, *offices = (await client.get("/v1/agencies")).json()["items"]
    assert [(system["id"], system["state"]) for system in listed] == [("arsip", "live"), ("perpustakaan", "failed")]
    assert one == listed[1]
    assert one["agency"] is None
    assert "RuntimeError" in str(one["reason"])
    assert "/opt" not in str(one)
    assert (agency["id"], len(offices)) == ("disdukcapil", 5 + 52)
