#!/bin/sh
# The nightly run: publish, then send new alerts. cron, systemd and Docker start it.
#
# Ends with the exit code of the publish, or, if that is 0, of the notification
# (docs/deploying.md, "Exit codes"). Alerts are sent whenever a new build is published,
# also without its dashboards (8) or its copies (11). Arguments go to `publish`.
cd "$(dirname "$0")/.." || exit 7
warehouse=.venv/bin/customer-success-warehouse

"$warehouse" publish --wait 3600 "$@"
published=$?
case $published in 0 | 8 | 11) ;; *) exit "$published" ;; esac

notified=0
if [ -n "${NOTIFY_URLS:-}" ]; then
    "$warehouse" notify
    notified=$?
fi
[ "$published" -ne 0 ] && exit "$published"
exit "$notified"
