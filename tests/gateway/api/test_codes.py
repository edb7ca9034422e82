"""`/v1/codes`: the values of every coded field, in the reader's language."""

import csv
import io
from dataclasses import replace

import pytest

from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.registry.system_files import RegistryError
from gateway.settings import Settings
from schemas.case import CaseStatus
from schemas.code_lists import CodeList, CodeValue, scheme_of
from schemas.facility import FacilityKind
from schemas.texts import Text
from tests.gateway.fakes import Fake, gateway_before

pytestmark = pytest.mark.anyio

CSV = "text/csv"
LETTERS = CodeList(
    scheme="letter-type",
    name=Text(id="Jenis surat", en="Type of letter"),
    values=(
        CodeValue(code="domicile", text=Text(id="Surat Keterangan Domisili", en="Statement of domicile")),
        CodeValue(code="loss", text=Text(id="Surat Keterangan Kehilangan")),
    ),
)
KBLI = CodeList(scheme="kbli-2020", name=Text(id="KBLI 2020", en="KBLI 2020"), complete=False)


def system(name="register", codes=(LETTERS, KBLI)):
    fake = Fake(name, asks=("application",))
    fake.spec = replace(fake.spec, codes=codes)
    return fake


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    async with gateway_before(tmp_path, system()) as opened:
        yield opened


async def listed(gateway, **headers):
    return {item["scheme"]: item for item in (await gateway.get("/v1/codes", **headers)).json()["items"]}


async def test_every_list_is_named_in_the_readers_language(gateway):
    for language, name, status in (
        ("id", "Jenis surat", "Status perkara"),
        ("en", "Type of letter", "Status of a case"),
    ):
        found = await listed(gateway, accept_language=language)
        assert found["letter-type"] == {"scheme": "letter-type", "name": name, "size": 2, "complete": True}
        assert found["case-status"]["name"] == status
        assert found["case-status"]["size"] == len(CaseStatus)
    assert found["kbli-2020"] == {"scheme": "kbli-2020", "name": "KBLI 2020", "size": 0, "complete": False}
    assert list(found) == sorted(found)


async def test_every_listed_scheme_can_be_opened(gateway):
    for scheme, item in (await listed(gateway)).items():
        values = (await gateway.get(f"/v1/codes/{scheme}")).json()
        assert len(values["items"]) == item["size"]
        assert (values["next"], values["complete"], values["sources"]) == (None, item["complete"], [])


async def test_values_of_an_adapters_list(gateway):
    answer = await gateway.get("/v1/codes/letter-type", accept_language="en")
    assert answer.json()["items"] == [
        {"code": "domicile", "text": "Statement of domicile", "phase": None},
        {"code": "loss", "text": "Surat Keterangan Kehilangan", "phase": None},
    ]
    assert answer.headers["cache-control"].startswith("public, max-age=3600")


async def test_a_status_gives_its_phase(gateway):
    items = (await gateway.get("/v1/codes/case-status")).json()["items"]
    assert {item["code"]: item["phase"] for item in items} == {
        status.value: status.phase.value if status.phase else None for status in CaseStatus
    }


async def test_kinds_of_the_canonical_schema_need_no_declaration(gateway):
    items = (await gateway.get("/v1/codes/facility-kind")).json()["items"]
    assert [item["code"] for item in items] == list(FacilityKind)


async def test_lists_and_values_as_csv(gateway):
    async def table(path):
        answer = await gateway.get(path, accept=CSV, accept_language="en")
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert {"scheme": "letter-type", "name": "Type of letter", "size": "2", "complete": "true"} in await table(
        "/v1/codes"
    )
    assert (await table("/v1/codes/letter-type"))[0] == {
        "code": "domicile",
        "text": "Statement of domicile",
        "phase": "",
    }


@pytest.mark.parametrize("scheme", ["letter", "lapor%2Ftopik", "LETTER-TYPE", "plan-scheme"])
async def test_an_unknown_list_is_not_found(gateway, scheme):
    answer = await gateway.get(f"/v1/codes/{scheme}")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/not-found")


async def test_every_enumeration_of_the_document_has_a_list(gateway):
    document = (await gateway.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    named = {name.removesuffix("Choice") for name, schema in schemas.items() if "x-value-titles" in schema}
    assert named
    assert {scheme_of(name) for name in named} <= set(await listed(gateway))


async def test_systems_that_contradict_each_other_stop_the_start(tmp_path):
    other = LETTERS.model_copy(update={"name": Text(id="Surat", en="Letters")})
    registry = Registry([system().live, system("other", (other,)).live])
    with pytest.raises(RegistryError, match="contradict each other about the code list letter-type"):
        create_app(Settings(mode="demo", home=tmp_path, port=8000), registry=registry)
