#!/usr/bin/env bash
# Cases under CONFORMANCE_DIR, passed and total for each folder. Fails when a figure falls below
# tests/conformance-floor.txt.
source "$(dirname "$0")/tools.sh"
need rust
cargo test --quiet --test conformance -- "$@"
