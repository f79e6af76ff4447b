# The one front door. Everything sets itself up; nothing has to be installed first but Python 3.11 and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUS ?= embedded
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help demo run test test-slow check bench lock environment browser postgres clean

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

test: $(VENV)/ready browser postgres ## every test but the long campaigns
	@$(BIN)/python -m pytest -m "not slow" -n 2

test-slow: $(VENV)/ready postgres ## the long campaigns: kill -9 under load and the like
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

# No service is started and no cluster made: tests make servers of their own.
postgres: ## PostgreSQL 15's programs for tests, from the distribution; no service is started
	@test -x /usr/lib/postgresql/15/bin/postgres || { echo "installing postgresql-15 (once) ..." >&2; \
	  mkdir -p /etc/postgresql-common; grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf || \
	    echo 'create_main_cluster = false' >> /etc/postgresql-common/createcluster.conf; \
	  had=; test -e /usr/sbin/policy-rc.d && had=yes || \
	    { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d; }; \
	  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq \
	    postgresql-15 >/dev/null && failed=0 || failed=1; \
	  test -n "$$had" || rm -f /usr/sbin/policy-rc.d; exit $$failed; }

lock: ## requirements.in -> requirements.lock: exact versions and hashes, no addresses
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate requirements.in -o requirements.lock

clean: ## forget everything built here
	@rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache
