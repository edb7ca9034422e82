"""The independent implementations are there, as locked; and that they are missing is never overlooked."""

import json

import pytest

from tests.peers import node
from tests.peers.node import HERE, Peers


def test_every_peer_loads_in_its_locked_version(peers: Peers):
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert json.loads(peers.run("versions.mjs")) == wanted


def test_the_lock_names_no_host_and_has_a_hash_for_each_package():
    packages = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all("resolved" not in entry for entry in packages.values())
    assert all("integrity" in entry for path, entry in packages.items() if path)


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_node_a_test_is_skipped_and_in_ci_it_fails(monkeypatch: pytest.MonkeyPatch, ci: str, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(node, "_node", lambda: None)
    with pytest.raises(outcome):
        node.find_peers()
