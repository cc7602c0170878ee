#!/usr/bin/env bash
# Brings the tools that the other scripts need, each only when it is missing. To be sourced:
#   source scripts/tools.sh; need rust trunk npm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TRUNK_VERSION=0.21.14
WASM_BINDGEN_VERSION=0.2.125
TOOLS="$PWD/.tools"
export PATH="$TOOLS/bin:$PWD/node_modules/.bin:$PATH"

fail() {
  echo "error: $*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
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

need_wasm() {
  need_rust
  [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] && return
  have rustup || fail "the target wasm32-unknown-unknown is missing, and rustup, which would bring it, too"
  rustup target add wasm32-unknown-unknown || fail "the target wasm32-unknown-unknown could not be fetched"
}

# Installs a command of a crate into .tools, built for a short build, not for speed.
cargo_tool() {
  local command=$1 crate=$2 version=$3
  shift 3
  "$command" --version 2>/dev/null | grep -qwF "$version" && return
  echo "building $crate $version once, into .tools (some minutes)" >&2
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_TARGET_DIR="$TOOLS/target" \
    cargo install --quiet --locked --root "$TOOLS" "$crate@$version" "$@" ||
    fail "$crate $version could not be built; the lines above say why"
}

need_wasm_bindgen() {
  need_wasm
  cargo_tool wasm-bindgen wasm-bindgen-cli "$WASM_BINDGEN_VERSION"
}

need_trunk() {
  need_wasm_bindgen
  cargo_tool trunk trunk "$TRUNK_VERSION" --no-default-features --features rustls
  rm -rf "$TOOLS/target"
}

need_npm() {
  have node || fail "Node 20 or newer is needed for the editor's bundle; see https://nodejs.org (Debian: apt install nodejs npm)"
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node 20 or newer is needed, this is $(node --version)"
  [ node_modules/.package-lock.json -nt package-lock.json ] && return
  have npm || fail "npm is not installed; it comes with Node"
  npm ci --no-audit --no-fund --loglevel=error || fail "the npm packages could not be installed; is the network there?"
  touch node_modules/.package-lock.json
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

# Only makes the build smaller, so it is not asked for in vain.
need() {
  local tool
  for tool in "$@"; do "need_$tool"; done
}
