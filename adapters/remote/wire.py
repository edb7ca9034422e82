"""The messages of the adapter protocol. `openapi/adapter-protocol.json` is made of these models, and of
those in `grant`.

Types are strict: a number written as text is an error here, since the remote adapter is written for this protocol.
Members that nobody declared are ignored, except within a body, which has to be canonical and nothing else.
"""

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

from adapters.legacy.envelopes import fault
from schemas.quality import Quality

WORD: Final = r"^[a-z]+(-[a-z]+){0,9}$"
LONGEST_KEY: Final = 500


def says(title_id: str, title_en: str, **more: Any) -> Any:  # noqa: ANN401 - a field declaration fits every type
    """Declare a member: Indonesian title, English title, and what pydantic's `Field` takes."""
    return Field(title=title_id, description=title_en, **more)


Key = Annotated[str, says("Kunci", "The system's own key: stable, and not a NIK", min_length=1, max_length=LONGEST_KEY)]
Mark = Annotated[str, Field(min_length=1, max_length=2000)]


class Wire(BaseModel):
    """A message, or a part of one. Nothing of it is shown by `repr`."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        return []


# What the gateway asks.


class AskedSubject(Wire):
    """The resident whom a question is about: only the identifiers that `needs` names."""

    nik: Annotated[str | None, says("NIK", "Number of the resident")] = None
    kk: Annotated[str | None, says("No. KK", "Number of the family card")] = None
    phone: Annotated[str | None, says("Telepon", "Telephone")] = None


Asked = Annotated[AskedSubject | None, says("Warga", "The resident; null for a question about nobody")]


class Ask(Wire):
    """A question for one page of a list."""

    subject: Asked = None
    query: Annotated[
        dict[str, JsonValue], says("Saringan", "Those filters among `pushes` that were given", default_factory=dict)
    ]
    mark: Annotated[Mark | None, says("Tanda", "`next` of the page before; null for the first")] = None


class AskOne(Wire):
    """A question for one record."""

    key: Key
    subject: Asked = None


class AskFeed(Wire):
    """A question for the next part of a whole."""

    mark: Annotated[Mark | None, says("Tanda", "`next` of the part before; null for the first")] = None


class AskContent(Wire):
    """A question for a document of a record."""

    key: Key
    number: Annotated[int, says("Nomor", "Which of the record's documents, from 0", ge=0)]
    subject: Asked = None


class Write(Wire):
    """A command, to send or to look up."""

    command: Annotated[dict[str, JsonValue], says("Perintah", "The canonical command of that name")]
    code: Annotated[str, says("Kode tanda terima", "Receipt code: put it where it can be found again")]
    subject: Annotated[AskedSubject | None, says("Warga", "On whose behalf")] = None


# What the remote adapter answers.


class Item(Wire):
    """One record: its key, its canonical body, and the doubts about it."""

    key: Key
    body: Annotated[dict[str, JsonValue], says("Isi", "The canonical body of the resource, and nothing else")]
    doubts: Annotated[tuple[Quality, ...], says("Keraguan", "What is doubtful about it", strict=False)] = ()


class BadItem(Wire):
    """A record that the system holds and that cannot be made canonical; it is counted, and the reason is logged."""

    bad: Annotated[str, says("Alasan", "Why, as a kebab-case word", pattern=WORD, examples=["no-owner"])]


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

    items: Annotated[tuple[Entry, ...], says("Rekaman", "Records in the system's order")]
    as_of: Annotated[AwareDatetime | None, says("Keadaan per", "As of when, as the system claims")] = None
    next: Annotated[Mark | None, says("Berikutnya", "Mark of what follows; null at the end")] = None
    whole: Annotated[bool, says("Utuh", "Of the last part of a feed: what did not come is gone")] = False


class OneItem(Wire):
    """One record; null when the system has none of this key."""

    item: Annotated[Item | None, says("Rekaman", "The record")]


class DocumentContent(Wire):
    """A document."""

    content: Annotated[str, says("Isi", "Its bytes in base64", json_schema_extra={"contentEncoding": "base64"})]
    media_type: Annotated[
        str, says("Jenis media", "Media type", pattern=r"^[a-z]+/[a-z0-9.+-]{1,80}$", examples=["application/pdf"])
    ]
    filename: Annotated[str, says("Nama berkas", "File name without personal data", pattern=r"^[\w .()-]{1,120}$")]


class OneDocument(Wire):
    """A document; null when there is none of this number."""

    document: Annotated[DocumentContent | None, says("Dokumen", "The document")]


class Ready(Wire):
    """The system behind the adapter is there."""

    ready: Annotated[Literal[True], says("Siap", "Always true; otherwise the answer is a problem")]


class WasStored(Wire):
    """The system has the write."""

    outcome: Annotated[Literal["stored"], says("Hasil", "What has become of it")]
    key: Key
    reference: Annotated[str | None, says("Nomor rujukan", "What it tells the resident", max_length=200)] = None


class WasRefused(Wire):
    """The system refuses the write for a reason."""

    outcome: Annotated[Literal["refused"], says("Hasil", "What has become of it")]
    code: Annotated[str, says("Kode alasan", "The reason as a kebab-case word", pattern=WORD)]
    reason: Annotated[str, says("Alasan", "The system's own text", max_length=500)]


class IsAbsent(Wire):
    """The system does not have the write."""

    outcome: Annotated[Literal["absent"], says("Hasil", "What has become of it")]


class IsPending(Wire):
    """The system has been handed the write, or may have been, and says later what has become of it."""

    outcome: Annotated[Literal["pending"], says("Hasil", "What has become of it")]


class AdapterProblem(Wire):
    """Why there is no answer (RFC 9457). Only the status decides what the gateway makes of it."""

    type: Annotated[str, says("Jenis", "What it is", examples=["urn:gerbang:adapter:system-away"])] = "about:blank"
    title: Annotated[str, says("Judul", "What it is, for operators; no personal data")]
    status: Annotated[int, says("Status", "The answer's status", ge=400, le=599)]
