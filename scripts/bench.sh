#!/usr/bin/env bash
# Benchmarks of the parts that have a budget. Three of them measure in WebAssembly too, in Node.
source "$(dirname "$0")/tools.sh"
need wasm bundle
cargo build --quiet --release --target wasm32-unknown-unknown --example simulation_wasm --example session_wasm
cargo build --quiet --release --target wasm32-unknown-unknown -p promql --example promql_wasm
cargo bench -p prometheus-playground -p promql "$@"
