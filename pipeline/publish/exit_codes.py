"""Exit codes of `publish` and `rollback`, beside those of the build."""

LOCKED = 6  # another publish is running
PUBLISH_FAILED = 7  # the file could not be published
DIFFERS = 9  # the candidate differs from the last build, and was not accepted
INTERRUPTED = 130  # Ctrl-C, as shells report it
