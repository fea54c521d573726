# Troth. `make demo` shows the main job; `make test` runs every test. Both need Python 3.11 or newer, and make.

PYTHON ?= python3
SHARED ?= ../shared
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count() or 1, 4))')
RUNS := demo-runs
DATA ?=
SERVE ?=

export SHARED

.DEFAULT_GOAL := help
.PHONY: help venv demo test ci lint types imports bench eval-detect clean

help: ## Show this list.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Troth needs Python 3.11 or newer; name one with make PYTHON=python3.11" >&2; exit 2; }
	@echo "Setting up $(VENV) (once; a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

venv: $(READY) ## Set up .venv with everything; the command is then .venv/bin/troth.

demo: $(READY) ## Run the main job and show what happened. DATA=path takes your own logs; SERVE=no starts no example.
	@$(BIN)/troth demo --runs $(RUNS) $(if $(filter no,$(SERVE)),--no-serve) $(if $(filter yes,$(SERVE)),--serve) $(if $(DATA),--data '$(DATA)',$(if $(wildcard $(SHARED)/conversations),--data $(SHARED)/conversations,$(if $(wildcard $(SHARED)/data/conversations),--data $(SHARED)/data/conversations)))

# Without kept bytecode each of the processes that tests start would compile all of the source again.
test: $(READY) ## Run every test.
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -q -n $(JOBS) --dist worksteal

ci: lint types imports test ## What CI runs after setting up.

lint: $(READY) ## Check style.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY) ## Check types.
	@$(BIN)/mypy

imports: $(READY) ## Check that rooms import only rooms below them.
	@$(BIN)/lint-imports

bench: $(READY) ## Measure against the peers; results go to bench/RESULTS.md.
	@$(BIN)/python bench

eval-detect: $(READY) ## Score what finds sensitive data beside its peers. GITLEAKS=gitleaks.toml adds its rules.
	@$(BIN)/python -m evaluation.detect --shared '$(SHARED)' $(if $(GITLEAKS),--gitleaks '$(GITLEAKS)')

clean: ## Remove what was made, except the demo's runs.
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis bench/data
