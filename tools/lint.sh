#!/usr/bin/env bash
# Format, lint, types and the floors of the house; the first that fails ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
echo "lint         ruff"
$bin/ruff check --quiet .
$bin/ruff format --quiet --check .
echo "lint         pyright"
$bin/pyright --warnings | tail -n 30
echo "lint         import-linter"
$bin/lint-imports --no-cache | tail -n 8
