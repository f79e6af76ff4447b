# The one front door. Everything sets itself up; nothing has to be installed first but Python 3.11 and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUS ?= embedded
POLICY := /usr/sbin/policy-rc.d
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help demo run cluster test test-slow mutation faults check bench lock environment browser rabbitmq postgres clamav faketime compiler sshd clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "No venv module here. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "setting up $(VENV) (once) ..." >&2
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . >&2
	@touch $@

environment: $(VENV)/ready ## build .venv from the lock

ENGINES := $(if $(filter rabbitmq,$(BUS)),rabbitmq postgres)

demo: $(VENV)/ready $(ENGINES) ## the main job, end to end, with simulators: a table of what went where, and verified proofs
	@$(BIN)/python -m gateway.demo --bus $(BUS)

run: $(VENV)/ready $(ENGINES) ## the same, kept running, with the console; prints address and sign-in
	@$(BIN)/python -m gateway.demo --keep-running --bus $(BUS)

cluster: $(VENV)/ready rabbitmq postgres ## three broker nodes, a database and two of each process, on this machine, until Ctrl-C
	@$(BIN)/python -m gateway.demo.cluster $(if $(ONCE),--once)

test: $(VENV)/ready browser rabbitmq postgres clamav sshd compiler ## every test but the long campaigns
	@$(BIN)/python -m pytest -m "not slow" -n 2

test-slow: $(VENV)/ready rabbitmq postgres faketime sshd ## the long campaigns: kill -9 under load and the like
	@$(BIN)/python -m pytest -m slow -n 2 --timeout 900

mutation: $(VENV)/ready ## would the tests notice a mistake in the sharing decision? MUTATION="--share 0.1" tries a tenth
	@$(BIN)/python -m tests.mutation $(MUTATION)

faults: $(VENV)/ready rabbitmq postgres faketime ## the campaigns one by one, and the table of docs/faults.md
	@$(BIN)/python -m tests.fault

check: $(VENV)/ready ## lint, format, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/ready rabbitmq postgres compiler ## speed of both stacks, as ratios beside the floor of the same machine; ONLY=flow,stages
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(DISK),--disk $(DISK))

browser: ## a browser for the console's tests, from the distribution
	@command -v chromium >/dev/null || { echo "installing chromium (once) ..." >&2; \
	  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; }

# Debian asks policy-rc.d before it starts the service of a package it installs; ours says no.
define install
	echo "installing $(1) (once) ..." >&2; \
	test ! -e $(POLICY) || mv $(POLICY) $(POLICY).kept; \
	trap 'rm -f $(POLICY); test ! -e $(POLICY).kept || mv $(POLICY).kept $(POLICY)' EXIT; \
	printf '#!/bin/sh\nexit 101\n' >$(POLICY); chmod 755 $(POLICY); \
	apt-get update -qq >&2; DEBIAN_FRONTEND=noninteractive \
	  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $(1) >/dev/null
endef

rabbitmq: ## a message broker for tests and demo, from the distribution; its service is not started
	@ls /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server >/dev/null 2>&1 || { $(call install,rabbitmq-server); }

postgres: ## a database for tests and demo, from the distribution; no cluster is made and no service started
	@test -x /usr/lib/postgresql/15/bin/postgres || { mkdir -p /etc/postgresql-common; \
	  grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf || \
	    echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf; \
	  $(call install,postgresql-15); }

clamav: ## a malware scanner for tests, from the distribution; its service is not started and no signatures are fetched
	@test -x /usr/sbin/clamd || { $(call install,clamav-daemon); }

sshd: ## an SFTP server for tests, from the distribution; its service is not started
	@test -x /usr/sbin/sshd || { $(call install,openssh-server); }

faketime: ## what sets a process's clock, from the distribution
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || { $(call install,libfaketime); }

compiler: ## what builds the slow disk of the bench, from the distribution
	@command -v cc >/dev/null || { $(call install,gcc libc6-dev); }

lock: ## requirements.in -> requirements.lock: exact versions and hashes, no addresses
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate requirements.in -o requirements.lock
	@$(BIN)/python -m tests.bench.peers.lock

clean: ## forget everything built here
	@rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache
