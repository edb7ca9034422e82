"""Idle connections: whose are dropped, where there are too many."""

from ipaddress import ip_network

import pytest

from gateway.ground.connection_limits import ConnectionLimits, ConnectionSettings


class Connection:
    def __init__(self):
        self.dropped = False

    def drop(self):
        self.dropped = True


def opened(limits, peer, count):
    connections = [Connection() for _ in range(count)]
    for connection in connections:
        limits.add_idle(connection, limits.group_of(peer))
    return connections


def dropped(connections):
    return [connection.dropped for connection in connections]


def test_an_address_loses_its_oldest_idle_connections():
    limits = ConnectionLimits(ConnectionSettings(most_idle_per_address=2))
    other = opened(limits, "192.0.2.2", 2)
    ours = opened(limits, "192.0.2.1", 4)
    assert dropped(ours) == [True, True, False, False]
    assert dropped(other) == [False, False]
    assert limits.idle == 4


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("2001:db8::1", "2001:db8::2", True),  # one household has a /64
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
    ],
)
def test_an_address_counts_as_in_every_other_limit(first, second, together):
    limits = ConnectionLimits(ConnectionSettings(most_idle_per_address=1))
    oldest = opened(limits, first, 1)
    opened(limits, second, 1)
    assert dropped(oldest) == [together]


def test_beyond_the_limit_in_all_the_address_with_the_most_loses_its_oldest():
    limits = ConnectionLimits(ConnectionSettings(most_idle=5, most_idle_per_address=5))
    single = opened(limits, "192.0.2.1", 1)
    many = opened(limits, "192.0.2.2", 4)
    another = opened(limits, "192.0.2.3", 2)
    assert dropped(single + another) == [False] * 3
    assert dropped(many) == [True, True, False, False]


@pytest.mark.parametrize("peer", ["10.0.0.1", None])
def test_a_proxy_or_a_caller_without_an_address_loses_some_only_when_nobody_else_has_any(peer):
    limits = ConnectionLimits(
        ConnectionSettings(most_idle=3, most_idle_per_address=1), trusted_proxies=(ip_network("10.0.0.0/8"),)
    )
    exempt = opened(limits, peer, 3)
    assert dropped(exempt) == [False] * 3
    caller = opened(limits, "192.0.2.1", 1)
    assert dropped(exempt + caller) == [False, False, False, True]
    exempt += opened(limits, peer, 1)
    assert dropped(exempt) == [True, False, False, False]


def test_a_connection_with_a_request_is_not_dropped_and_is_the_youngest_afterwards():
    limits = ConnectionLimits(ConnectionSettings(most_idle_per_address=2))
    first, second = opened(limits, "192.0.2.1", 2)
    limits.remove_idle(first)
    limits.remove_idle(first)
    limits.add_idle(second, "192.0.2.1")  # as it was
    third = opened(limits, "192.0.2.1", 1)
    assert dropped([first, second, *third]) == [False, False, False]
    limits.add_idle(first, "192.0.2.1")
    assert dropped([first, second, *third]) == [False, True, False]


def test_a_connection_that_was_answered_at_once_is_the_youngest_afterwards():
    limits = ConnectionLimits(ConnectionSettings(most_idle_per_address=2))
    first, second = opened(limits, "192.0.2.1", 2)
    limits.renew_idle(first, limits.group_of("192.0.2.1"))
    (third,) = opened(limits, "192.0.2.1", 1)
    assert dropped([first, second, third]) == [False, True, False]
    assert limits.idle == 2


def test_a_connection_that_was_not_idle_is_so_after_an_answer_at_once():
    limits = ConnectionLimits()
    limits.renew_idle(Connection(), limits.group_of("192.0.2.1"))
    assert limits.idle == 1
