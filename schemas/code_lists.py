"""Code lists as they are published: the enumerations of the canonical schema, and the lists that adapters declare."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import model_validator

from schemas.classes import Classed, general
from schemas.codes import Code, Coded, Phase, Status
from schemas.document import DOCUMENT_KINDS, DocumentKind
from schemas.facility import FACILITY_KINDS, FacilityKind
from schemas.texts import Text
from schemas.traffic import INCIDENT_KINDS, IncidentKind

SCHEME: Final = r"^[A-Za-z][A-Za-z0-9.-]{0,59}$"
"""The id of a published list. A list whose id contains a `/` belongs to one system, is open, and is not published."""

_WORD_START: Final = re.compile(r"(?<!^)(?=[A-Z])")


class CodeValue(Classed):
    """A value of a code list."""

    code: Annotated[str, general("Kode", "Code", examples=["domicile"])]
    text: Annotated[Text | None, general("Arti", "The code in words")] = None
    phase: Annotated[Phase | None, general("Arti status", "Phase of a status; null for other lists")] = None


class CodeScheme(Classed):
    """A code list without its values."""

    scheme: Annotated[str, general("Daftar kode", "Code list", examples=["letter-type"])]
    name: Annotated[Text, general("Nama", "Name of the list")]
    size: Annotated[int, general("Banyak nilai", "Number of values that this gateway lists", examples=[24])]
    complete: Annotated[
        bool, general("Lengkap", "Whether these are all values; false for a list that another authority publishes")
    ]


class CodeList(Classed):
    """A code list. With `complete` false, records may have values that are not in `values`."""

    scheme: Annotated[str, general("Daftar kode", "Code list", examples=["letter-type"])]
    name: Annotated[Text, general("Nama", "Name of the list")]
    values: Annotated[tuple[CodeValue, ...], general("Nilai", "The values")] = ()
    complete: Annotated[bool, general("Lengkap", "Whether records have no other values")] = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not re.fullmatch(SCHEME, self.scheme):
            raise ValueError("the id of a code list has letters, digits, dots and hyphens")
        if len({value.code for value in self.values}) < len(self.values):
            raise ValueError(f"a code of the list {self.scheme} occurs twice")
        return self

    @classmethod
    def of_coded(cls, name: Text, values: Iterable[Coded], *, complete: bool = True) -> Self:
        """Return the list of these values, which have one scheme. The first text of a code is its text."""
        first: dict[str, Coded] = {}
        for value in values:
            first.setdefault(value.code, value)
        (scheme,) = {value.scheme for value in first.values()}
        found = tuple(CodeValue(code=value.code, text=value.text) for value in first.values())
        return cls(scheme=scheme, name=name, values=found, complete=complete)

    @classmethod
    def of_enumeration(cls, scheme: str, name: Text, enumeration: type[Code]) -> Self:
        """Return the list of an enumeration."""
        return cls(
            scheme=scheme,
            name=name,
            values=tuple(
                CodeValue(code=code.value, text=code.text, phase=code.phase if isinstance(code, Status) else None)
                for code in enumeration
            ),
        )

    def summary(self) -> CodeScheme:
        """Return the list without its values."""
        return CodeScheme(scheme=self.scheme, name=self.name, size=len(self.values), complete=self.complete)

    def allows(self, code: str) -> bool:
        """Return whether a record may have this code."""
        return not self.complete or any(value.code == code for value in self.values)


CODED_LISTS: Final[Mapping[str, CodeList]] = MappingProxyType(
    {
        scheme: CodeList.of_enumeration(scheme, name, enumeration)
        for scheme, name, enumeration in (
            (DOCUMENT_KINDS, Text(id="Jenis dokumen", en="Kind of document"), DocumentKind),
            (FACILITY_KINDS, Text(id="Jenis fasilitas", en="Kind of facility"), FacilityKind),
            (INCIDENT_KINDS, Text(id="Jenis kejadian lalu lintas", en="Kind of traffic incident"), IncidentKind),
        )
    }
)
"""The enumerations whose values occur as `Coded`. An adapter uses these lists without declaring them."""


def enumerations(base: type[Code] = Code) -> dict[str, type[Code]]:
    """Return every enumeration with texts whose module is loaded, by its name."""
    found: dict[str, type[Code]] = {}
    for kind in base.__subclasses__():
        found |= enumerations(kind) if not list(kind) else {kind.__name__: kind}
    return found


def scheme_of(enumeration_name: str) -> str:
    """Return the id of an enumeration's list: `case-status` for `CaseStatus`."""
    return _WORD_START.sub("-", enumeration_name).lower()
