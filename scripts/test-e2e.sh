#!/usr/bin/env bash
# Tests of what a person does, in Chromium. Arguments choose files; all by default.
source "$(dirname "$0")/tools.sh"
need trunk npm chromium
trunk build --dist target/e2e
[ $# -gt 0 ] || set -- tests/e2e/*.test.mjs
DIST="$PWD/target/e2e" node --test --test-concurrency=1 "$@"
