PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: help run test lint docs outputs bench clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(INSTALLED) ## Make a world: playback.duckdb, exports/*.parquet, exports/graph.pt
	$(BIN)/playback run $(OPTIONS)

test: $(INSTALLED) ## Run every test and linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pytest

lint: $(INSTALLED) ## Mend what the linters can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(INSTALLED) ## Write the pages of docs/ that tell of the dbt project, and its static docs
	$(BIN)/python -m docs.generator
	$(BIN)/dbt docs generate --static --quiet

outputs: $(INSTALLED) ## Run the queries of README.md and docs/queries.md, and write their output in
	$(BIN)/dbt parse --quiet
	$(BIN)/python -m docs.generator.outputs README.md docs/queries.md

bench: $(INSTALLED) ## Measure speed and memory against the budgets
	$(BIN)/python -m benchmarks

clean: ## Remove what was made; the environment stays
	rm -rf playback.duckdb playback.duckdb.wal playback.duckdb.tmp exports target logs

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Playback needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
