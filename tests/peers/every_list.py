"""Fetches lists by a client that openapi-python-client generated: every_list.py BASE_URL, calls as JSON on stdin.

Prints, for each operation, how many items came; ends with an error for an answer that is not a typed list. It runs in
the environment of the generator and knows nothing of this project.
"""

import importlib
import json
import pkgutil
import sys

import gerbang_client.api
from gerbang_client import Client

modules = {
    module.name.rpartition(".")[2]: module.name
    for module in pkgutil.walk_packages(gerbang_client.api.__path__, "gerbang_client.api.")
}
client = Client(base_url=sys.argv[1])
found = {}
for operation, arguments in json.load(sys.stdin).items():
    fetch = importlib.import_module(modules[operation]).sync_detailed
    answer = fetch(client=client, **arguments)
    items, sources = answer.parsed.items, answer.parsed.sources
    assert answer.status_code == 200, (operation, answer.status_code)
    assert all(source.system and source.state for source in sources), operation
    assert all(hasattr(item, "to_dict") for item in items), operation
    found[operation] = len(items)
# Every module of the client is sound, not only those that were called.
for name in modules.values():
    importlib.import_module(name)
sys.stdout.write(json.dumps(found))
