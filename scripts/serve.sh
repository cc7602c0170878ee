#!/usr/bin/env bash
# Runs the playground and builds it again when a file changes.
source "$(dirname "$0")/tools.sh"
port=${PORT:-8080}
case $port in
  *[!0-9]* | ??????*) fail "PORT is a number up to 65535, not $port" ;;
esac
[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || fail "PORT is a number up to 65535, not $port"
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  fail "port $port is taken; choose another one: make serve PORT=8081"
fi
need trunk npm
echo "building the page: about 3 minutes the first time, seconds afterwards" >&2
echo "http://127.0.0.1:$port/ as soon as it is built" >&2
exec trunk serve --port "$port"
