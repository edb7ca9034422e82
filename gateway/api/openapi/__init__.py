"""The OpenAPI document, generated from the routes and finished in both languages."""

from gateway.api.openapi.document import describe

__all__ = ["describe"]
