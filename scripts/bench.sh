#!/usr/bin/env bash
# Benchmarks of the parts that have a budget.
source "$(dirname "$0")/tools.sh"
need rust
cargo bench "$@"
