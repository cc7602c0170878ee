#!/usr/bin/env bash
# Tests of widgets and bindings, by wasm-bindgen-test in Chromium.
source "$(dirname "$0")/tools.sh"
need test_runner bundle chromium
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner WASM_BINDGEN_TEST_TIMEOUT=120 \
  cargo test --target wasm32-unknown-unknown --test web "$@"
