"""Examples of good answers in the OpenAPI document: synthetic records, written by the code of real answers."""
