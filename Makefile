# The two commands of the README are `make demo` and `make test`; each sets up what it needs.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test prove check lock bench
.DEFAULT_GOAL := setup

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/inverse-monitor demo $(ARGS)

test: setup
	$(BIN)/python -m pytest $(ARGS)

# The long proofs: the whole daemon under kill -9, broker kills, venue faults, on real programs.
prove: setup
	$(BIN)/python -m pytest -n 0 -m prove -rA $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: setup
	$(BIN)/python -m tests.bench $(ARGS)

# Hashes of everything: runtime, all extras, development tools. No addresses.
lock: setup
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--all-extras --group dev --upgrade --quiet --output-file requirements.lock pyproject.toml
