{#-
    Every row of a raw table, parsed, with the first rule that it breaks. The rules are
    data: models/staging/sources.yml. Their order is the contract's:

        missing_key, duplicate_key, missing_<column>, unparseable_<column>,
        invalid_<column>, ends_before_start, overlapping_period, unknown_currency,
        unknown_account, unknown_user

    Arguments beside the table turn rules on:
        accounts, users    staging models; an id that is not in them is unknown, where
                           they have rows at all
        account_columns    the columns that hold accounts, where it is not account_id alone
        rates              staging model; a currency without a rate on or before the
                           row's first date is unknown
        is_period          started_on and ended_on make periods that must not overlap

    Columns out: raw_<column> (trimmed text, '' is null) and <column> (typed) for every
    column of the contract, row_key, raw_row, rejection_reason (null: accepted).
-#}
{% macro checked_rows(
    table,
    accounts=none,
    users=none,
    account_columns=('account_id',),
    rates=none,
    is_period=false
) %}
{%- set raw = raw_table(table) -%}
{%- if execute -%}
{%- set contract = raw_contract(table) -%}
{%- set is_absent = table in var('absent_tables') -%}
{%- set types = {} -%}
{%- for column in adapter.get_columns_in_relation(raw) -%}
{%- do types.update({column.name | lower: column.dtype | upper}) -%}
{%- endfor -%}
{%- set present = types.keys() | list -%}
{%- set columns = contract.columns -%}
with source as (
    {% if is_absent %}
    {{ empty_raw_table(table) }}
    {% else %}
    select * from {{ raw }}
    {% endif %}
),

trimmed as (
    select
        {%- for column in columns %}
        {% if present and column.name not in present and not is_absent -%}
        cast(null as {{ dbt.type_string() }})
        {%- else -%}
        {{ trimmed_text(as_plain_text('source.' ~ column.name, types[column.name])) }}
        {%- endif %} as raw_{{ column.name }},
        {%- endfor %}
        {% if 'updated_at' in present and not is_absent -%}
        {{ parse_timestamp(trimmed_text(as_plain_text('source.updated_at', types['updated_at']))) }}
        {%- else -%}
        cast(null as {{ dbt.type_timestamp() }})
        {%- endif %} as updated_at
    from source
),

{%- if table == 'surveys' and present and 'responded_at' not in present %}

-- the export knows no moment of the answer: a score counts as answered when sent
answered as (
    select
        {%- for column in columns if column.name != 'responded_at' %}
        trimmed.raw_{{ column.name }},
        {%- endfor %}
        case when trimmed.raw_score is not null then trimmed.raw_sent_at end as raw_responded_at,
        trimmed.updated_at
    from trimmed
),
{%- endif %}

parsed as (
    select
        *,
        {%- for column in columns %}
        {{ parse_value('raw_' ~ column.name, column.type) }} as {{ column.name }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from {{ 'answered' if table == 'surveys' and present and 'responded_at' not in present else 'trimmed' }}
),

-- of rows with one key the latest stays, then the one whose texts sort first
ranked as (
    select
        *,
        row_number() over (
            partition by
                {%- for name in contract.key %}
                {%- set type = (columns | selectattr('name', 'eq', name) | first).type %}
                {{ 'raw_' ~ name if type == 'text' else 'coalesce(cast(' ~ name ~ ' as ' ~ dbt.type_string() ~ '), raw_' ~ name ~ ')' }}
                {{- "," if not loop.last }}
                {%- endfor %}
            order by
                updated_at desc nulls last,
                {%- for column in columns %}
                raw_{{ column.name }} asc nulls first{{ "," if not loop.last }}
                {%- endfor %}
        ) as key_rank
    from parsed
),

judged as (
    select
        *,
        case
            {%- for name in contract.key %}
            when raw_{{ name }} is null then 'missing_key'
            {%- endfor %}
            when key_rank > 1 then 'duplicate_key'
            {%- for column in columns %}
            {%- if column.required and column.name not in contract.key %}
            when raw_{{ column.name }} is null then 'missing_{{ column.name }}'
            {%- endif %}
            {%- if column.missing_when %}
            when {{ column.missing_when }} then 'missing_{{ column.name }}'
            {%- endif %}
            {%- endfor %}
            {%- for column in columns if column.type != 'text' %}
            when {{ is_unparseable('raw_' ~ column.name, column.name, column.type) }}
                then 'unparseable_{{ column.name }}'
            {%- endfor %}
            {%- for column in columns %}
            {%- for condition in invalid_conditions(column) %}
            when {{ condition }} then 'invalid_{{ column.name }}'
            {%- endfor %}
            {%- endfor %}
            {%- if is_period %}
            when ended_on <= started_on then 'ends_before_start'
            {%- endif %}
        end as own_reason
    from ranked
),

related as (
    select
        judged.*,
        case
            when judged.own_reason is not null then null
            {%- if rates %}
            when judged.currency <> '{{ var("base_currency") }}'
                and (
                    known_currencies.first_rate_date is null
                    or known_currencies.first_rate_date > judged.{{ contract.first_date }}
                )
                then 'unknown_currency'
            {%- endif %}
            {%- if accounts %}
            {%- for column in account_columns %}
            when judged.{{ column }} is not null
                and known_{{ column }}.account_id is null
                and account_feed.has_rows
                then 'unknown_account'
            {%- endfor %}
            {%- endif %}
            {%- if users %}
            when judged.user_id is not null
                and known_users.user_id is null
                and user_feed.has_rows
                then 'unknown_user'
            {%- endif %}
        end as relation_reason
    from judged
    {%- if rates %}
    left join (
        select
            currency,
            min(rate_date) as first_rate_date
        from {{ rates }}
        group by currency
    ) as known_currencies
        on judged.currency = known_currencies.currency
    {%- endif %}
    {%- if accounts %}
    {%- for column in account_columns %}
    left join {{ accounts }} as known_{{ column }}
        on judged.{{ column }} = known_{{ column }}.account_id
    {%- endfor %}
    cross join (select count(*) > 0 as has_rows from {{ accounts }}) as account_feed
    {%- endif %}
    {%- if users %}
    left join {{ users }} as known_users
        on judged.user_id = known_users.user_id
    cross join (select count(*) > 0 as has_rows from {{ users }}) as user_feed
    {%- endif %}
),

{%- if is_period %}

-- a period that starts before an accepted earlier one has ended goes
conflicts as (
    select
        subscription_id,
        {{ overlapping_starts('started_on', 'ended_on', 'relation_reason is null') }} as overlapping_starts
    from related
    where own_reason is null
    group by subscription_id
),
{%- endif %}

reasoned as (
    select
        related.*,
        {%- if is_period %}
        case
            when related.own_reason is not null then related.own_reason
            when {{ list_contains('conflicts.overlapping_starts', 'related.started_on') }} then 'overlapping_period'
            else related.relation_reason
        end as rejection_reason
        {%- else %}
        coalesce(related.own_reason, related.relation_reason) as rejection_reason
        {%- endif %}
    from related
    {%- if is_period %}
    left join conflicts on related.subscription_id = conflicts.subscription_id
    {%- endif %}
)

select
    {%- for column in columns %}
    {{ column.name }},
    {%- endfor %}
    {%- for name in contract.key %}
    {{ "|| '|' || " if not loop.first }}coalesce(raw_{{ name }}, '')
    {%- endfor %} as row_key,
    case when rejection_reason is not null then {{ raw_row_json(columns) }} end as raw_row,
    cast({{ contract.first_date }} as {{ dbt.type_timestamp() }}) as first_date_at,
    rejection_reason
from reasoned
{%- endif -%}
{% endmacro %}


{#- The value of a cell's text, null where it cannot be read. -#}
{% macro parse_value(text, type) -%}
    {%- if type == 'text' -%} {{ text }}
    {%- elif type == 'date' -%} {{ parse_date(text) }}
    {%- elif type == 'timestamp' -%} {{ parse_timestamp(text) }}
    {%- elif type == 'boolean' -%} {{ parse_boolean(text) }}
    {%- elif type == 'money' -%} {{ parse_decimal(text, 18, 4) }}
    {%- elif type == 'rate' -%} {{ parse_decimal(text, 22, 8) }}
    {%- elif type == 'number' -%} {{ parse_decimal(text, 18, 9) }}
    {%- elif type == 'integer' -%} {{ parse_integer(text) }}
    {%- else -%} {{ exceptions.raise_compiler_error("no column type " ~ type) }}
    {%- endif -%}
{%- endmacro %}


{% macro is_unparseable(text, value, type) -%}
    {%- if type in ('money', 'rate', 'number', 'integer') -%}
    {{ text }} is not null and not {{ is_number(text) }}
    {%- else -%}
    {{ text }} is not null and {{ value }} is null
    {%- endif -%}
{%- endmacro %}


{#- The conditions under which a value that could be read is not allowed. -#}
{% macro invalid_conditions(column) %}
    {% set value = column.name %}
    {% set text = 'raw_' ~ column.name %}
    {% set conditions = [] %}
    {% if column.type == 'date' %}
        {% do conditions.append(
            value ~ " not between date '1990-01-01' and date '2100-01-01'"
        ) %}
    {% elif column.type == 'timestamp' %}
        {% do conditions.append(
            "cast(" ~ value ~ " as date) not between date '1990-01-01' and date '2100-01-01'"
        ) %}
    {% elif column.type in ('money', 'rate') %}
        {% do conditions.append(
            text ~ " is not null and not "
            ~ has_digits(text, 14, 4 if column.type == 'money' else 8)
        ) %}
    {% elif column.type in ('number', 'integer') %}
        {% do conditions.append(text ~ " is not null and " ~ value ~ " is null") %}
    {% endif %}
    {% if column.accepted %}
        {% do conditions.append(value ~ " not in ('" ~ column.accepted | join("', '") ~ "')") %}
    {% endif %}
    {% if column.invalid_when %}
        {% do conditions.append(column.invalid_when | trim) %}
    {% endif %}
    {% do return(conditions) %}
{% endmacro %}


{#- A typed column as the text that a CSV file would hold. -#}
{% macro as_plain_text(column, type) -%}
    {%- set text = 'cast(' ~ column ~ ' as varchar)' -%}
    {%- if type in ('DOUBLE', 'FLOAT') -%}
    {{ without_exponent(text) }}
    {%- elif type == 'TIMESTAMP WITH TIME ZONE' -%}
    cast(timezone('UTC', {{ column }}) as varchar)
    {%- elif type == 'BLOB' -%}
    decode({{ column }})
    {%- else -%}
    {{ text }}
    {%- endif -%}
{%- endmacro %}


{#- 6.2e-05 as 0.000062, 1e+20 as 100000000000000000000: the same digits, moved. -#}
{% macro without_exponent(text) -%}
    {%- set form = '^(-?)([0-9])[.]?([0-9]*)e([+-][0-9]+)$' -%}
    {%- set sign = "regexp_extract(" ~ text ~ ", '" ~ form ~ "', 1)" -%}
    {%- set digits = "regexp_replace(" ~ text ~ ", '" ~ form ~ "', '\\2\\3')" -%}
    {%- set exponent = "try_cast(regexp_extract(" ~ text ~ ", '" ~ form ~ "', 4) as integer)" -%}
    case
        when not regexp_matches({{ text }}, '{{ form }}') then {{ text }}
        when {{ exponent }} < 0
            then {{ sign }} || '0.' || repeat('0', -{{ exponent }} - 1) || {{ digits }}
        else {{ sign }} || rpad({{ digits }}, {{ exponent }} + 1, '0')
    end
{%- endmacro %}
