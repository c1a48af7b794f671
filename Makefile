# Two commands matter: `make demo` and `make test`. Both set up .venv by themselves and can be repeated.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
BIN = .venv/bin

.PHONY: demo test setup setup-dev verify verify-long bench lint clean

demo: setup
	@$(BIN)/python tools/demo.py

test: setup-dev
	@tools/test.sh

setup:
	@$(PYTHON) tools/bootstrap.py

setup-dev:
	@$(PYTHON) tools/bootstrap.py --dev

# Statistical calibration: simulation and replay of recorded runs, at most ten minutes.
verify: setup-dev
	@$(BIN)/python -m bench.calibration
	@$(BIN)/python -m bench.rivals bench/recorded/aa_real.jsonl
	@$(BIN)/python -m bench.fuzz_readers 50000
	@$(BIN)/python -m bench.node.kubelet 200

# The same questions on real runs: hours, resumable.
verify-long: setup-dev
	@$(BIN)/python -m bench.aa_real
	@$(BIN)/python -m bench.power_rss 40
	@$(BIN)/python -m bench.acquittals
	@$(BIN)/python -m bench.planted
	@$(BIN)/python -m bench.flagship
	@$(BIN)/python -m bench.profile_diff
	@$(BIN)/python -m bench.roles
	@$(BIN)/python -m bench.sites
	@$(BIN)/python -m bench.fuzz_readers
	@$(BIN)/python -m bench.hog
	@$(BIN)/python -m bench.power_cpu

# One file a claim; each prints a ratio to a peer or limit measured in the same run.
bench: setup-dev
	@for claim in start_up overhead report_100k power_rss hog profile_reading trace_v2 flame; do echo "== bench/$$claim"; $(BIN)/python -m bench.$$claim || exit 1; done

lint: setup-dev
	@tools/lint.sh

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
