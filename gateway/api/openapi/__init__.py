"""The OpenAPI document, generated from the routes and finished in both languages."""
