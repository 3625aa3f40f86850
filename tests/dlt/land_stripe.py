"""Land Stripe in a DuckDB file with dlt: python land_stripe.py URL FILE.

What docs/sources/dlt.md shows, but for the key that Stripe wants in a header.
"""

from __future__ import annotations

import sys

import dlt
from dlt.sources.rest_api import rest_api_source

RESOURCES = {
    "subscription": (
        "subscriptions",
        {
            "status": "all",
            "expand[]": ["data.discounts", "data.items.data.discounts"],
        },
    ),
    "customer": ("customers", {}),
    "invoice": ("invoices", {}),
    "price": ("prices", {}),
    "product": ("products", {}),
    "coupon": ("coupons", {"expand[]": ["data.applies_to"]}),
}


def land(url: str, file: str) -> None:
    """Every resource, whole: rows of the last load are replaced."""
    source = rest_api_source(
        {
            "client": {"base_url": url},
            "resource_defaults": {"primary_key": "id", "write_disposition": "replace"},
            "resources": [
                {
                    "name": name,
                    "endpoint": {
                        "path": path,
                        "params": {"limit": 100, **parameters},
                        "data_selector": "data",
                        "paginator": {
                            "type": "cursor",
                            "cursor_path": "data[-1].id",
                            "cursor_param": "starting_after",
                            "has_more_path": "has_more",
                        },
                    },
                }
                for name, (path, parameters) in RESOURCES.items()
            ],
        }
    )
    pipeline = dlt.pipeline(
        "stripe",
        destination=dlt.destinations.duckdb(file),
        dataset_name="stripe",
        pipelines_dir=f"{file}.state",
    )
    print(pipeline.run(source))


if __name__ == "__main__":
    land(sys.argv[1], sys.argv[2])
