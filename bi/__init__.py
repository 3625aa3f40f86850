"""The published file in BI tools."""
