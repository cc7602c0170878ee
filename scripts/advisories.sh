#!/usr/bin/env bash
# Looks for advisories on the dependencies: RustSec's for the crates, npm's for the packages.
source "$(dirname "$0")/tools.sh"
need deny npm
cargo deny --all-features check advisories
npm audit
