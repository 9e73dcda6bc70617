# Two commands do everything on a fresh machine: `make run` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ASSETS := serving/static/built/manifest.json
PEERS := .venv-peers
PEERS_INSTALLED := $(PEERS)/.installed
HOST ?= 127.0.0.1
PORT ?= 8000
export MLFLOW_DISABLE_TELEMETRY := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install assets run check format test screenshots peers bench clean

help:  ## say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Second Look needs Python 3.11 or later on the PATH; none was found."; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(PEERS_INSTALLED): benchmarks/peers.txt
	@test -n "$(PYTHON)" || { echo "Second Look needs Python 3.11 or later on the PATH; none was found."; exit 2; }
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement benchmarks/peers.txt
	@touch $@

# Node is the machine's, or else a wheel's. Without either the pages are plain, and say nothing less.
$(ASSETS): package.json package-lock.json $(shell find assets -type f) | $(INSTALLED)
	@command -v npm >/dev/null || $(BIN)/npm --version >/dev/null 2>&1 \
		|| $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[assets]' || true
	@PATH="$$PATH:$(CURDIR)/$(BIN)"; { npm ci --loglevel=error && npm run --silent build; } \
		|| echo "The styles could not be built: pages will be plain. \`make assets\` tries again."

install: $(INSTALLED) $(ASSETS)  ## make the environment and install the pinned dependencies

assets: $(ASSETS)  ## build the pages' styles and script from npm

run: $(INSTALLED) $(ASSETS)  ## train on the sample, import it and serve on 127.0.0.1:8000
	$(BIN)/secondlook demo --host $(HOST) --port $(PORT)

check: $(INSTALLED)  ## formatting, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED)  ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(INSTALLED) $(ASSETS)  ## the tests, warnings as errors
	$(BIN)/pytest -n 2 --dist worksteal

screenshots: $(INSTALLED) $(ASSETS)  ## write docs/tour.md and its pictures, from the demonstration
	$(BIN)/python tests/browser/screenshots.py

peers: $(PEERS_INSTALLED)  ## make the environment in which cleanlab and ASReview are run

bench: $(INSTALLED) $(PEERS_INSTALLED)  ## measure side by side with peers; fills docs/benchmarks.md
	$(BIN)/python -m benchmarks

clean:  ## remove what was built, trained and served here; the environment stays
	rm -rf var dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
