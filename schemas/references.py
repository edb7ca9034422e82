"""References to agencies."""

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
