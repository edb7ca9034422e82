"""Metrics of the gateway in the formats of Prometheus, read by operators on an address of their own.

Requests only increment plain counters. All other values are read from the components when the metrics are scraped. No
label contains a path, an id, a query or anything else that a caller sends. To add metrics, declare each as a
`MetricFamily`, and register the function that reads them with `Metrics.add_source`.
"""
