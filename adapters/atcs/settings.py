"""What the gateway needs to know of the traffic control centre."""

from pydantic import Field

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of atcs; it has no offices."""

    referer: str = Field(
        description="Address of the wall's own page, as agreed; whoever does not come from it is shown an empty wall",
        pattern=r"^https?://[!-~]{1,200}$",
    )
