# Two commands do everything on a fresh machine: `make search` and `make test`.
# Each builds .venv from requirements.lock the first time; afterwards that step is instant.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
ARGS   ?=

.PHONY: help search test train-nano ui check lock clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "LLMatic needs Python 3.11 or newer; $(PYTHON) is older (set PYTHON=...)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

search: $(READY)  ## run a search (ARGS="dataset=cifar10 search.generations=20" overrides any setting)
	@$(BIN)/llmatic search $(ARGS)

test: $(READY)  ## run the tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(ARGS)  # tests run side by side, a core each

train-nano: $(READY)  ## train a small code model from scratch, for llm=nano (hours on two cores; goes on where it stopped)
	@$(BIN)/llmatic train-nano $(ARGS)

ui: $(READY)  ## open the MLflow UI on the searches (http://127.0.0.1:5000)
	@$(BIN)/llmatic ui $(ARGS)

check: $(READY)  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: $(READY)  ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group dev --output-file requirements.lock pyproject.toml

clean:  ## remove .venv and caches (searches in mlruns/ stay)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
