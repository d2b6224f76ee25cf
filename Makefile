# make demo: set up and watch the demo clip. make test: set up and pass the tests. Nothing else is needed first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEDFE ?= ../shared/pedfe

.PHONY: demo test calibrate lint bundle soak audit bench clean

demo: $(VENV)/.installed
	$(BIN)/realtime --demo

test: $(VENV)/.developed
	$(BIN)/pytest

# What `calibrate` and the engines torch and onnx need, too.
calibrate: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[calibrate]'

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

# Trains the packaged bundle: about an hour on two cores, most of it extraction and cross-validation. An interrupted
# run continues where it stopped.
bundle: $(VENV)/.developed
	mkdir -p work
	test -f work/tracks.npz || $(BIN)/calibrate extract $(PEDFE) -o work/tracks.npz
	$(BIN)/calibrate report --data work/tracks.npz --cross-validate 5 -o work/report
	$(BIN)/calibrate learn work/tracks.npz -o work/learned
	$(BIN)/calibrate features work/learned work/tracks.npz -o work/features.npz
	$(BIN)/calibrate boost work/learned work/features.npz --report work/report -o engines/bundles/default \
		--data-name "PEDFE, development half (42 of 56 people)" \
		--data-source "Miolla, Cardaioli, Scarpazza: Padova Emotional Dataset of Facial Expressions, \
	Behavior Research Methods 55 (2023)" \
		--data-terms "research use; check the data's terms" \
		--data-recording "young adults in a laboratory in Padova; genuine expressions were elicited by films, \
	fake ones posed on request"

# An hour of media at twice real time, a thousand mutations of each kind; SOAK_HOURS=8 for a working day.
soak: $(VENV)/.developed
	$(BIN)/pytest -m soak -s

# Known holes in what is installed; asks PyPI. Strict: a package that it has no answer for fails, or an audit of nothing
# would pass.
audit: $(VENV)/.developed
	$(BIN)/pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/pip freeze --exclude-editable | $(BIN)/pip-audit --strict --no-deps --disable-pip -r /dev/stdin

bench: $(VENV)/.developed
	$(BIN)/python -m engines.bench

clean:
	rm -rf $(VENV) build *.egg-info
