"""The gateway: one door to every system of the city."""
