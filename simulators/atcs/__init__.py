"""Simulator of the traffic control centre's camera wall."""
