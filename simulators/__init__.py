"""The simulated city: one simulator for each legacy system, and the runner that starts them.

A simulator reproduces the interface of its system, quirks included. It shares no code with the gateway or its adapters.
"""
