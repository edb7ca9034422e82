"""The adapters: one package for each legacy system, and the contract that all of them fulfil."""
