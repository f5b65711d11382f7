PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
CODE := letters verification migrations tests wsgi.py $(wildcard benchmarks)
TRANSLATIONS := letters/translations
CATALOGUES := $(wildcard $(TRANSLATIONS)/*/LC_MESSAGES/messages.po)

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-18s %s\n", $$1, $$2}' Makefile

venv: .venv/.test ## Make .venv with everything in it

run: .venv/.run catalogues ## Show the demo at 127.0.0.1:8000 (another port: make run PORT=8123)
	@$(BIN)/undersigned demo --port $(PORT)

test: ## Run every check
	@$(MAKE) --no-print-directory --jobs 2 --output-sync checks
	$(BIN)/pytest -n 3 --dist worksteal

test-all: checks ## The same, with the full repetitions
	$(BIN)/pytest --full

bench: .venv/.test tools catalogues ## Measure anew and write the tables of docs (parts: make bench ONLY=reading,writing)
	$(BIN)/python -m benchmarks

bench-exporting: .venv/.test tools catalogues ## Measure taking a million signatures away, as in docs/benchmarks.md
	$(BIN)/python -m benchmarks.exporting

rehearse: .venv/.test tools catalogues ## Lose each part of an installation on many machines while people sign; prints a table
	$(BIN)/python -m tests.rehearsal

reidentify: .venv/.test ## Attack the figures as a watcher and a flooder would; prints docs/reidentification.md's tables
	$(BIN)/python -m benchmarks.reidentify

checks: lint types imports catalogues tools

lint: .venv/.test ## Check style and formatting
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: .venv/.test ## Check types
	$(BIN)/mypy

imports: .venv/.test ## Check who imports whom
	$(BIN)/lint-imports --no-logo

catalogues: .venv/.run $(CATALOGUES:.po=.mo) ## Compile the translations

catalogues-check: .venv/.test ## Check that every message is translated
	$(BIN)/pytest tests/house/test_catalogues.py

messages: .venv/.run ## Bring the catalogues up to date for translators
	$(BIN)/pybabel -q extract -F pyproject.toml --no-location --sort-output --omit-header -o .venv/messages.pot .
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		-i .venv/messages.pot -d $(TRANSLATIONS)

auditor: .venv/.test ## Write deploy/audit.py anew from the modules it is made of
	@$(BIN)/python deploy/make_audit.py

requirements: .venv/.test ## Compile the requirements again from pyproject.toml
	$(COMPILE) -o requirements.txt pyproject.toml
	$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean: ## Remove what was made, but keep var/
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	find letters verification migrations tests -name __pycache__ -prune -exec rm -rf {} +
	rm -f $(TRANSLATIONS)/*/LC_MESSAGES/messages.mo

tools: .venv/.test
	@deploy/install-test-tools

%.mo: %.po | .venv/.run
	@$(BIN)/pybabel -q compile -i $< -o $@

COMPILE := CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile -q --generate-hashes --allow-unsafe \
	--strip-extras --build-deps-for editable --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Undersigned needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python cannot make a virtual environment: install its venv module (python3-venv)" >&2; exit 1; }

.venv/.run: requirements.txt pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.test: requirements-dev.txt .venv/.run
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

.DELETE_ON_ERROR:
.PHONY: help venv run test test-all bench bench-exporting rehearse reidentify checks lint types imports catalogues catalogues-check messages auditor requirements clean tools
