"""The OpenAPI document, generated from the routes and finished in both languages."""

from gateway.openapi.document import describe

__all__ = ["describe"]
