"""Adapters: one package per legacy system, and the contract that all of them keep."""
