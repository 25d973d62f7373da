PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SPARK_INSTALLED := $(VENV)/.installed-spark
PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
HAS_JAVA := $(shell java -version >/dev/null 2>&1 && echo yes)
OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: help run spark java test check linters lint docs outputs bench clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(INSTALLED) ## Make a world: playback.duckdb, exports/*.parquet, exports/graph.pt
	$(BIN)/playback run $(OPTIONS)

spark: java $(SPARK_INSTALLED) ## Make a small world on Spark instead: lake/ (needs Java)
	$(BIN)/playback run --engine spark --lake lake \
		--users 100 --songs 1000 --artists 100 --until 2024-03-31 $(OPTIONS)

java:
	$(if $(HAS_JAVA),,$(error Spark needs Java 17 or newer, and there is no command `java`: install it))

test: $(INSTALLED) $(if $(HAS_JAVA),$(SPARK_INSTALLED)) linters ## Run every test and linter
	$(PYTEST)

check: $(INSTALLED) linters ## Run the linters and the fast tests, in a minute
	$(PYTEST) -m "not slow and not spark" --ignore-glob '*_world.py'

linters: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

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
	rm -rf playback.duckdb playback.duckdb.wal playback.duckdb.tmp playback.duckdb.dbt lake exports target logs

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Playback needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) --editable '.[dev]'
	@touch $@

$(SPARK_INSTALLED): $(INSTALLED)
	$(PIP_INSTALL) --editable '.[dev,spark]'
	@touch $@
