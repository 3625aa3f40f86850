select
    {{ 'coalesce(sum(row_count), 0)' if 'row_count' in columns else 'count(*)' }}
        as row_count,
    {{ 'coalesce(sum(row_count), 0)' if 'row_count' in columns else 'count(*)' }}
    || ' rows' as message
from {{ table }}
