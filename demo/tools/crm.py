"""HubSpot: companies and their owners. A company's id is the account's id."""

from __future__ import annotations

from demo.tools.story import Files, at

INTERNAL_DOMAIN = "our-own-company.example"


def hubspot(tables: Files) -> Files:
    """Companies; our own have our domain."""
    owners = sorted(
        {row["csm_owner"] for row in tables["accounts"] if row["csm_owner"]}
    )
    numbers = {name: f"{300 + number}" for number, name in enumerate(owners)}
    companies = [
        {
            "id": row["account_id"],
            "property_name": row["account_name"],
            "property_domain": INTERNAL_DOMAIN
            if row["is_internal"] == "true"
            else f"{row['account_id'].lower()}.example",
            "property_industry": row["industry"],
            "property_country": row["country"],
            "property_numberofemployees": row["employees"],
            "property_createdate": at(row["signed_up_on"]),
            "property_hs_lastmodifieddate": row["updated_at"],
            "property_lifecyclestage": "customer",
            "property_hs_analytics_source": row["acquisition_channel"],
            "property_hubspot_owner_id": numbers.get(row["csm_owner"], ""),
        }
        for row in tables["accounts"]
    ]
    return {
        "hubspot/company": companies,
        "hubspot/owner": [
            {"owner_id": number, "first_name": name, "last_name": ""}
            for name, number in numbers.items()
        ],
    }
