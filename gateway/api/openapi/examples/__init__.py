"""Examples of successful answers in the OpenAPI document: synthetic records, serialised by the code of real answers."""
