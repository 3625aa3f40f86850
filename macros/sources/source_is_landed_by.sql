{#- Whether var `sources` names a source for one of these tables, and this loader lands
    it (var source_settings). -#}
{% macro source_is_landed_by(tool, loader, tables) %}
    {% do return(
        source_gives(tool, tables) and source_setting(tool, 'loader', 'fivetran') == loader
    ) %}
{% endmacro %}
