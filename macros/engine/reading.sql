{#- Reading delivered cells. A value that cannot be read is null, never an error. -#}

{#- How a column's cells are read, by its type in the database: text, date, timestamp,
    timestamp_tz, boolean, integer, decimal, double, float or other. -#}
{% macro delivered_kind(data_type) -%}
    {{ return(adapter.dispatch('delivered_kind')(data_type | upper)) }}
{%- endmacro %}

{% macro duckdb__delivered_kind(data_type) %}
    {% if data_type.startswith(('VARCHAR', 'CHARACTER', 'TEXT', 'STRING')) %}
        {% do return('text') %}
    {% elif data_type == 'DATE' %}
        {% do return('date') %}
    {% elif data_type in ('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ') %}
        {% do return('timestamp_tz') %}
    {% elif data_type.startswith('TIMESTAMP') %}
        {% do return('timestamp') %}
    {% elif data_type == 'BOOLEAN' %}
        {% do return('boolean') %}
    {% elif data_type.startswith('DECIMAL') %}
        {% do return('decimal') %}
    {% elif data_type == 'DOUBLE' %}
        {% do return('double') %}
    {% elif data_type in ('FLOAT', 'REAL') %}
        {% do return('float') %}
    {% elif 'INT' in data_type %}
        {% do return('integer') %}
    {% else %}
        {% do return('other') %}
    {% endif %}
{% endmacro %}


{#- A cell as the text that a CSV file would hold. -#}
{% macro as_text(raw, kind) -%}
    {{ return(adapter.dispatch('as_text')(raw, kind)) }}
{%- endmacro %}

{% macro duckdb__as_text(raw, kind) -%}
    {%- if kind == 'text' -%} {{ raw }}
    {%- elif kind in ('double', 'float') -%} {{ without_exponent('cast(' ~ raw ~ ' as varchar)') }}
    {%- elif kind == 'timestamp_tz' -%} cast(timezone('UTC', {{ raw }}) as varchar)
    {%- else -%} cast({{ raw }} as varchar)
    {%- endif -%}
{%- endmacro %}


{#- 6.2e-05 as 0.000062, 1e+20 as 100000000000000000000: the same digits without an
    exponent. -#}
{% macro without_exponent(text) -%}
    {%- set form = '^(-?)([0-9])[.]?([0-9]*)e([+-][0-9]+)$' -%}
    {%- set sign = "regexp_extract(" ~ text ~ ", '" ~ form ~ "', 1)" -%}
    {%- set digits = "regexp_replace(" ~ text ~ ", '" ~ form ~ "', '\\2\\3')" -%}
    {%- set exponent = "try_cast(regexp_extract(" ~ text ~ ", '" ~ form ~ "', 4) as integer)" -%}
    case
        when not contains({{ text }}, 'e') then {{ text }}
        when not regexp_matches({{ text }}, '{{ form }}') then {{ text }}
        when {{ exponent }} < 0
            then {{ sign }} || '0.' || repeat('0', -{{ exponent }} - 1) || {{ digits }}
        else {{ sign }} || rpad({{ digits }}, {{ exponent }} + 1, '0')
    end
{%- endmacro %}


{#- The value of a cell in the contract's type. A typed cell is not converted to text,
    except where text decides: the shortest text of a double is the intended number. -#}
{% macro read_value(raw, type, kind) -%}
    {{ return(adapter.dispatch('read_value')(raw, type, kind)) }}
{%- endmacro %}

{% macro duckdb__read_value(raw, type, kind) -%}
    {%- set text = as_text(raw, kind) -%}
    {%- if type == 'text' -%} {{ text }}
    {%- elif type == 'date' -%}
        {%- if kind in ('date', 'timestamp') -%}
        case when isfinite({{ raw }}) then cast({{ raw }} as date) end
        {%- elif kind == 'timestamp_tz' -%}
        case when isfinite({{ raw }}) then cast(timezone('UTC', {{ raw }}) as date) end
        {%- else -%} {{ parse_date(text) }}
        {%- endif -%}
    {%- elif type == 'timestamp' -%}
        {%- if kind in ('date', 'timestamp') -%}
        case when isfinite({{ raw }}) then cast({{ raw }} as timestamp) end
        {%- elif kind == 'timestamp_tz' -%}
        case when isfinite({{ raw }}) then cast(timezone('UTC', {{ raw }}) as timestamp) end
        {%- else -%} {{ parse_timestamp(text) }}
        {%- endif -%}
    {%- elif type == 'boolean' -%}
        {%- if kind == 'boolean' -%} coalesce({{ raw }}, false)
        {%- else -%} {{ parse_boolean(text) }}
        {%- endif -%}
    {%- elif type in ('money', 'rate', 'number') -%}
        {%- set form = {'money': '18, 4', 'rate': '22, 8', 'number': '18, 9'}[type] -%}
        {%- if kind in ('integer', 'decimal') -%} try_cast({{ raw }} as decimal({{ form }}))
        {%- elif kind == 'double' and type == 'number' -%}
        case
            when abs({{ raw }}) < 1000000 then try_cast({{ raw }} as decimal({{ form }}))
            when isfinite({{ raw }}) then {{ parse_decimal(text, form) }}
        end
        {%- else -%} {{ parse_decimal(text, form) }}
        {%- endif -%}
    {%- elif type == 'integer' -%}
        {%- if kind == 'integer' -%} try_cast({{ raw }} as bigint)
        {%- else -%} {{ parse_integer(text) }}
        {%- endif -%}
    {%- else -%} {{ exceptions.raise_compiler_error("no column type " ~ type) }}
    {%- endif -%}
{%- endmacro %}


{#- A hash of a row's values, to find identical rows. -#}
{% macro row_hash(values) -%}
    {{ return(adapter.dispatch('row_hash')(values)) }}
{%- endmacro %}

{% macro duckdb__row_hash(values) -%}
    hash({{ values | join(', ') }})
{%- endmacro %}


{#- 2^hour of a timestamp, in UTC: bit_or over a day's timestamps gives the hours with
    activity. -#}
{% macro hour_bit(moment) -%}
    {{ return(adapter.dispatch('hour_bit')(moment)) }}
{%- endmacro %}

{% macro duckdb__hour_bit(moment) -%}
    (1 << cast(extract(hour from {{ moment }}) as integer))
{%- endmacro %}


{#- True for a delivered timestamp that may be on or after a day in any time zone, and
    for one that cannot be compared. Written so that a scan of typed files skips older
    rows. -#}
{% macro may_be_on_or_after(raw, kind, day) -%}
    {{ return(adapter.dispatch('may_be_on_or_after')(raw, kind, day)) }}
{%- endmacro %}

{% macro duckdb__may_be_on_or_after(raw, kind, day) -%}
    {%- set before = (
        modules.datetime.date.fromisoformat(day) - modules.datetime.timedelta(days=1)
    ).isoformat() -%}
    {%- if kind == 'date' -%} ({{ raw }} >= date '{{ before }}' or {{ raw }} is null)
    {%- elif kind == 'timestamp' -%}
    ({{ raw }} >= timestamp '{{ before }} 00:00:00' or {{ raw }} is null)
    {%- elif kind == 'timestamp_tz' -%}
    ({{ raw }} >= timestamptz '{{ before }} 00:00:00+00' or {{ raw }} is null)
    {%- else -%}
    coalesce(
        {{ as_text(raw, kind) }}[5] <> '-'
        or {{ as_text(raw, kind) }}[8] <> '-'
        or substr({{ as_text(raw, kind) }}, 1, 10) >= '{{ before }}',
        true
    )
    {%- endif -%}
{%- endmacro %}
