"""Apache Superset over the published file: its settings, and a dashboard as code."""
