"""The small Python around the dbt project: demo data, the build, its gates."""
