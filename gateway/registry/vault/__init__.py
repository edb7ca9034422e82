"""The vault: credentials for systems, sealed under the master key.

`store` seals and unseals them · `admin` sets and removes them · `inventory` lists them without values · `watcher`
applies changes while the gateway serves.
"""
