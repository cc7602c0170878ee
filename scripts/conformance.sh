#!/usr/bin/env bash
# Records under CONFORMANCE_DIR, passed and total for each folder. Fails when a figure falls below
# tests/conformance-floor.txt. Names select folders and cases: apply, apply/configmap-date, apply/config*.
source "$(dirname "$0")/tools.sh"
need rust bundle
cargo test --quiet --test conformance -- "$@"
