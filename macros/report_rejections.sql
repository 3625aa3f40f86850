{#- Too many rows of a table were rejected: which table, and the main reason. -#}
{% macro report_rejections(results) %}
    {% set failed = [] %}
    {% for result in results
        if result.node.name == 'rejections_within_limits' and result.status == 'fail' %}
        {% do failed.append(result) %}
    {% endfor %}
    {% if failed %}
        {% set tables = run_query(
            "select summary.source_table, summary.rejected, summary.rows_in,"
            ~ " reasons.reason, reasons.rejected_rows"
            ~ " from marts.data_quality_summary as summary"
            ~ " inner join marts.rejections_by_reason as reasons"
            ~ " on summary.source_table = reasons.source_table"
            ~ " where summary.rejection_rate > " ~ var('max_rejection_rate')
            ~ " and summary.rejected > " ~ var('min_rejected_rows')
            ~ " and reasons.reason not in ('filtered', 'deleted_at_source', 'merged_account')"
            ~ " order by summary.source_table, reasons.rejected_rows desc, reasons.reason"
        ).rows %}
        {% set reported = [] %}
        {% for row in tables if row[0] not in reported %}
            {% do reported.append(row[0]) %}
            {% do log(
                "Too many rows of " ~ row[0] ~ " were rejected: " ~ row[1] ~ " of " ~ row[2]
                ~ ", most of them (" ~ row[4] ~ ") for " ~ row[3] ~ ". See"
                ~ " marts.rejected_rows; docs/rejections.md explains the reason."
                ~ " The limits are the vars max_rejection_rate and min_rejected_rows.",
                info=true
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
