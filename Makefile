# `make` lists the targets. Everything runs from .venv, which `make setup` builds from requirements.lock.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.from-lock
COMPOSE := docker/compose.yaml
export no_proxy := 127.0.0.1,localhost,$(no_proxy),$(NO_PROXY)# what is started here is not behind a proxy
export NO_PROXY := $(no_proxy)

.PHONY: help setup demo test check fix lock acceptance clients bench trial clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(STAMP) ## build .venv from requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@scripts/setup.sh "$(PYTHON)"
	@touch $(STAMP)

demo: $(STAMP) ## a thousand invoices of four billing systems into SAP, reconciled (KEEP=1 leaves it running)
	@$(BIN)/python scripts/demo.py $(if $(KEEP),--keep) $(if $(INVOICES),--invoices $(INVOICES))

test: $(STAMP) ## the whole suite that needs no container engine
	$(BIN)/pytest -n $${PYTEST_WORKERS:-2} --dist loadgroup

check: $(STAMP) ## format, lint, types, import contracts, container files, docs, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint docker/Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec $(COMPOSE)
	! docker compose version >/dev/null 2>&1 || docker compose -f $(COMPOSE) config --quiet
	$(BIN)/codespell
	$(BIN)/pytest -q -n 0 tests/architecture

fix: $(STAMP) ## format and mend what can be mended mechanically
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP) ## resolve the dependencies anew: requirements.lock, and the part of it that the image takes
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --all-extras --upgrade --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --extra celery --extra otel --constraint requirements.lock \
	  --custom-compile-command "make lock" pyproject.toml -o requirements-runtime.lock

bench: $(STAMP) ## what it costs, as ratios to a bare route in the same run (MILLION=1 adds a million entities)
	@$(BIN)/python -m scripts.bench $(if $(MILLION),--million)
	@$(BIN)/python -m scripts.bench.delivery
	@$(BIN)/python -m scripts.bench.ledger
	@$(BIN)/python -m scripts.bench.workers
	@$(if $(MILLION),$(BIN)/python -m scripts.bench.whole)

trial: ## as a new user: the wheel in a fresh environment, the tutorial's files, pytest, and how long it took
	@$(PYTHON) scripts/wheel_trial.py

clients: $(STAMP) ## SAP's own JavaScript clients and Postman's tools against live stand-ins (Node 20, Chromium)
	@scripts/clients.sh

acceptance: $(STAMP) ## builds the image, starts docker/compose.yaml, and breaks it in every way (Docker engine)
	$(BIN)/pytest -n 0 -p no:randomly tests/acceptance

clean: ## remove what was built, and nothing else
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage* \
	  tests/clients/node_modules tests/clients/generated
