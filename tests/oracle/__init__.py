"""The definitions once more, in plain Python: what the marts are compared with."""
