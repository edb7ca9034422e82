"""References: to agencies, and to other records of the same office."""

from dataclasses import dataclass
from typing import Annotated

from schemas.classes import Classed, general
from schemas.texts import Text


class AgencyReference(Classed):
    """A reference to an agency: its id in `/v1/agencies` if it is listed there, and its name.

    An adapter states the id if its system belongs to one agency, else the name that the system writes. The gateway
    completes the other from its list of agencies.
    """

    id: Annotated[
        str | None, general("Kode dinas", "Id of the agency; null if it is not listed", examples=["dinas-kesehatan"])
    ] = None
    name: Annotated[Text | None, general("Nama", "Name of the agency", examples=["Dinas Kesehatan"])] = None


class Reference(Classed):
    """A reference to another record: its id, and its name.

    An adapter writes the key of the record as `id`; the gateway replaces it by the public id of that record, which has
    the same system and office. A field of this type, or of a list of this type, declares the resource by `RefersTo`.
    """

    id: Annotated[str | None, general("Nomor", "Id of the record; null if the system names it without a key")] = None
    name: Annotated[str | None, general("Nama", "Name of the record")] = None


@dataclass(frozen=True, slots=True)
class RefersTo:
    """Annotation of a field with references: the resource of the other records, and the prefix of their ids."""

    resource: str
    prefix: str
