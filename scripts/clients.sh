#!/usr/bin/env bash
# Real JavaScript clients against live stand-ins; tests/clients starts and stops what it needs. Exit code: that of node --test.
set -euo pipefail
cd "$(dirname "$0")/../tests/clients"
missing() { echo "make clients: $1" >&2; exit 2; }

node=$(node --version 2>/dev/null) || missing "Node 20 or newer is needed, with npm: https://nodejs.org, or apt-get install nodejs npm"
[ "$(cut -d. -f1 <<<"${node#v}")" -ge 20 ] || missing "Node 20 or newer is needed; $node was found"
command -v npm >/dev/null || missing "npm is needed, it comes with Node: https://nodejs.org, or apt-get install npm"
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
[ -x "$CHROMIUM" ] || missing "Chromium is needed, $CHROMIUM is none: apt-get install chromium, or set CHROMIUM to where it is"

npm ci --no-audit --no-fund --loglevel=error
exec node --test --test-timeout=300000 ./*.test.mjs
