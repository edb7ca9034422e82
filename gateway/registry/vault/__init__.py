"""The vault: secrets that systems have handed out to us, sealed under the master key.

`store` seals and opens them · `admin` sets and removes them · `inventory` lists them without values · `watcher` takes
up changes while the gateway serves.
"""
