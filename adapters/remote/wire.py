"""The messages of the adapter protocol. `openapi/adapter-protocol.json` is made of these models.

Types are strict: a number written as text is an error here, since the remote adapter is written for this protocol.
Members that nobody declared are ignored, except within a body, which has to be canonical and nothing else. Durations
are in seconds.
"""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from adapters.contract import Need
from adapters.legacy.envelopes import fault
from schemas.quality import Quality
from schemas.texts import Text

WORD: Final = r"^[a-z]+(-[a-z]+){0,9}$"
LONGEST_KEY: Final = 500


def _says(title_id: str, title_en: str, **more: Any) -> Any:  # noqa: ANN401 - a field declaration fits every type
    """Declare a member: Indonesian title, English title, and what pydantic's `Field` takes."""
    return Field(title=title_id, description=title_en, **more)


Key = Annotated[
    str, _says("Kunci", "The system's own key: stable, and not a NIK", min_length=1, max_length=LONGEST_KEY)
]
Mark = Annotated[str, Field(min_length=1, max_length=2000)]
Seconds = int | float


class Wire(BaseModel):
    """A message, or a part of one. Nothing of it is shown by `repr`."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        return []


# What the remote adapter says of itself, and what the operator grants.


class RowLimits(Wire):
    """What one office of the system can bear."""

    concurrent: Annotated[int, _says("Permintaan serempak", "Most requests at a time", ge=1, le=100)]
    slowest_seconds: Annotated[Seconds, _says("Jawaban terlama", "Slowest answer worth waiting for", gt=0, le=60)]
    per_minute: Annotated[int | None, _says("Permintaan per menit", "Most requests a minute", gt=0)] = None
    per_day: Annotated[int | None, _says("Permintaan per hari", "Most requests a day", gt=0)] = None
    max_items: Annotated[
        int, _says("Rekaman terbanyak", "Most records of one answer, all its pages together", gt=0, le=1_000_000)
    ] = 10_000


class Way(StrEnum):
    """How a resource is read: asked for live, or fetched whole on a schedule."""

    ASK = "ask"
    FEED = "feed"


class ReadRow(Wire):
    """One resource that the system answers for."""

    resource: Annotated[str, _says("Jenis data", "Name of the resource", examples=["bill"])]
    way: Annotated[Way, _says("Cara", "Asked for live, or fed")]
    one: Annotated[bool, _says("Satu rekaman", "Whether single records can be asked for by key")] = False
    content: Annotated[bool, _says("Dokumen", "Whether records have documents")] = False
    pushes: Annotated[
        frozenset[str], _says("Saringan", "Filters of the query that the system honours; the gateway filters again")
    ] = frozenset()
    max_bytes: Annotated[int, _says("Ukuran terbesar", "Largest answer in bytes", ge=1, le=50_000_000)] = 4_000_000
    fresh_seconds: Annotated[Seconds, _says("Segar", "Of a feed: how old a copy may be and count as held", ge=0)] = 0
    keep_seconds: Annotated[Seconds, _says("Simpan", "Of a feed: how long a copy may be shown", ge=0)] = 0


class WriteRow(Wire):
    """One command that the system carries out."""

    name: Annotated[str, _says("Nama perintah", "Name of the command", examples=["submit-application"])]
    idempotent: Annotated[bool, _says("Idempoten", "Whether sending it twice does no harm")]
    settle_seconds: Annotated[Seconds, _says("Waktu tenang", "How long until `absent` can be believed", ge=0)]
    look: Annotated[bool, _says("Dapat dicari", "Whether a write can be looked up by its receipt code")]
    max_bytes: Annotated[int, _says("Ukuran terbesar", "Largest answer in bytes", ge=1, le=1_000_000)] = 100_000


class Granted(Wire):
    """What an adapter may do: all of it but the system's id. Pinned in the gateway's settings."""

    model_config = ConfigDict(extra="forbid")

    agency: Annotated[str, _says("Dinas", "Id of the agency that owns the system", pattern=r"^[a-z][a-z0-9-]*$")]
    title: Annotated[Text, _says("Judul", "Title in both languages")]
    version: Annotated[str, _says("Versi adaptor", "Version of the adapter", min_length=1)]
    contact: Annotated[str, _says("Kontak", "Whom to tell when something is wrong", min_length=1)]
    assumed: Annotated[bool, _says("Andaian", "Whether the system's interface rests on assumptions")] = False
    limits: Annotated[RowLimits, _says("Batas", "What the system can bear")]
    needs: Annotated[frozenset[Need], _says("Pengenal", "Identifiers of a resident that the system is entitled to see")]
    reads: Annotated[tuple[ReadRow, ...], _says("Bacaan", "What it answers for")]
    writes: Annotated[tuple[WriteRow, ...], _says("Tulisan", "What it carries out")] = ()


class Description(Granted):
    """What a remote adapter says of itself; it has to be what was granted."""

    model_config = ConfigDict(extra="ignore")

    protocol: Annotated[Literal["1"], _says("Versi protokol", "Version of this protocol")]
    id: Annotated[str, _says("Id", "Id of the system; never changes", pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]


# What the gateway asks.


class AskedSubject(Wire):
    """The resident whom a question is about: only the identifiers that `needs` names."""

    nik: Annotated[str | None, _says("NIK", "Number of the resident")] = None
    kk: Annotated[str | None, _says("No. KK", "Number of the family card")] = None
    phone: Annotated[str | None, _says("Telepon", "Telephone")] = None


Asked = Annotated[AskedSubject | None, _says("Warga", "The resident; null for a question about nobody")]


class Ask(Wire):
    """A question for one page of a list."""

    subject: Asked = None
    query: Annotated[
        dict[str, JsonValue], _says("Saringan", "Those filters among `pushes` that were given", default_factory=dict)
    ]
    mark: Annotated[Mark | None, _says("Tanda", "`next` of the page before; null for the first")] = None


class AskOne(Wire):
    """A question for one record."""

    key: Key
    subject: Asked = None


class AskFeed(Wire):
    """A question for the next part of a whole."""

    mark: Annotated[Mark | None, _says("Tanda", "`next` of the part before; null for the first")] = None


class AskContent(Wire):
    """A question for a document of a record."""

    key: Key
    number: Annotated[int, _says("Nomor", "Which of the record's documents, from 0", ge=0)]
    subject: Asked = None


class Write(Wire):
    """A command, to send or to look up."""

    command: Annotated[dict[str, JsonValue], _says("Perintah", "The canonical command of that name")]
    code: Annotated[str, _says("Kode tanda terima", "Receipt code: put it where it can be found again")]
    subject: Annotated[AskedSubject | None, _says("Warga", "On whose behalf")] = None


# What the remote adapter answers.


class Item(Wire):
    """One record: its key, its canonical body, and the doubts about it."""

    key: Key
    body: Annotated[dict[str, JsonValue], _says("Isi", "The canonical body of the resource, and nothing else")]
    doubts: Annotated[tuple[Quality, ...], _says("Keraguan", "What is doubtful about it", strict=False)] = ()


class BadItem(Wire):
    """A record that the system holds and that cannot be made canonical; it is counted, and the reason is logged."""

    bad: Annotated[str, _says("Alasan", "Why, as a kebab-case word", pattern=WORD, examples=["no-owner"])]


def _kind(value: object) -> str:
    return "bad" if isinstance(value, dict) and "bad" in value else "item"


def _or_bad(value: object, handler: ValidatorFunctionWrapHandler) -> Item | BadItem:
    """What is no item costs itself, not its page."""
    try:
        read: Item | BadItem = handler(value)
    except ValidationError as error:
        return BadItem.model_construct(bad=fault(error))
    return read


Entry = Annotated[
    Annotated[Item, Tag("item")] | Annotated[BadItem, Tag("bad")], Discriminator(_kind), WrapValidator(_or_bad)
]


class Page(Wire):
    """One page of a list, or one part of a feed."""

    items: Annotated[tuple[Entry, ...], _says("Rekaman", "Records in the system's order")]
    as_of: Annotated[AwareDatetime | None, _says("Keadaan per", "As of when, as the system claims")] = None
    next: Annotated[Mark | None, _says("Berikutnya", "Mark of what follows; null at the end")] = None
    whole: Annotated[bool, _says("Utuh", "Of the last part of a feed: what did not come is gone")] = False


class OneItem(Wire):
    """One record; null when the system has none of this key."""

    item: Annotated[Item | None, _says("Rekaman", "The record")]


class DocumentContent(Wire):
    """A document."""

    content: Annotated[str, _says("Isi", "Its bytes in base64", json_schema_extra={"contentEncoding": "base64"})]
    media_type: Annotated[
        str, _says("Jenis media", "Media type", pattern=r"^[a-z]+/[a-z0-9.+-]{1,80}$", examples=["application/pdf"])
    ]
    filename: Annotated[str, _says("Nama berkas", "File name without personal data", pattern=r"^[\w .()-]{1,120}$")]


class OneDocument(Wire):
    """A document; null when there is none of this number."""

    document: Annotated[DocumentContent | None, _says("Dokumen", "The document")]


class Ready(Wire):
    """The system behind the adapter is there."""

    ready: Annotated[Literal[True], _says("Siap", "Always true; otherwise the answer is a problem")]


class WasStored(Wire):
    """The system has the write."""

    outcome: Annotated[Literal["stored"], _says("Hasil", "What has become of it")]
    key: Key
    reference: Annotated[str | None, _says("Nomor rujukan", "What it tells the resident", max_length=200)] = None


class WasRefused(Wire):
    """The system refuses the write for a reason."""

    outcome: Annotated[Literal["refused"], _says("Hasil", "What has become of it")]
    code: Annotated[str, _says("Kode alasan", "The reason as a kebab-case word", pattern=WORD)]
    reason: Annotated[str, _says("Alasan", "The system's own text", max_length=500)]


class IsAbsent(Wire):
    """The system does not have the write."""

    outcome: Annotated[Literal["absent"], _says("Hasil", "What has become of it")]


class IsPending(Wire):
    """The system has been handed the write, or may have been, and says later what has become of it."""

    outcome: Annotated[Literal["pending"], _says("Hasil", "What has become of it")]


class AdapterProblem(Wire):
    """Why there is no answer (RFC 9457). Only the status decides what the gateway makes of it."""

    type: Annotated[str, _says("Jenis", "What it is", examples=["urn:gerbang:adapter:system-away"])] = "about:blank"
    title: Annotated[str, _says("Judul", "What it is, for operators; no personal data")]
    status: Annotated[int, _says("Status", "The answer's status", ge=400, le=599)]
