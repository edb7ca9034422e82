"""The version of the API, apart from the OpenAPI document, which few processes make."""

from typing import Final

API_VERSION: Final = "0.1.0"
"""The version of the package: the API is not released, so it may still change."""
