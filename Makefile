# `make` lists the targets. Everything runs from .venv, which `make setup` builds from requirements.lock.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.from-lock

.PHONY: help setup demo test check fix lock acceptance clients bench clean

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

check: $(STAMP) ## format, lint, types, import contracts, docs, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/pytest -q -n 0 tests/architecture

fix: $(STAMP) ## format and mend what can be mended mechanically
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP) ## resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --all-extras --upgrade --custom-compile-command "make lock" pyproject.toml -o requirements.lock

bench: $(STAMP) ## what it costs, as ratios to a bare route in the same run (MILLION=1 adds a million entities)
	@$(BIN)/python -m scripts.bench $(if $(MILLION),--million)

clients: $(STAMP) ## SAP's own JavaScript clients, and newman, against a live sap-mock (Node 20, Chromium)
	@scripts/clients.sh

acceptance: ## (not built yet: says so and fails)
	@echo "make $@: this part is not built yet" >&2; exit 1

clean: ## remove what was built, and nothing else
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage* \
	  tests/clients/node_modules tests/clients/generated
