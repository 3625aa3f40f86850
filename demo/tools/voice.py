"""Delighted: answers to NPS and CSAT surveys, and who gave them."""

from __future__ import annotations

import json

from demo.tools.story import Files


def delighted(tables: Files) -> Files:
    """Answers alone: surveys that nobody answered, and the CLI's, are not there."""
    return {
        "delighted/response": [
            {
                "id": row["response_id"],
                "survey_type": row["survey_type"],
                "score": row["score"],
                "comment": row["comment"],
                "created_at": row["responded_at"],
                "person_properties": json.dumps(
                    {"account_id": row["account_id"], "user_id": row["user_id"]}
                ),
            }
            for row in tables["surveys"]
            if row["responded_at"] and row["survey_type"] in ("nps", "csat")
        ]
    }
