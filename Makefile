# make run    the page on http://127.0.0.1:7860, with the articles of ARTICLES in the library
# make test   format, lint, types and all tests
# make fast   only the tests that need neither the embedding model nor a browser
# make eval   the scorecard of the sample articles; fails when a score is under its floor
# make bench  speed, measured

PYTHON ?= python3
ARTICLES ?= articles
# Linux only: where pip finds torch without CUDA. Empty takes the build of the package index.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TORCH := $(shell grep '^torch==' requirements.txt)
export LANGSMITH_TRACING := false

.PHONY: run test fast eval bench clean

run: .venv/installed
	@$(BIN)/python -m index add $(ARTICLES)
	@$(BIN)/python app.py

test: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

fast: .venv/installed-dev
	$(BIN)/pytest -m "not models and not browser"

eval: .venv/installed
	@$(BIN)/python -m rag eval tests/eval/questions.jsonl --articles articles --floors tests/eval/floors.json $(EVAL)

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Dateline needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python's venv is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what Dateline needs (once; a minute or two) ..."
ifeq ($(shell uname -s),Linux)
	@test -z "$(TORCH_INDEX)" || $(PIP) --no-deps --retries 1 --extra-index-url $(TORCH_INDEX) $(TORCH)
endif
	@$(PIP) -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what the tests need (once) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv
