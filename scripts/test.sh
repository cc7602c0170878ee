#!/usr/bin/env bash
# All tests. A step that fails does not hide the next ones.
source "$(dirname "$0")/tools.sh"
# Trunk comes last: it removes the folder in which the tools share what they compile.
need test_runner deny trunk bundle chromium

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
step "licenses, bans and sources of the dependencies" cargo deny --all-features check licenses bans sources
# With the conformance data: scripts/conformance.sh alone would compile half of the crates with other features.
step "native tests and conformance" cargo test --quiet --workspace --no-fail-fast
step "promql without its features" cargo test --quiet -p promql --no-default-features --lib
step "tests in the browser" scripts/test-web.sh
step "tests end to end" scripts/test-e2e.sh
step "first commands in a fresh copy" node --test tests/serve/*.test.mjs
step "release build" trunk build --release --dist target/release-page
step "release build in the browser" env DIST="$PWD/target/release-page" node --test --test-concurrency=1 tests/release/*.test.mjs

if [ ${#failed[@]} -gt 0 ]; then
  fail "failed: $(printf '%s; ' "${failed[@]}")"
fi
