# Needs Python 3.11-3.13, make and a package index; uses uv where it is present.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(SUPPORTED)' 2>/dev/null && { echo $$p; break; }; done)
UV := $(shell command -v uv)

# the coding clients that exports are tried with, and what looks at the pages' accessibility
CLIENTS := opencode-ai@1.18.33 @openai/codex@0.169.0 @anthropic-ai/claude-code@2.1.197 \
	@google/gemini-cli@0.61.0 @qwen-code/qwen-code@0.15.10 axe-core@4.14.1
ifeq ($(shell uname -s),Linux) # some of them need a younger node than distributions have
CLIENTS += node-linux-$(subst x86_64,x64,$(subst aarch64,arm64,$(shell uname -m)))@22.23.3
endif
PYTEST := # what else to tell pytest

BENCHMARKS := startup call overhead walk pack cache prefix_replay serve

.PHONY: demo test clients check fix bench lock clean

demo: $(VENV)/.installed ## a real answer about real files, with no key
	$(BIN)/ccw local install
	$(BIN)/ccw cli --model local/smollm2 -f examples/demo-prompt.md

test: $(VENV)/.installed-dev ## the whole suite, with the real proxy and the embedded model
	$(BIN)/ccw local install
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST)

clients: $(VENV)/clients/.installed ## 1 GB from npm; the tests that need it skip without

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/ccw config schema | diff storage-schema.json -

fix: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/ccw config schema > storage-schema.json

bench: $(VENV)/.installed-dev ## each script prints ratios against a peer measured in the same run
	for name in $(BENCHMARKS); do $(BIN)/python benchmarks/$$name.py || exit 1; done

$(VENV)/bin/python:
ifdef UV
	uv venv --python '>=3.11,<3.14' $(VENV)
else
	@test -n "$(PYTHON)" || { echo "ccw needs Python 3.11, 3.12 or 3.13: install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
endif

ifdef UV
INSTALL := uv pip install --quiet --python $(BIN)/python
else
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

$(VENV)/.installed: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements/dev.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.installed

$(VENV)/clients/.installed: Makefile
	npm install --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error --prefix $(VENV)/clients $(CLIENTS)
	cd $(VENV)/clients/node_modules && node opencode-ai/postinstall.mjs && node @anthropic-ai/claude-code/install.cjs
	touch $@

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

lock: ## renew the pinned, hashed requirements (needs uv)
	$(LOCK) --extra dev pyproject.toml -o requirements/dev.txt
	printf 'hatchling\neditables\n' | $(LOCK) --extra local -c requirements/dev.txt pyproject.toml - -o requirements/run.txt

clean:
	rm -rf $(VENV)
