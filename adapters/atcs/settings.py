"""Settings of the traffic control centre."""

from pydantic import Field

from adapters.contract import HttpOfficeSettings


class Settings(HttpOfficeSettings):
    """Settings of atcs; it has no offices."""

    referer: str = Field(
        description="Address of the wall's own page, as agreed; without it as Referer, the wall is empty",
        pattern=r"^https?://[!-~]{1,200}$",
    )
