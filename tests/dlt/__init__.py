"""Stripe landed by dlt, from a local mock of its API: `make test-dlt`."""
