#!/usr/bin/env bash
# Everything that CI runs, in one command: lint, then the tests. What had to be skipped is said in the last lines.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:$PWD/.venv/bin"  # where a Go from the wheel is, when there is no other
export PATH
tools/browser.sh
tools/lint.sh
exec .venv/bin/python -m pytest -p no:cacheprovider -rs --durations=15 "$@"
