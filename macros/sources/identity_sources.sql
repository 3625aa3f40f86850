{#- The sources in var `sources` whose data names companies by ids of their own: each has
    a model `<source>_identities`. -#}
{% macro identity_sources() %}
    {% set found = [] %}
    {% for table in var('sources') %}
        {% for source in sources_of(table) if source in [
            'stripe', 'hubspot', 'zendesk', 'segment', 'posthog', 'intercom', 'recurly',
            'chargebee', 'salesforce', 'pendo', 'delighted', 'qualtrics',
        ] and source not in found %}
            {% do found.append(source) %}
        {% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}
