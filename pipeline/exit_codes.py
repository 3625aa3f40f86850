"""Exit codes of `python -m pipeline`, as the README and `--help` list them."""

INPUTS_FAILED = 3
GATE_FAILED = 4
BUILD_FAILED = 5
LOCKED = 6  # another publish, or another build of the same file, is running
PUBLISH_FAILED = 7
DASHBOARDS_FAILED = 8  # published, but the dashboards could not be rendered
DIFFERS = 9  # the candidate differs from the last published build
NOTIFY_FAILED = 10  # a message could not be delivered
COPY_FAILED = 11  # published, but not copied to PostgreSQL or Parquet
INTERRUPTED = 130  # Ctrl-C, as shells report it
