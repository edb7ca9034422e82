"""Doubts about a record, as codes."""

from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general


class QualityCode(StrEnum):
    """A doubt about a record. The record is shown with its doubts; doubts never hide it."""

    DATE_ZERO = "date-zero"
    DATE_IMPOSSIBLE = "date-impossible"
    DATE_DEFAULT_1970 = "date-default-1970"
    DATE_UNTRUSTED = "date-untrusted"
    NIK_FORM = "nik-form"
    NIK_LEADING_ZERO_LOST = "nik-leading-zero-lost"
    NIK_DATE_MISMATCH = "nik-date-mismatch"
    NIK_SEX_MISMATCH = "nik-sex-mismatch"
    REGION_SCHEME_MISSING = "region-scheme-missing"
    REGION_UNKNOWN = "region-unknown"
    CODE_UNKNOWN = "code-unknown"
    STATUS_UNKNOWN = "status-unknown"
    NUMBER_AMBIGUOUS = "number-ambiguous"
    NUMBER_OVERFLOW = "number-overflow"
    TEXT_ENCODING = "text-encoding"
    HTML_DISCARDED = "html-discarded"
    ID_DUPLICATE = "id-duplicate"
    TIME_ZONE_MISSING = "time-zone-missing"
    FIELD_MISSING = "field-missing"
    PLACEHOLDER = "placeholder"
    PHONE_FORM = "phone-form"
    KBLI_LEADING_ZERO_LOST = "kbli-leading-zero-lost"
    RECORD_OUTDATED = "record-outdated"


class Quality(Classed):
    """One doubt about one record."""

    code: Annotated[QualityCode, general("Kode keraguan", "Code of the doubt")]
    field: Annotated[
        str | None, general("Kolom", "The field in doubt, as a JSON pointer", examples=["/birth_date"])
    ] = None
