"""Reads answers by the classes that openapi-python-client generated: answers as JSON on stdin, each with its schema.

Prints the class of each item of every list, by operation; ends with an error for an answer that loses a value, a field
or a record on the way. It runs in the environment of the generator and knows nothing of this project.
"""

import json
import sys
from datetime import datetime

import gerbang_client.models

_INSTANT_LENGTH = len("2026-11-23T09:00:00")


def instants_alike(value):
    """The same JSON with each instant in one form, since a client may write `Z` as `+00:00`."""
    if isinstance(value, dict):
        return {key: instants_alike(one) for key, one in value.items()}
    if isinstance(value, list):
        return [instants_alike(one) for one in value]
    if isinstance(value, str) and len(value) >= _INSTANT_LENGTH:
        try:
            return datetime.fromisoformat(value).isoformat()
        except ValueError:
            return value
    return value


classes = {}
for answer in json.load(sys.stdin):
    read = getattr(gerbang_client.models, answer["schema"]).from_dict(answer["value"])
    assert instants_alike(read.to_dict()) == instants_alike(answer["value"]), answer["operation"]
    items = getattr(read, "items", [])
    classes[answer["operation"]] = [[type(item).__name__, getattr(item, "resource", None)] for item in items]
sys.stdout.write(json.dumps(classes))
