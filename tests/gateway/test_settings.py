"""Settings: variables over the file, and one sentence for whatever does not fit, without a secret in it."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.ground.master_key import open_sealer
from gateway.ground.sealing import MasterKeyError
from gateway.settings import Mode, Settings, SettingsError, load_settings

CANARY = "geheim-4711"


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """Reads settings from a file with this text, and these variables."""
    path = tmp_path / "gateway.toml"

    def read(text="", **variables):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        monkeypatch.setenv("GERBANG_CONFIG", str(path))
        for name, value in variables.items():
            monkeypatch.setenv(f"GERBANG_{name}", value)
        return load_settings()

    return read


def test_variables_win_over_the_file_and_the_file_over_what_is_usual(configured):
    read = configured("port = 1000\n[deadlines]\ndefault = 2\nlongest = 9", PORT="1001", DEADLINES__LONGEST="8")
    assert (read.port, read.deadlines.default, read.deadlines.longest) == (1001, 2.0, 8.0)
    address = "http://localhost:1001"
    assert (read.mode, read.issuer_url, read.audience) == (Mode.PRODUCTION, address, f"{address}/v1")
    assert read.result_hold == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("address", "host_port"),
    [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:0", ("::1", 0)), ("metrics.example:80", ("metrics.example", 80))],
)
def test_the_operators_address_is_a_host_and_a_port(configured, address, host_port):
    assert configured("", METRICS_ADDRESS=address).metrics_host_port == host_port


def test_there_is_no_operators_address_unless_it_is_given(configured):
    assert configured("").metrics_host_port is None


@pytest.mark.parametrize(
    ("text", "variables", "names"),
    [
        ("mode = [", {}, "gateway.toml"),
        (b"\xff", {}, "gateway.toml"),
        ("mode = 'x'", {}, "mode"),
        ("colour = 1", {}, "colour"),
        ("[deadlines]\ncolour = 1", {}, "deadlines.colour"),
        ("[deadlines]\ndefault = 20", {}, "order"),
        ("[deadlines]\nlongest = inf", {}, "deadlines.longest"),
        ("result_hold = 0", {}, "result_hold"),
        ("max_records = 0", {}, "max_records"),
        ("", {"PORT": "eighty"}, "port"),
        ("", {"PORT": "70000"}, "port"),
        ("", {"SYSTEMS": "here"}, "systems"),
        ("", {"ISSUER": "http://gateway.example"}, "issuer"),
        ("", {"ISSUER": "https://gateway.example/"}, "issuer"),
        ("", {"ISSUER": "https://gateway.example?a=b"}, "issuer"),
        ("", {"ISSUER": "https://gateway.example#a"}, "issuer"),
        ("", {"ISSUER": "https://me@gateway.example"}, "issuer"),
        ("", {"ISSUER": "http://[bad"}, "issuer"),
        ("", {"METRICS_ADDRESS": "9464"}, "metrics_address"),
        ("", {"METRICS_ADDRESS": "127.0.0.1:94640"}, "metrics_address"),
        ("", {"METRICS_ADDRESS": "http://127.0.0.1:9464"}, "metrics_address"),
        ("", {"METRICS_ADDRESS": "127.0.0.1:8000"}, "metrics_address"),
        ("", {"MODE": "demo", "ISSUER": "https://gateway.example"}, "demo"),
        (f"master_key = '{CANARY}'\nport = '{CANARY}'", {"DATABASE_URL": CANARY}, "port"),
    ],
)
def test_what_does_not_fit_is_told_in_one_sentence(configured, text, variables, names):
    with pytest.raises(SettingsError) as told:
        configured(text, **variables)
    sentence = str(told.value)
    assert names in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert CANARY not in sentence


@pytest.mark.parametrize("path", [".", "nowhere.toml"])
def test_a_file_that_was_named_must_be_there(tmp_path, monkeypatch, path):
    monkeypatch.setenv("GERBANG_CONFIG", str(tmp_path / path))
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings()


@pytest.mark.parametrize(
    "issuer", ["https://gateway.example", "https://gateway.example/city", "http://127.0.0.1:8000", "http://[::1]:80"]
)
def test_issuers(configured, issuer):
    assert configured("", ISSUER=issuer).issuer_url == issuer


def test_secrets_have_no_default_and_do_not_show(configured, tmp_path, monkeypatch):
    read = configured("", MASTER_KEY=CANARY, DATABASE_URL=f"postgresql://gerbang:{CANARY}@db/gerbang")
    assert CANARY not in repr(read) + str(read)
    assert CANARY in read.database
    for name in ("MASTER_KEY", "DATABASE_URL"):
        monkeypatch.delenv(f"GERBANG_{name}")
    without = Settings(mode="production", home=tmp_path)
    assert (without.master_key, without.database_url) == (None, None)
    with pytest.raises(MasterKeyError, match="GERBANG_MASTER_KEY"):
        open_sealer(without)
    assert list(tmp_path.glob("*.key")) == []


def test_every_setting_is_described():
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_the_file_in_the_tree_is_readable_and_holds_no_secret(monkeypatch):
    path = Path(__file__).resolve().parents[2] / "config" / "gateway.toml"
    monkeypatch.setenv("GERBANG_CONFIG", str(path))
    read = load_settings()
    assert (read.master_key, read.database_url) == (None, None)
