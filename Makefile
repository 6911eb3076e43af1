# The two commands of the README are `make demo` and `make test`; each sets up what it needs.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test test-all prove soak check lock bench dist sbom pictures mutate dashboards
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

# A hundred thousand looks of the watch, as fast as they go: does anything grow?
soak: setup
	$(BIN)/python -m tests.soak $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --quiet .github

bench: setup
	$(BIN)/python -m tests.bench $(ARGS)

# Whether the tests notice every small change to margin, liquidation and alerts. mutmut is not in requirements.lock: nothing
# else needs it, and its dozen dependencies are those of a text interface.
mutate: setup
	$(BIN)/uv pip install --quiet --group mutate
	$(BIN)/python -m tests.mutation $(ARGS)

# The pictures of README, drawn from the demo with Debian's chromium.
pictures: setup
	$(BIN)/python -m tests.pictures

# Hashes of everything: runtime, all extras, development tools; then what the container image holds (no tools), and what
# builds it, with the same pins. No addresses. What is pinned stays so; `make lock ARGS=--upgrade` takes what is new.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock: setup
	$(COMPILE) $(ARGS) --all-extras --group dev --output-file requirements.lock pyproject.toml
	$(COMPILE) --constraint requirements.lock --all-extras --output-file deploy/docker/requirements.lock pyproject.toml
	$(COMPILE) --constraint requirements.lock --group build --output-file deploy/docker/build.lock

# Wheel and source archive; the list of all that the container image holds (CycloneDX), for scanners of known weaknesses.
dist: setup
	$(BIN)/python -m hatchling build --directory dist

sbom: setup
	mkdir -p dist
	$(BIN)/python -W ignore -m cyclonedx_py requirements deploy/docker/requirements.lock --pyproject pyproject.toml \
		--output-reproducible --output-file dist/inverse-monitor.cdx.json

# The tests on every Python that is promised; says which are missing here.
test-all:
	.ci/test-all $(ARGS)

# deploy/grafana/dashboards anew, from the tables in deploy/grafana/src.
dashboards: setup
	$(BIN)/python -m deploy.grafana.src
