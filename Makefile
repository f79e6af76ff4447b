# The one front door. Everything sets itself up; nothing has to be installed first but Python 3.11 and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUS ?= embedded
# what Debian asks before it starts the service of a package it installs
POLICY := /usr/sbin/policy-rc.d
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help demo run test test-slow check bench lock environment browser rabbitmq clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "No venv module here. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "setting up $(VENV) (once) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . >&2
	@touch $@

environment: $(VENV)/ready ## build .venv from the lock

demo: $(VENV)/ready ## the main job, end to end, with simulators: a table of what went where, and verified proofs
	@$(BIN)/python -m gateway.demo --bus $(BUS)

run: $(VENV)/ready ## the same, kept running, with the console; prints address and sign-in
	@$(BIN)/python -m gateway.demo --keep-running --bus $(BUS)

test: $(VENV)/ready browser rabbitmq ## every test but the long campaigns
	@$(BIN)/python -m pytest -m "not slow" -n 2

test-slow: $(VENV)/ready rabbitmq ## the long campaigns: kill -9 under load and the like
	@$(BIN)/python -m pytest -m slow -n 2 --timeout 900

check: $(VENV)/ready ## lint, format, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/ready ## speed, as ratios beside the floor of the same machine
	@$(BIN)/python -m tests.bench

browser: ## a browser for the console's tests, from the distribution
	@command -v chromium >/dev/null || { echo "installing chromium (once) ..." >&2; \
	  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; }

rabbitmq: ## a message broker for tests and demo, from the distribution; its service is not started
	@ls /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server >/dev/null 2>&1 || { \
	  echo "installing rabbitmq-server (once) ..." >&2; \
	  test ! -e $(POLICY) || mv $(POLICY) $(POLICY).kept; \
	  trap 'rm -f $(POLICY); test ! -e $(POLICY).kept || mv $(POLICY).kept $(POLICY)' EXIT; \
	  printf '#!/bin/sh\nexit 101\n' >$(POLICY); chmod 755 $(POLICY); \
	  apt-get update -qq >&2; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rabbitmq-server >/dev/null; }

lock: ## requirements.in -> requirements.lock: exact versions and hashes, no addresses
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate requirements.in -o requirements.lock

clean: ## forget everything built here
	@rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache
