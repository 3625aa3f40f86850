"""Segment: track calls, users and the group that each belongs to."""

from __future__ import annotations

from demo.tools.story import Files

LOGIN = "signed_in"


def segment(tables: Files) -> Files:
    """Logins and feature events are track calls; how long a session took is unknown."""
    tracks = [
        {
            "id": row["login_id"],
            "user_id": row["user_id"],
            "event": LOGIN,
            "timestamp": row["logged_in_at"],
            "received_at": row["logged_in_at"],
            "context_group_id": row["account_id"],
        }
        for row in tables["logins"]
    ]
    tracks += [
        {
            "id": row["event_id"],
            "user_id": row["user_id"],
            "event": row["feature_key"],
            "timestamp": row["occurred_at"],
            "received_at": row["occurred_at"],
            "context_group_id": row["account_id"],
        }
        for row in tables["feature_events"]
    ]
    users = [
        {
            "id": row["user_id"],
            "email": row["email"],
            "role": row["role"],
            "created_at": row["created_at"],
            "deactivated_at": row["deactivated_at"],
            "group_id": row["account_id"],
            "received_at": row["created_at"],
        }
        for row in tables["users"]
    ]
    groups = [
        {
            "id": f"group-{row['user_id']}",
            "user_id": row["user_id"],
            "group_id": row["account_id"],
            "timestamp": row["created_at"],
            "received_at": row["created_at"],
        }
        for row in tables["users"]
    ]
    return {
        "segment/tracks": sorted(tracks, key=lambda row: row["timestamp"]),
        "segment/users": users,
        "segment/groups": groups,
    }
