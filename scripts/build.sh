#!/usr/bin/env bash
# The release build, in dist/.
source "$(dirname "$0")/tools.sh"
need trunk npm
trunk build --release
