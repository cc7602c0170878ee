#!/usr/bin/env bash
# All tests. A step that fails does not hide the next ones.
source "$(dirname "$0")/tools.sh"
need trunk test_runner bundle chromium

failed=()
step() {
  local name=$1
  shift
  echo "── $name"
  "$@" || failed+=("$name")
}

step format cargo fmt --check
step lints cargo clippy --quiet --workspace --all-targets -- -D warnings
step "lints of the page" cargo clippy --quiet --target wasm32-unknown-unknown -p prometheus-playground -p worker --lib --bins -- -D warnings
step "native tests" cargo test --quiet --workspace
step conformance scripts/conformance.sh
step "tests in the browser" env CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
  WASM_BINDGEN_TEST_TIMEOUT=120 cargo test --target wasm32-unknown-unknown --test web
step "build of the page" trunk build --dist target/e2e
step "tests end to end" env DIST="$PWD/target/e2e" node --test --test-concurrency=1 tests/e2e/*.test.mjs
step "first commands in a fresh copy" node --test tests/serve/*.test.mjs
step "release build" trunk build --release --dist target/release-page
step "release build in the browser" env DIST="$PWD/target/release-page" node --test --test-concurrency=1 tests/release/*.test.mjs

if [ ${#failed[@]} -gt 0 ]; then
  fail "failed: $(printf '%s; ' "${failed[@]}")"
fi
