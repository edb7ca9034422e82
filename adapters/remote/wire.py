"""The messages of the adapter protocol. `openapi/adapter-protocol.json` is generated from them and those in `grant`.

Types are strict: a number sent as text is an error, because the remote adapter is written for this protocol. Undeclared
members are ignored, except within a body, which must be exactly canonical.
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

from adapters.legacy.envelopes import validation_summary
from schemas.doubts import Doubt

WORD: Final = r"^[a-z]+(-[a-z]+){0,9}$"
LONGEST_KEY: Final = 500


def described(title_id: str, title_en: str, **more: Any) -> Any:  # noqa: ANN401 - a field declaration fits every type
    """Declare a member: Indonesian title, English description, and further arguments of pydantic's `Field`."""
    return Field(title=title_id, description=title_en, **more)


Key = Annotated[
    str, described("Kunci", "The system's own key: stable, and not a NIK", min_length=1, max_length=LONGEST_KEY)
]
Mark = Annotated[str, Field(min_length=1, max_length=2000)]


class Wire(BaseModel):
    """A message, or a part of one. Its `repr` shows no content."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        return []


# Requests of the gateway.


class AskedSubject(Wire):
    """The resident whom a request concerns: only the identifiers named in `needs`."""

    nik: Annotated[str | None, described("NIK", "Number of the resident")] = None
    kk: Annotated[str | None, described("No. KK", "Number of the family card")] = None
    phone: Annotated[str | None, described("Telepon", "Telephone")] = None


Asked = Annotated[AskedSubject | None, described("Warga", "The resident; null for a request that concerns no resident")]


class Ask(Wire):
    """A request for one page of a list."""

    subject: Asked = None
    query: Annotated[
        dict[str, JsonValue], described("Saringan", "The filters named in `pushes` that were set", default_factory=dict)
    ]
    mark: Annotated[Mark | None, described("Tanda", "`next` of the page before; null for the first")] = None


class AskOne(Wire):
    """A request for one record."""

    key: Key
    subject: Asked = None


class AskFeed(Wire):
    """A request for the next part of a feed."""

    mark: Annotated[Mark | None, described("Tanda", "`next` of the part before; null for the first")] = None


class AskContent(Wire):
    """A request for a document of a record."""

    key: Key
    document: Annotated[
        str, described("Nomor dokumen", "`id` of the document in its record", min_length=1, max_length=LONGEST_KEY)
    ]
    subject: Asked = None


class Write(Wire):
    """A command, to send or to look up."""

    command: Annotated[dict[str, JsonValue], described("Perintah", "The canonical command of that name")]
    code: Annotated[str, described("Kode tanda terima", "Receipt code: store it where it can be searched for")]
    subject: Annotated[AskedSubject | None, described("Warga", "The resident on whose behalf it is sent")] = None


# Answers of the remote adapter.


class Item(Wire):
    """One record: its key, its canonical body, and the doubts about it."""

    key: Key
    body: Annotated[dict[str, JsonValue], described("Isi", "The canonical body of the resource, and nothing else")]
    doubts: Annotated[tuple[Doubt, ...], described("Keraguan", "Doubts about the record", strict=False)] = ()


class BadItem(Wire):
    """A record of the system that cannot be made canonical; it is counted, and the reason is logged."""

    bad: Annotated[str, described("Alasan", "The reason as a kebab-case word", pattern=WORD, examples=["no-owner"])]


def _kind(value: object) -> str:
    return "bad" if isinstance(value, dict) and "bad" in value else "item"


def _or_bad(value: object, handler: ValidatorFunctionWrapHandler) -> Item | BadItem:
    """Return an invalid item as `BadItem`, so that the rest of the page is kept."""
    try:
        read: Item | BadItem = handler(value)
    except ValidationError as error:
        return BadItem.model_construct(bad=validation_summary(error))
    return read


Entry = Annotated[
    Annotated[Item, Tag("item")] | Annotated[BadItem, Tag("bad")], Discriminator(_kind), WrapValidator(_or_bad)
]


class Page(Wire):
    """One page of a list, or one part of a feed."""

    items: Annotated[tuple[Entry, ...], described("Rekaman", "Records in the system's order")]
    as_of: Annotated[AwareDatetime | None, described("Keadaan per", "Time of the data, as the system states it")] = None
    next: Annotated[Mark | None, described("Berikutnya", "Mark of the next page or part; null at the end")] = None
    whole: Annotated[
        bool, described("Utuh", "True on the last part of a feed: the feed is complete, other records no longer exist")
    ] = False


class OneItem(Wire):
    """One record; null when the system has none of this key."""

    item: Annotated[Item | None, described("Rekaman", "The record")]


class DocumentContent(Wire):
    """The content of a document."""

    content: Annotated[str, described("Isi", "The bytes in base64", json_schema_extra={"contentEncoding": "base64"})]
    media_type: Annotated[
        str, described("Jenis media", "Media type", pattern=r"^[a-z]+/[a-z0-9.+-]{1,80}$", examples=["application/pdf"])
    ]
    filename: Annotated[
        str,
        described(
            "Nama berkas",
            "File name without personal data",
            # The length is not part of the pattern: `\w{1,120}` compiles to 12 MB, since `\w` is all of Unicode.
            pattern=r"^[\w .()-]+$",
            max_length=120,
        ),
    ]


class OneDocument(Wire):
    """A document; null when the record has none with this id."""

    document: Annotated[DocumentContent | None, described("Dokumen", "The document")]


class Ready(Wire):
    """The system behind the adapter is available."""

    ready: Annotated[Literal[True], described("Siap", "Always true; otherwise the answer is a problem")]


class WasStored(Wire):
    """The system has stored the write."""

    outcome: Annotated[Literal["stored"], described("Hasil", "Outcome of the write")]
    key: Key
    reference: Annotated[
        str | None, described("Nomor rujukan", "Number that the resident may quote", max_length=200)
    ] = None


class WasRefused(Wire):
    """The system refuses the write for a reason."""

    outcome: Annotated[Literal["refused"], described("Hasil", "Outcome of the write")]
    code: Annotated[str, described("Kode alasan", "The reason as a kebab-case word", pattern=WORD)]
    reason: Annotated[str, described("Alasan", "The system's own text", max_length=500)]


class IsAbsent(Wire):
    """The system does not have the write."""

    outcome: Annotated[Literal["absent"], described("Hasil", "Outcome of the write")]


class IsPending(Wire):
    """The system has, or may have, received the write and decides later."""

    outcome: Annotated[Literal["pending"], described("Hasil", "Outcome of the write")]


class AdapterProblem(Wire):
    """Why there is no answer (RFC 9457). Only the status decides how the gateway reacts."""

    type: Annotated[
        str, described("Jenis", "Identifier of the kind of problem", examples=["urn:gerbang:adapter:system-away"])
    ] = "about:blank"
    title: Annotated[str, described("Judul", "Short description for operators; no personal data")]
    status: Annotated[int, described("Status", "The answer's status", ge=400, le=599)]
