"""A document that belongs to a record."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general


class DocumentStatus(StrEnum):
    """State of a document."""

    DRAFT = "draft"
    ISSUED = "issued"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Document(Classed):
    """The description of a document. Its content is fetched by its number, counted from 0 in the record's list."""

    kind: Annotated[str, general("Jenis dokumen", "Kind of document", examples=["letter"])]
    number: Annotated[str | None, general("Nomor", "Number printed on it")] = None
    media_type: Annotated[str | None, general("Jenis berkas", "Media type", examples=["application/pdf"])] = None
    size: Annotated[int | None, general("Ukuran", "Size in bytes")] = None
    issued_at: Annotated[datetime | None, general("Terbit pada", "When it was issued")] = None
    status: Annotated[DocumentStatus, general("Status", "Status")] = DocumentStatus.ISSUED
