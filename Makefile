# make demo: set up and watch the demo clip. make test: set up and pass the tests. Nothing else is needed first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEDFE ?= ../shared/pedfe

.PHONY: demo test lint bundle bench clean

demo: $(VENV)/.installed
	$(BIN)/realtime --demo

test: $(VENV)/.developed
	$(BIN)/pytest

lint: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.developed: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[calibrate,dev]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
