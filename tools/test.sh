#!/usr/bin/env bash
# Everything that CI runs, in one command: lint, then the tests. What had to be skipped is said in the last lines.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/browser.sh
tools/lint.sh
exec .venv/bin/python -m pytest -p no:cacheprovider -rs --durations=15 "$@"
