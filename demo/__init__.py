"""The demo data and its generator."""
