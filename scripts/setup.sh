#!/usr/bin/env bash
# Builds .venv from requirements.lock: with uv where it is installed, else with the plain venv module and pip.
# Quiet when all goes well; the whole output when it does not. Usage: scripts/setup.sh [PYTHON]
set -euo pipefail
python=${1:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "Python 3.11 or newer is needed; $("$python" --version) was found. Try: make setup PYTHON=python3.12" >&2; exit 2; }
echo "Setting up .venv (once) ..." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() { "$@" >>"$log" 2>&1 || { cat "$log" >&2; echo "Set-up failed at: $*" >&2; exit 1; }; }
if command -v uv >/dev/null 2>&1; then
  run uv venv --quiet --allow-existing --python "$python" .venv
  run uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements.lock
  run uv pip install --quiet --python .venv/bin/python --no-deps -e .
else
  run "$python" -m venv .venv
  run .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
  run .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
fi
