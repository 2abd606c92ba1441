# Two commands: `make run` shows the demo shop, `make install` gives `.venv/bin/portal` for a real one.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
VNU := build/vnu/node_modules/vnu-jar/build/dist/vnu.jar
VNU_VERSION := 26.9.27

.PHONY: run install dev test check markup test-postgres soak bench shots requirements chromium clean

run: install
	@$(BIN)/portal demo --port $(PORT)

install: .venv/installed

.venv/installed: requirements/base.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Regulars needs Python 3.11 or later." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into .venv (once) …"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	@$(PIP) install --require-hashes -r requirements/base.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

dev: .venv/installed-dev

.venv/installed-dev: requirements/dev.txt .venv/installed
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

test: dev chromium
	$(BIN)/python -m pytest -m "not soak" -n 3 $(PYTEST)

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python bench/templates.py
	$(BIN)/python -m pytest -q tests/test_architecture.py
	@$(MAKE) --no-print-directory markup

# Every page of every role through the Nu HTML checker. It needs Java and npm: CI must have both.
markup: dev
	@if command -v java >/dev/null && { test -f $(VNU) || command -v npm >/dev/null; }; then \
	  test -f $(VNU) || npm install --silent --no-audit --no-fund --ignore-scripts --prefix build/vnu vnu-jar@$(VNU_VERSION); \
	  $(BIN)/python bench/markup.py build/pages && java -jar $(VNU) --errors-only --skip-non-html build/pages && echo "The Nu HTML checker has no complaint."; \
	elif [ "$$CI" = true ]; then \
	  echo "CI needs java and npm for the Nu HTML checker: apt-get install default-jre-headless npm" >&2; exit 1; \
	else \
	  echo "Skipped the Nu HTML checker: it needs java and npm."; \
	fi

test-postgres: dev
	$(BIN)/python bench/postgres.py $(BIN)/python -m pytest -m "not soak and not command" --ignore=tests/browser -n 3 $(PYTEST)

soak: dev
	$(BIN)/python -m pytest -m soak -s $(PYTEST)

bench: dev
	$(BIN)/python bench/run.py
	$(BIN)/python bench/purchases.py

shots: dev chromium
	$(BIN)/python bench/shots.py build/shots

# Pins every dependency with its hashes again; needs uv on the PATH.
requirements:
	cd requirements && for name in base postgres dev; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command "make requirements" $$name.in -o $$name.txt || exit 1; \
	done

chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing chromium …"; apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
	  echo "The browser tests need chromium or google-chrome on the PATH: sudo apt-get install chromium" >&2; exit 1; \
	fi

clean:
	rm -rf build .venv .pytest_cache .mypy_cache .ruff_cache *.egg-info
