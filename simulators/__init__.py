"""The simulated city: one simulator for each legacy system, and what starts them all.

A simulator stands in for its system so closely that an adapter cannot tell: it shares no code with the gateway.
"""
