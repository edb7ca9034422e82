"""Remote systems in `systems/*.toml`: granted there, or the start stops with one sentence."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.contract import Need
from gateway.registry.registry import load_registry
from gateway.registry.system_files import RegistryError

PBB = Path("config/systems/pbb.toml").read_text("utf-8")
SECRET = "a secret of these tests, long enough"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GERBANG_SYSTEM__PBB__SECRET", SECRET)
    return tmp_path


def load(folder: Path, text: str) -> object:
    (folder / "pbb.toml").write_text(text, "utf-8")
    return load_registry([folder])


def test_what_is_granted_becomes_rows(folder: Path) -> None:
    (folder / "pbb.toml").write_text(PBB, "utf-8")
    live = load_registry([folder]).get("pbb")
    assert live is not None
    (row,) = live.spec.reads
    assert (row.resource.name, row.pushes) == ("bill", {"year"})
    assert live.spec.needs == {Need.NIK}
    assert [one.scheme for one in live.spec.codes] == ["bill-kind"]
    assert live.spec.limits.slowest == timedelta(seconds=5)
    (office,) = live.offices
    assert SECRET not in repr(office)
    assert live.spec.settings.model_fields["secret"].annotation is type(office.settings.secret)  # type: ignore[attr-defined]


def test_a_later_folder_is_laid_over_the_grant(folder: Path, tmp_path: Path) -> None:
    (folder / "pbb.toml").write_text(PBB, "utf-8")
    above = tmp_path / "above"
    above.mkdir()
    (above / "pbb.toml").write_text('[adapter]\nversion = "1.1.0"\n[[offices]]\nbase_url = "http://127.0.0.1:1"\n')
    live = load_registry([folder, above]).get("pbb")
    assert live is not None
    assert live.spec.version == "1.1.0"
    assert live.spec.agency == "bpkpad"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (('resource = "bill"', 'resource = "bills"'), "there is no resource bills"),
        (('pushes = ["year"]', 'pushes = ["nik"]'), "the query of bill has no filter nik"),
        (('needs = ["nik"]', 'needs = ["mother"]'), "[adapter] needs"),
        (('needs = ["nik"]', "x = 1"), "[adapter] needs: Field required"),
        (("concurrent = 4", 'concurrent = "4"'), "[adapter] limits.concurrent"),
        (("slowest_seconds = 5", "slowest_seconds = 600"), "[adapter] limits.slowest_seconds"),
        (('agency = "bpkpad"', 'agency = "bpkpad"\nspeed = 1'), "[adapter] speed"),
        (('kind = "remote"', 'kind = "far"'), "kind"),
        (('kind = "remote"', ""), "[adapter] is for systems of the kind remote"),
        (('scheme = "bill-kind"', 'scheme = "pbb/kind"'), "[adapter] codes.0"),
        (('way = "ask"', 'way = "ask"\n[[adapter.writes]]\nname = "pay"'), "[adapter] writes"),
    ],
)
def test_a_wrong_grant_stops_the_start_with_one_sentence(folder: Path, changed: tuple[str, str], sentence: str) -> None:
    text = PBB.replace(*changed)
    assert tomllib.loads(text) != tomllib.loads(PBB)
    with pytest.raises(RegistryError) as raised:
        load(folder, text)
    assert str(raised.value).startswith("systems/pbb.toml: ")
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_short_secret_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GERBANG_SYSTEM__PBB__SECRET", "short-and-bad")
    with pytest.raises(RegistryError) as raised:
        load(folder, PBB)
    assert "short-and-bad" not in str(raised.value)


def test_a_remote_system_without_a_grant_is_refused(folder: Path) -> None:
    with pytest.raises(RegistryError, match="agency: Field required"):
        load(folder, '[system]\nid = "pbb"\nkind = "remote"\n')
