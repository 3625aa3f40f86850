-- Grain: as the raw table of models/staging/sources.yml, one per row of its sources.
{{ config(enabled=sources_of('support_tickets') != []) }}
{{ combine_sources('support_tickets') }}
