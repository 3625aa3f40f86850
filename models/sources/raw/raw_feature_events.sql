-- Grain: as the raw table of models/staging/sources.yml, one per row of its sources.
{{ config(enabled=sources_of('feature_events') != []) }}
{{ combine_sources('feature_events') }}
