"""A long run of the gateway in front of the simulated city, with faults that come and go: `make soak`.

Every answer is compared with the state of the simulators, and the growth of memory, descriptors, threads and tasks is
judged.
"""
