# make demo, make test: each does its own set-up on a machine with Python 3.11, pip and git.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check lint types layers audit coverage mutants deep bench handbook clean

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "okr-sync needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	$(BIN)/okr-sync demo

test: $(STAMP)
	@sh tests/install-tools
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: lint types layers

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

audit: $(STAMP)
	@sh tests/audit $(BIN)

# Every branch of the rules of OKRs is taken by their own tests.
coverage: $(STAMP)
	$(BIN)/python -m pytest -q --hypothesis-seed=0 tests/unit/test_okr_*.py --cov=okr --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

# What the tests of score, pace and status would not notice: docs/mutants.md explains each survivor.
mutants: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'mutmut>=3.3,<4'
	rm -rf mutants
	$(BIN)/mutmut run
	$(BIN)/mutmut results

# People, faults and the machine in one sheet, 2,000 lives for each store in memory. The same SEED looks at the same ones.
SEED ?= $(shell date +%s)
DEEP ?= tests/machine
deep: $(STAMP)
	@echo "again: make deep SEED=$(SEED) DEEP='$(DEEP)'"
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -q --timeout=0 --show-capture=no --hypothesis-seed=$(SEED) $(DEEP)

bench: $(STAMP)
	$(BIN)/python -m bench

# docs/ and a reference made from the code, as a site in build/handbook/site.
handbook: $(STAMP)
	$(BIN)/python -m handbook

clean:
	rm -rf $(VENV) build demo mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis
