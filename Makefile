PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READERS := .venv-readers
CFF := .venv-cff
# PyTorch is large; at a desk its tests are skipped unless it is there (pip install 'vasculum[train]').
COMMA := ,
EXTRAS := test,analyzers,cluster$(if $(CI),$(COMMA)train)

.PHONY: run test cover test-slow check bench fmt deps-system install readers clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@echo "Setting up $(VENV), once: about a minute."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[$(EXTRAS)]'
	touch $@

# Others' readers and validators of exports: half a minute, once. Nothing is compiled that may never be imported.
readers: $(READERS)/.installed $(CFF)/.installed

$(READERS)/.installed: tests/readers/requirements.txt
	$(PYTHON) -m venv $(READERS)
	$(READERS)/bin/python -m pip install --quiet --no-compile --requirement $<
	touch $@

$(CFF)/.installed: tests/readers/requirements-cff.txt
	$(PYTHON) -m venv $(CFF)
	$(CFF)/bin/python -m pip install --quiet --no-compile --requirement $<
	touch $@

run: install
	$(BIN)/vasculum demo

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy hashstore manifests provenance crawlers analyzers node tests
	$(BIN)/lint-imports

test: check readers
	$(BIN)/pytest -n 2 --dist worksteal -m 'not slow'

# Looking at every line and branch takes a third longer than the tests themselves.
cover: check readers
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
	rm -rf $(VENV) $(READERS) $(CFF) demo-node demo-museum
