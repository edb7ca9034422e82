"""A document that belongs to a record (FHIR DocumentReference)."""

from datetime import date
from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, general
from schemas.codes import Code, Coded

DOCUMENT_KINDS = "document-kind"
"""The code list of `DocumentKind`."""


class DocumentKind(Code):
    """The kind of a document."""

    LETTER = "letter", "Surat", "Letter"
    ATTACHMENT = "attachment", "Lampiran", "Attachment"
    DRAFT = "draft", "Rancangan", "Draft"
    INVITATION = "invitation", "Undangan", "Invitation"
    MINUTES = "minutes", "Berita acara", "Minutes"


class Document(Classed):
    """The description of a document. Its content is fetched by its id."""

    id: Annotated[
        str,
        general("Nomor dokumen", "Id of the document within its record", examples=["1"]),
        Field(pattern=r"^[A-Za-z0-9._-]{1,80}$"),
    ]
    kind: Annotated[Coded | None, general("Jenis dokumen", "Kind of document; null if the system states none")] = None
    title: Annotated[str | None, general("Judul", "Title")] = None
    number: Annotated[str | None, general("Nomor", "Number printed on it")] = None
    media_type: Annotated[str | None, general("Jenis berkas", "Media type", examples=["application/pdf"])] = None
    size: Annotated[int | None, general("Ukuran", "Size in bytes")] = None
    issued_on: Annotated[date | None, general("Terbit pada", "Day on which it was issued")] = None
    revoked: Annotated[bool, general("Dicabut", "Whether it was revoked")] = False
