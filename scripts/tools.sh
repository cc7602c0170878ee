#!/usr/bin/env bash
# Brings the tools that the other scripts need, each only when it is missing. To be sourced:
#   source scripts/tools.sh; need rust trunk npm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TRUNK_VERSION=0.21.14
WASM_BINDGEN_VERSION=0.2.125
LLVM_COV_VERSION=0.9.1
DENY_VERSION=0.20.2
TOOLS="$PWD/.tools"
export PATH="$TOOLS/bin:$PWD/node_modules/.bin:$PATH"

# A download that makes no progress ends within half a minute, with a reason.
export CARGO_NET_RETRY=${CARGO_NET_RETRY:-0} CARGO_HTTP_TIMEOUT=${CARGO_HTTP_TIMEOUT:-20}
export RUSTUP_MAX_RETRIES=${RUSTUP_MAX_RETRIES:-0} RUSTUP_DOWNLOAD_TIMEOUT=${RUSTUP_DOWNLOAD_TIMEOUT:-20}

fail() {
  echo "error: $*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

# Runs a step that takes time: says what it is, how long it usually takes, and how long it took.
slow_step() {
  local what=$1 usual=$2 start=$SECONDS
  shift 2
  echo "$what (once; $usual on two cores)" >&2
  "$@" || return
  echo "  done in $((SECONDS - start)) s" >&2
}

# Installs packages with apt where that is possible without a question; false where it is not.
apt_install() {
  have apt-get || return 1
  local as=()
  if [ "$(id -u)" != 0 ]; then
    have sudo && sudo -n true 2>/dev/null || return 1
    as=(sudo -n)
  fi
  echo "installing $* with apt" >&2
  ${as[@]+"${as[@]}"} apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1 && return
  ${as[@]+"${as[@]}"} apt-get update -q >/dev/null 2>&1 || true
  ${as[@]+"${as[@]}"} apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1
}

need_rust() {
  have cargo || fail "Rust is not installed; get it from https://rustup.rs"
  have cc || have clang || have gcc || fail "a C compiler is needed to link programs (Debian: apt install gcc libc6-dev; macOS: xcode-select --install)"
  # rustup reads rust-toolchain.toml and fetches what is missing on the first call.
  local version wanted=1.91
  version=$(rustc --version 2>/dev/null | awk '{print $2}') || true
  [ -n "$version" ] || fail "the compiler of rust-toolchain.toml could not be fetched; is the network there?"
  [ "$(printf '%s\n%s\n' "$wanted" "$version" | sort -t. -k1,1n -k2,2n | head -n 1)" = "$wanted" ] ||
    fail "rustc $wanted or newer is needed, this is $version; rustup brings the right one by itself"
}

# Asks a server first: rustup and npm wait more than a minute for one that does not answer.
answers() {
  have curl || return 0
  curl --silent --show-error --head --connect-timeout 15 --max-time 20 --output /dev/null "$1"
}

# Ends a command that takes longer than a number of seconds. macOS has no timeout(1).
within() {
  local seconds=$1 pid watch status=0
  shift
  "$@" &
  pid=$!
  (
    sleep "$seconds"
    kill "$pid"
  ) >/dev/null 2>&1 &
  watch=$!
  wait "$pid" || status=$?
  pkill -P "$watch" >/dev/null 2>&1 || true
  kill "$watch" >/dev/null 2>&1 || true
  return "$status"
}

need_wasm() {
  need_rust
  [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] && return
  have rustup || fail "the target wasm32-unknown-unknown is missing, and rustup, which would bring it, is not installed"
  local server=${RUSTUP_DIST_SERVER:-https://static.rust-lang.org}
  answers "$server/dist/channel-rust-stable.toml.sha256" ||
    fail "the target wasm32-unknown-unknown could not be fetched: $server does not answer"
  slow_step "fetching the target wasm32-unknown-unknown" "a few seconds" \
    within 300 rustup target add wasm32-unknown-unknown ||
    fail "the target wasm32-unknown-unknown could not be fetched from $server; is the network there?"
}

# Installs one command of a crate into .tools: prebuilt where cargo-binstall is installed, else built
# as cheaply as it compiles. `cargo_tool COMMAND CRATE VERSION USUAL LEVEL [OPTION…]`.
cargo_tool() {
  local command=$1 crate=$2 version=$3 usual=$4 level=$5
  shift 5
  "$command" --version 2>/dev/null | grep -qwF "$version" && return
  if have cargo-binstall; then
    echo "fetching $crate $version with cargo-binstall" >&2
    cargo binstall --quiet --no-confirm --root "$TOOLS" "$crate@$version" && return
    echo "cargo-binstall has no $crate $version for this machine" >&2
  fi
  slow_step "building $command $version into .tools" "$usual" env \
    CARGO_PROFILE_RELEASE_OPT_LEVEL="$level" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
    CARGO_PROFILE_RELEASE_STRIP=true CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_TARGET_DIR="$TOOLS/target" \
    cargo install --quiet --locked --root "$TOOLS" "$crate@$version" "$@" ||
    fail "$crate $version could not be built; the lines above say why"
}

# --no-default-features leaves out what only downloads need: TLS and its assembler.
need_wasm_bindgen() {
  need_wasm
  cargo_tool wasm-bindgen wasm-bindgen-cli "$WASM_BINDGEN_VERSION" "about 2 minutes" 1 --no-default-features --bin wasm-bindgen
}

# The runner of the tests in the browser; serving does not need it. It compiles what wasm-bindgen does.
need_test_runner() {
  need_wasm_bindgen
  cargo_tool wasm-bindgen-test-runner wasm-bindgen-cli "$WASM_BINDGEN_VERSION" "half a minute to 2 minutes" 1 --no-default-features --bin wasm-bindgen-test-runner
}

need_deny() {
  need_rust
  cargo_tool cargo-deny cargo-deny "$DENY_VERSION" "about 4 minutes" 0
}

need_trunk() {
  need_wasm_bindgen
  cargo_tool trunk trunk "$TRUNK_VERSION" "about 3 minutes" 0 --no-default-features
  rm -rf "$TOOLS/target"
}

# From npm's cache if it holds everything, else from the registry.
npm_packages() {
  npm ci --offline --no-audit --no-fund --loglevel=silent && return
  answers "$(npm config get registry)" && npm ci --no-audit --no-fund --loglevel=error
}

need_llvm_cov() {
  need_rust
  if [ "$(cargo llvm-cov --version 2>/dev/null)" != "cargo-llvm-cov $LLVM_COV_VERSION" ]; then
    cargo_tool cargo-llvm-cov cargo-llvm-cov "$LLVM_COV_VERSION" "about a minute" 0
    rm -rf "$TOOLS/target"
  fi
  find "$(rustc --print sysroot)" -name 'llvm-profdata*' | grep -q . && return
  have rustup || fail "the component llvm-tools is missing, and rustup, which would install it, too"
  rustup component add llvm-tools || fail "the component llvm-tools could not be fetched; is the network there?"
}

need_npm() {
  have node || fail "Node 20 or newer is needed for the editor's bundle; see https://nodejs.org (Debian: apt install nodejs npm)"
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node 20 or newer is needed, this is $(node --version)"
  [ node_modules/.package-lock.json -nt package-lock.json ] && return
  have npm || fail "npm is not installed; it comes with Node"
  slow_step "fetching the npm packages" "a few seconds" npm_packages ||
    fail "the npm packages could not be installed; is the network there?"
  touch node_modules/.package-lock.json
}

# The JavaScript that the page's Rust modules bind to; without it the root package does not compile.
need_bundle() {
  need_npm
  node scripts/bundle.mjs >&2
}

need_chromium() {
  local place
  for place in "${CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do
    if [ -n "$place" ] && [ -x "$place" ]; then
      export CHROMIUM="$place"
      break
    fi
  done
  if [ -z "${CHROMIUM:-}" ] || ! have chromedriver; then
    apt_install chromium chromium-driver ||
      fail "the browser tests need Chromium and its driver (Debian: apt install chromium chromium-driver; macOS: brew install --cask chromium chromedriver)"
    export CHROMIUM=/usr/bin/chromium
  fi
  CHROMEDRIVER=$(command -v chromedriver)
  export CHROMEDRIVER
}

need() {
  local tool
  for tool in "$@"; do "need_$tool"; done
}
