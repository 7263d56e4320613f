PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-slow check bench fmt deps-system install clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@echo "Setting up $(VENV), once: about a minute."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

run: install
	$(BIN)/vasculum demo

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy hashstore manifests provenance crawlers analyzers node tests
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest -n 2 --dist worksteal -m 'not slow' --cov --cov-report=term

test-slow: install
	$(BIN)/pytest -n 2 --dist worksteal -m slow

bench: install
	$(BIN)/python -m bench

fmt: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

deps-system:
	bash tools/deps-system

clean:
	rm -rf $(VENV) demo-node demo-museum
