# Padlock. All set-up goes into .venv: no root, no questions. Details: tools/set_up.sh
#
#   make learn   set up, open JupyterLab on lesson 00   LAB_ARGS='--no-browser --port 8899' is passed on
#   make test    set up, run every test                 KINDS='unit browser' runs only these
#
# PYTHON=/path/to/python3.12 chooses the Python.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
LAB_ARGS ?=
FIRST := notebooks/00_start_here.ipynb
KINDS ?=
SET_UP = PYTHON='$(PYTHON)' sh tools/set_up.sh

# JupyterLab refuses to start as root, as in many containers, unless it is told to
ifeq ($(shell id -u),0)
AS_ROOT := --allow-root
endif

.DEFAULT_GOAL := help
.PHONY: help install learn test notebooks lint bench fuzz requirements clean

help:
	@sed -n '/^# Padlock/,/^$$/s/^#//p' Makefile

install:
	@$(SET_UP) learn

learn: install
	@$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/$(FIRST) $(AS_ROOT) $(LAB_ARGS)

test:
	@$(SET_UP) test
	@$(BIN)/python tools/run_tests.py $(KINDS)

notebooks:
	@$(SET_UP) test
	@$(BIN)/python tools/build_notebooks.py

lint:
	@$(SET_UP) test
	@$(BIN)/ruff check .

bench:
	@$(SET_UP) test
	@$(BIN)/python tools/bench.py

# 200,000 mutated certificates and CRLs through the judge, 250,000 documents of all kinds through `der.parse`,
# 500,000 recorded handshakes through `tls.dissect`: a quarter of an hour; a short run of each is in `make test`
fuzz:
	@$(SET_UP) test
	@$(BIN)/python tests/fuzz/fuzz_judge.py
	@$(BIN)/python tests/fuzz/fuzz_der.py
	@$(BIN)/python tests/fuzz/fuzz_tls.py

# After a change of dependencies in pyproject.toml: pin again, for every platform and Python that we support
requirements:
	@$(SET_UP) learn
	@$(BIN)/python tools/pin.py

# What tests and builds leave behind. The set-up stays; to be rid of that too: rm -r .venv
clean:
	@rm -rf artifacts build dist .pytest_cache .ruff_cache .hypothesis .coverage*
	@find src tests tools -name __pycache__ -type d -exec rm -rf {} +
