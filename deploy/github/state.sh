#!/usr/bin/env bash
# What a publish needs of the last one, as one encrypted file: for machines that start
# empty, such as GitHub's runners.
#
#   state.sh save FILE       state/, publish/ and build/builds/ into FILE
#   state.sh restore FILE    and back
#
# STATE_PASSPHRASE encrypts it: it holds raw rows, and who can read a repository can
# download its artifacts. A file that was changed, or has another passphrase, is refused.
set -euo pipefail
cd "$(dirname "$0")/../.."
file=${2:?"expected: state.sh save|restore FILE"}
: "${STATE_PASSPHRASE:?"is not set"}"

decrypted() {
    gpg --batch --quiet --pinentry-mode loopback --passphrase-fd 3 --decrypt "$file" 3<<<"$STATE_PASSPHRASE"
}

case $1 in
save)
    mkdir -p state publish build/builds
    tar --create --gzip --exclude=build/builds/target state publish build/builds |
        gpg --batch --quiet --yes --pinentry-mode loopback --passphrase-fd 3 \
            --symmetric --cipher-algo AES256 --output "$file" 3<<<"$STATE_PASSPHRASE"
    ;;
restore)
    # All of it is decrypted and checked before any of it is unpacked.
    whole=$(mktemp)
    trap 'rm -f "$whole"' EXIT
    decrypted >"$whole"
    tar --extract --gzip --file "$whole"
    ;;
*)
    echo "expected: state.sh save|restore FILE" >&2
    exit 2
    ;;
esac
