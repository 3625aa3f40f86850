"""Zendesk: tickets with comments and changes of status, users and organizations."""

from __future__ import annotations

from demo.tools.story import Files


def zendesk(tables: Files) -> Files:
    """Tickets with their comments and changes; an organization knows its account."""
    files: Files = {
        f"zendesk/{name}": []
        for name in (
            *("ticket", "ticket_field_history", "ticket_comment", "user"),
            "organization",
        )
    }
    accounts = sorted({row["account_id"] for row in tables["support_tickets"]})
    organizations = {account: f"{500_000 + n}" for n, account in enumerate(accounts)}
    files["zendesk/organization"] = [
        {"id": number, "name": f"Organization {account}", "external_id": account}
        for account, number in organizations.items()
    ]
    agent = {"id": "1", "organization_id": "", "role": "agent", "external_id": ""}
    files["zendesk/user"].append(agent)
    users: dict[tuple[str, str], str] = {}
    for row in tables["support_tickets"]:
        who = (row["account_id"], row["user_id"])
        if who not in users:
            users[who] = f"{10_000 + len(users)}"
            files["zendesk/user"].append(
                {
                    "id": users[who],
                    "organization_id": organizations[row["account_id"]],
                    "role": "end-user",
                    "external_id": row["user_id"],
                }
            )
        is_closed = bool(row["closed_at"])
        files["zendesk/ticket"].append(
            {
                "id": row["ticket_id"],
                "organization_id": organizations[row["account_id"]],
                "requester_id": users[who],
                "priority": row["priority"],
                "status": "solved" if is_closed else "open",
                "created_at": row["opened_at"],
                "updated_at": row["closed_at"] or row["opened_at"],
            }
        )
        changes = [("new", row["opened_at"])]
        changes += [("solved", row["closed_at"])] * is_closed
        files["zendesk/ticket_field_history"] += [
            {
                "ticket_id": row["ticket_id"],
                "field_name": "status",
                "value": value,
                "updated": at,
            }
            for value, at in changes
        ]
        written = [(users[who], row["opened_at"])]
        written += [("1", row["first_response_at"])] * bool(row["first_response_at"])
        files["zendesk/ticket_comment"] += [
            {
                "id": f"{row['ticket_id']}-{number}",
                "ticket_id": row["ticket_id"],
                "user_id": author,
                "public": "true",
                "created": at,
            }
            for number, (author, at) in enumerate(written)
        ]
    return files
