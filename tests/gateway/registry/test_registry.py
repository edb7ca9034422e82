"""The registry: files laid over each other, secrets from the environment, and one sentence for every bad file."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import Field, SecretStr

from adapters.contract import AdapterSpec, HttpOfficeSettings, Limits
from gateway.ground.errors import GerbangError
from gateway.registry.agencies import load_agencies
from gateway.registry.builtin import BUILTIN
from gateway.registry.levels import Levels
from gateway.registry.registry import Registry, load_registry
from schemas.references import AgencyReference
from schemas.system import QualityLevel
from schemas.texts import Text
from tests.gateway.fakes import Fake

CANARY = "geheim-4711"
ROOT = Path(__file__).resolve().parents[3]


class OurSettings(HttpOfficeSettings):
    """Settings of the fake's offices."""

    password: SecretStr = Field(description="Password")
    unit: str = Field(default="-", description="Unit")


@pytest.fixture
def adapter(monkeypatch):
    """An adapter that can be named by text."""
    fake = Fake("register").spec
    values = {name: getattr(fake, name) for name in AdapterSpec.__dataclass_fields__} | {"settings": OurSettings}
    module = ModuleType("adapter_of_a_register")
    module.SPEC = AdapterSpec(**values | {"limits": Limits(concurrent=1, slowest=fake.limits.slowest)})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return {"register": module.__name__}


@pytest.fixture
def read(tmp_path, adapter):
    """Reads a registry from texts: one folder for each mapping of file names."""

    def reading(*folders, builtin=adapter):
        paths = []
        for number, files in enumerate(folders):
            folder = tmp_path / f"folder{number}"
            folder.mkdir(exist_ok=True)
            for name, text in files.items():
                (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
            paths.append(folder)
        return load_registry(paths, builtin)

    return reading


ONE = f"""
[system]
id = "register"

[[offices]]
base_url = "http://127.0.0.1:9"
password = "{CANARY}"
"""
TWO = """
[system]
id = "register"

[[offices]]
id = "north"
title = { id = "Utara", en = "North" }
base_url = "http://127.0.0.1:9"
unit = "N"

[[offices]]
id = "south"
base_url = "http://127.0.0.1:9"
unit = "S"
"""


def test_a_later_folder_is_laid_over_an_earlier_one_office_by_office(read):
    over = f"""
    [[offices]]
    id = "south"
    password = "{CANARY}"
    unit = "S2"

    [[offices]]
    id = "north"
    password = "p"
    base_url = "http://127.0.0.1:10"

    [[offices]]
    id = "east"
    base_url = "http://127.0.0.1:11"
    password = "p"
    """
    registry = read({"register.toml": TWO}, {"register.toml": over})
    live = registry.get("register")
    told = [(office.id, str(office.settings.base_url), office.settings.unit) for office in live.offices]
    assert told == [
        ("north", "http://127.0.0.1:10/", "N"),
        ("south", "http://127.0.0.1:9/", "S2"),
        ("east", "http://127.0.0.1:11/", "-"),
    ]
    assert live.office("north").title.en == "North"
    assert live.office("west") is live.office(None) is registry.get("unknown") is None
    assert CANARY not in repr(live)


def test_a_system_is_suspended_by_the_folder_above(read):
    assert list(read({"register.toml": ONE}, {"register.toml": "[system]\nid = 'register'\nlive = false"})) == []


def test_secrets_come_from_the_environment(read, monkeypatch):
    monkeypatch.setenv("GERBANG_SYSTEM__REGISTER__NORTH__PASSWORD", "north's")
    monkeypatch.setenv("GERBANG_SYSTEM__REGISTER__SOUTH__PASSWORD", "south's")
    monkeypatch.setenv("GERBANG_SYSTEM__REGISTER__SOUTH__UNIT", "S9")
    north, south = read({"register.toml": TWO}).get("register").offices
    assert north.settings.password.get_secret_value() == "north's"
    assert (south.settings.password.get_secret_value(), south.settings.unit) == ("south's", "S9")


def test_an_office_without_an_id_needs_none_there(read, monkeypatch):
    monkeypatch.setenv("GERBANG_SYSTEM__REGISTER__PASSWORD", "the environment's")
    (only,) = read({"register.toml": ONE}).get("register").offices
    assert only.settings.password.get_secret_value() == "the environment's"


BAD = {
    "not TOML": ("[system", "not TOML"),
    "not UTF-8": (b"\xff\xfe", "not TOML"),
    "unknown table": (f"{ONE}\n[sistem]\nid = 1", "sistem"),
    "unknown word": (ONE.replace("id =", "colour = 1\nid ="), "colour"),
    "system is no table": ("system = 3", "system"),
    "offices is no list": ("[offices]\nid = 'x'", "offices"),
    "an office is no table": ("offices = ['x']", "offices.0"),
    "an office's id is a number": ("[[offices]]\nid = 3", "offices.0.id"),
    "an office's id is a path": ("[[offices]]\nid = '../x'", "offices.0.id"),
    "the same office twice": (TWO.replace('"south"', '"north"'), "north"),
    "two offices without an id": (ONE + ONE.replace('[system]\nid = "register"', ""), "two offices"),
    "another id than the file's name": (ONE.replace('"register"', '"other"'), "file's name"),
    "no office": ("[system]\nid = 'register'", "[[offices]]"),
    "one of several offices without an id": (
        TWO.replace('id = "south"', "").replace("unit", "password"),
        "each of several",
    ),
    "a setting is missing": (ONE.replace("password", "# password"), "password"),
    "a setting is unknown": (f"{ONE}colour = 1", "colour"),
    "no address": (ONE.replace("http://127.0.0.1:9", "nowhere"), "base_url"),
    "a title in one language": (f"{ONE}title = 'Register'", "title"),
    "grants of a remote adapter": (f"{ONE}[adapter]\nx = 1", "[adapter]"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_told_in_one_sentence_that_names_it_and_the_field(read, case):
    text, names = BAD[case]
    with pytest.raises(GerbangError) as told:
        read({"register.toml": text})
    sentence = str(told.value)
    assert "register.toml" in sentence
    assert names in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert CANARY not in sentence


def test_what_cannot_be_found_is_told(read, adapter, tmp_path):
    with pytest.raises(GerbangError, match=r"nowhere does not exist"):
        load_registry([tmp_path / "nowhere"], adapter)
    with pytest.raises(GerbangError, match="no adapter register"):
        read({"register.toml": ONE}, builtin={"other": "x"})
    with pytest.raises(GerbangError, match="has the id register"):
        read({"other.toml": ONE.replace('"register"', '"other"')}, builtin={"other": adapter["register"]})
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / "register.toml").symlink_to(tmp_path / "away")
    with pytest.raises(GerbangError, match="cannot be read"):
        load_registry([tmp_path / "dangling"], adapter)


def test_systems_stand_in_the_order_of_their_ids_and_rows_are_found_by_resource():
    systems = [Fake("z", asks=("application",)), Fake("a", asks=("application",), offices=("n", "s")), Fake("m")]
    registry = Registry(system.live for system in systems)
    assert [live.spec.id for live in registry] == ["a", "m", "z"]
    found = [(live.spec.id, office.id, row.resource.name) for live, office, row in registry.reading("application")]
    assert found == [("a", "n", "application"), ("a", "s", "application"), ("z", None, "application")]
    assert list(registry.reading("unheard-of")) == []


def test_every_adapter_is_named_after_its_folder():
    folders = {path.name for path in (ROOT / "adapters").iterdir() if (path / "wire.py").exists()}
    assert {module.removeprefix("adapters.") for module in BUILTIN.values()} <= folders
    assert all(module == f"adapters.{system_id.replace('-', '_')}" for system_id, module in BUILTIN.items())


AGENCIES = """
[[agencies]]
id = "disdukcapil"
name = { id = "Dinas", en = "Agency" }

[[agencies]]
id = "polda"
name = { id = "Kepolisian" }
abbreviation = "Polda Kalsel"
other_names = ["Polres"]
kind = "partner"
"""


@pytest.fixture
def agencies(tmp_path):
    def reading(text, *systems):
        path = tmp_path / "agencies.toml"
        path.write_text(text)
        return load_agencies(path, Registry(system.live for system in systems))

    return reading


def test_agencies_are_those_of_the_file_and_the_offices_of_the_regions(agencies):
    known = agencies(AGENCIES, Fake("register"))
    assert [known[name].kind for name in ("disdukcapil", "polda")] == ["agency", "partner"]
    assert len(known) == 2 + 5 + 52
    office = known["kelurahan-mantuil"]
    assert (office.kind, office.parent.id, office.region.code) == (
        "kelurahan",
        "kecamatan-banjarmasin-selatan",
        "63.71.01.1001",
    )
    assert {agency.parent.id for agency in known.values() if agency.parent} <= set(known)


@pytest.mark.parametrize(
    ("written", "agency"),
    [
        ("Kepolisian", "polda"),
        ("KEPOLISIAN", "polda"),
        ("Polda Kalsel", "polda"),
        ("Polres", "polda"),
        ("Kel. Mantuil", "kelurahan-mantuil"),
        ("Dinas Angkasa", None),
    ],
)
def test_a_reference_is_completed_by_any_name_of_the_agency(agencies, written, agency):
    known = agencies(AGENCIES, Fake("register"))
    complete = known.complete(AgencyReference(name=Text(id=written)))
    assert complete.id == agency
    assert complete.name.id == (known[agency].name.id if agency else written)


def test_a_reference_is_completed_by_its_id(agencies):
    known = agencies(AGENCIES, Fake("register"))
    assert known.complete(AgencyReference(id="polda")).name.id == "Kepolisian"
    unknown = AgencyReference(id="dinas-angkasa")
    assert known.complete(unknown) == unknown
    assert known.complete(AgencyReference()) == AgencyReference()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[[agencies", "not TOML"),
        ("", "agencies"),
        (AGENCIES.replace('"partner"', '"club"'), "agencies.1.kind"),
        (AGENCIES.replace('"polda"', '"Polda Kalsel"'), "an id has only small letters"),
        (AGENCIES.replace('"polda"', '"disdukcapil"'), "same id"),
        (AGENCIES.replace("name = { id", "nama = { id"), "agencies.0.name"),
        (AGENCIES.replace('"Polres"', '"Dinas"'), "two agencies have the name Dinas"),
        (AGENCIES.replace('"disdukcapil"', '"other"'), "unknown"),
    ],
)
def test_a_bad_list_of_agencies_is_told_in_one_sentence(agencies, text, names):
    with pytest.raises(GerbangError) as told:
        agencies(text, Fake("register"))
    assert "agencies.toml" in str(told.value)
    assert names in str(told.value)
    assert "\n" not in str(told.value)


def test_the_committed_agencies_own_every_adapter_in_the_tree():
    class Owned:
        def __init__(self, module):
            __import__(module)
            self.spec, self.offices = sys.modules[module].SPEC, ()

    owned = [Owned(module) for module in BUILTIN.values()]
    known = load_agencies(ROOT / "config" / "agencies.toml", Registry(owned))
    assert {one.spec.agency for one in owned} <= set(known)


@pytest.mark.parametrize("text", ["", "[]", "3", '{"level": "tin", "at": "2026-01-01"}', '{"level": "gold"}'])
def test_a_report_that_cannot_be_read_is_no_level(tmp_path, text):
    (tmp_path / "register.json").write_text(text)
    assert Levels(tmp_path, tmp_path / "none").of("register", None) is None


def test_levels_are_read_with_their_date(tmp_path):
    (tmp_path / "register.json").write_text(json.dumps({"level": "silver", "at": "2026-11-23T09:00:00+08:00"}))
    (tmp_path / "other.json").write_text(json.dumps({"level": None, "at": "2026-11-23T09:00:00+08:00"}))
    level = Levels(tmp_path, tmp_path / "none").of("register", None)
    assert (level.level, level.at.isoformat()) == (QualityLevel.SILVER, "2026-11-23T09:00:00+08:00")
    assert Levels(tmp_path, tmp_path / "none").of("other", None).level is None
    assert Levels(tmp_path, tmp_path / "none").of("never-checked", None) is None
