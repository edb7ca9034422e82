"""Agencies' applications that know no OpenID: the gate of a proxy, login tickets, linking of accounts."""
