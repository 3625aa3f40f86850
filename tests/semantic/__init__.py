"""The semantic layer against the marts: `make test-semantic`."""
