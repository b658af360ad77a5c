# Everything starts here. Python 3.11 or newer and make are enough: the rest is fetched on the first call.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

# The first Python that is new enough. Another one: make PYTHON=/path/to/python3 ...
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
CORES := $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
say = @printf '\n== %s\n' '$(1)'

.PHONY: help run test check bench format lint types floors docs dependencies self-audit servers clean

help: ## say what can be made
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

run: .venv/for-run ## run the notebook at https://127.0.0.1:8443 (ARGS="--port 9443" to change that)
	$(call say,Running the notebook; Ctrl-C stops it)
	@exec $(BIN)/fumehood run $(ARGS)

test: .venv/for-work servers ## run all tests (ARGS="tests/cli -k run" to choose)
	$(call say,Tests on $(CORES) cores)
	@$(BIN)/pytest -n $(CORES) --dist loadfile $(ARGS)

check: format lint types floors docs dependencies self-audit ## formatting, lint, types, floors, docs, dependencies, our own audit
	$(call say,All checks passed)

bench: .venv/for-bench ## measure every number that the README quotes (OWASP=/path/to/BenchmarkPython for that one too)
	$(call say,What the hood costs a request)
	@$(BIN)/python -W ignore benchmarks/hood.py
	$(call say,What importing it costs)
	@$(BIN)/python -W ignore benchmarks/imports.py
	$(call say,MDN Observatory: the grade of the notebook)
	@$(BIN)/python -W ignore benchmarks/observatory.py
	$(call say,OWASP Benchmark for Python: what the audit finds in code)
	@if [ -n '$(OWASP)' ]; then $(BIN)/python -W ignore benchmarks/owasp.py '$(OWASP)'; \
	else echo 'NOT MEASURED: say make bench OWASP=/path/to/a/checkout of OWASP-Benchmark/BenchmarkPython'; fi

format: .venv/for-work ## is everything formatted? (mend: .venv/bin/ruff format)
	$(call say,Formatting)
	@$(BIN)/ruff format --check

lint: .venv/for-work ## ruff
	$(call say,Lint)
	@$(BIN)/ruff check

types: .venv/for-work ## mypy --strict
	$(call say,Types)
	@$(BIN)/mypy

floors: .venv/for-work ## nothing imports upwards
	$(call say,Floors: nothing imports upwards)
	@$(BIN)/lint-imports --no-cache --no-logo

docs: .venv/for-work ## build the documentation; warnings are errors
	$(call say,Documentation)
	@$(BIN)/sphinx-build -W --keep-going -q -E -b html docs docs/_build/html
	@echo "Built docs/_build/html/index.html"

dependencies: .venv/for-work ## are known-vulnerable versions installed?
	$(call say,Advisories for what is installed)
	@$(BIN)/fumehood advisories check --if-reachable

self-audit: .venv/for-work ## fumehood audits itself
	$(call say,Our own audit of our own code)
	@$(BIN)/fumehood audit --app fumehood.starter:create_app

servers: .venv/for-work
	@sh tests/servers/install.sh
	@$(BIN)/python -c 'import MySQLdb' 2>/dev/null || $(BIN)/pip install --quiet mysqlclient >/dev/null 2>&1 || \
		echo 'The driver mysqlclient cannot be built here; the test that needs it is skipped.'

clean: ## remove what was built; data and the virtual environment stay
	rm -rf docs/_build docs/rules/FH*.md docs/rules/index.md build dist .ruff_cache .pytest_cache .mypy_cache .import_linter_cache

# The virtual environment. Each stamp is older than pyproject.toml after a change there, and is then made again.
.venv/for-work: pyproject.toml | .venv/made
	$(call say,Installing Fumehood with all its parts and the tools to work on it into .venv)
	@$(BIN)/pip install --quiet --editable '.[all]' --group dev
	@$(PYTHON) -m venv .venv/sslyze && .venv/sslyze/bin/pip install --quiet 'sslyze>=6.3' && ln -sf ../sslyze/bin/sslyze $(BIN)/sslyze
	@$(BIN)/python -m compileall -q src
	@touch .venv/for-work .venv/for-run

.venv/for-bench: pyproject.toml | .venv/for-work
	$(call say,Installing what the benchmarks compare with)
	@$(BIN)/pip install --quiet --group bench
	@touch .venv/for-bench

.venv/for-run: pyproject.toml | .venv/made
	$(call say,Installing Fumehood and what the notebook needs into .venv)
	@$(BIN)/pip install --quiet --editable '.[starter]'
	@$(BIN)/python -m compileall -q src
	@touch .venv/for-run

.venv/made:
	$(call say,Making the virtual environment .venv)
	@test -n '$(PYTHON)' || { echo 'No Python of version 3.11 or newer was found. Install one (Debian: apt-get install python3),' \
		'or name it: make PYTHON=/path/to/python3'; exit 2; }
	@sh .ci/venv.sh '$(PYTHON)'
	@touch .venv/made
