# make demo: set up and watch the demo clip. make test: set up and pass the tests. Nothing else is needed first.
PYTHON ?= python3
VENV := .venv
CONSTRAINTS ?= constraints.txt
EXTRAS ?= calibrate,dev
TESTS ?=
BIN := $(VENV)/bin
# Of pip; `make demo` shows its progress instead.
QUIET := --quiet
PEDFE ?= ../shared/pedfe

.PHONY: demo test oldest pythons calibrate lint bundle readout appearance deploy soak audit bench release trial sbom docs clean

demo: QUIET =
demo: $(VENV)/.installed
	@echo "2 of 2: the gauge plays the demo clip. The first start compiles the engine for this processor, once."
	$(BIN)/realtime --demo --tour

test: $(VENV)/.developed
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

# The tests with the lowest version of every dependency that pyproject.toml allows, so that no floor is a guess.
# Left out: docs/LICENSES.md lists what the newest versions need, and older ones need other packages.
oldest:
	mkdir -p build
	$(PYTHON) tests/support/version_floors.py > build/floors.txt
	$(MAKE) test VENV=.venv-oldest CONSTRAINTS=build/floors.txt TESTS="--ignore=tests/docs/test_licences.py $(TESTS)"

# The tests under every Python that the project supports and this machine has.
PYTHONS ?= python3.11 python3.12 python3.13
pythons:
	@for python in $(PYTHONS); do \
	  if $$python -c '' 2>/dev/null; then \
	    echo "$$python: $$($$python --version)"; \
	    $(MAKE) test PYTHON=$$python VENV=.venv-$$python || exit 1; \
	  else echo "$$python: skipped, it is not installed"; fi; \
	done

# What `calibrate` and the engines torch and onnx need, too.
calibrate: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[calibrate]'

lint: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/.installed: pyproject.toml $(CONSTRAINTS)
	@echo "1 of 2: setting up $(VENV), an environment and then packages (0.9 GB on disk), once."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install $(QUIET) --disable-pip-version-check -c $(CONSTRAINTS) -e .
	touch $@

$(VENV)/.developed: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[$(EXTRAS)]'
	touch $@

# What the expression read-out learns from: folders with a teacher's blendshapes, calibrate sample --help.
TAUGHT ?= $(PEDFE) $(PEDFE)/../wild

# Trains the packaged bundle: about an hour on two cores, most of it extraction and cross-validation. An interrupted
# run continues where it stopped.
# The bundle is made beside the packaged one, whose read-out the tracks hold, and takes its place when it is whole.
bundle: $(VENV)/.developed
	mkdir -p work
	test -f work/tracks.npz || $(BIN)/calibrate extract $(PEDFE) -o work/tracks.npz
	$(BIN)/calibrate report --data work/tracks.npz --cross-validate 5 -o work/report
	$(BIN)/calibrate learn work/tracks.npz -o work/learned
	$(BIN)/calibrate features work/learned work/tracks.npz -o work/features.npz
	$(BIN)/calibrate boost work/learned work/features.npz --report work/report -o work/bundle \
		--data-name "PEDFE, development half (42 of 56 people)" \
		--data-source "Miolla, Cardaioli, Scarpazza: Padova Emotional Dataset of Facial Expressions, \
	Behavior Research Methods 55 (2023)" \
		--data-terms "research use; check the data's terms" \
		--data-recording "young adults in a laboratory in Padova; genuine expressions were elicited by films, \
	fake ones posed on request"
	$(BIN)/calibrate expression --from engines/bundles/default --bundle work/bundle
	$(BIN)/calibrate onsets work/tracks.npz --bundle work/bundle
	$(BIN)/calibrate emotions work/tracks.npz --bundle work/bundle
	cp work/bundle/* engines/bundles/default/

# Learns the expression read-out of the packaged bundle; all else must be learned again after it, from `calibrate extract`
# on, whose tracks hold what it reads.
readout: $(VENV)/.developed
	mkdir -p work
	test -f work/expression.npz || $(BIN)/calibrate sample $(TAUGHT) -o work/expression.npz
	$(BIN)/calibrate expression work/expression.npz --bundle engines/bundles/default --gate \
		--data-name "PEDFE, development half (42 of 56 people; research use, check the data's terms), and stock videos of \
	people who smile, without a licence"

# Fits the components of the appearance; all networks must be trained again after a change of them.
appearance: $(VENV)/.developed
	mkdir -p work
	test -f work/expression.npz || $(BIN)/calibrate sample $(TAUGHT) -o work/expression.npz
	$(BIN)/calibrate appearance work/expression.npz -o realtime/landmarks/appearance.npy

# What the Dockerfile does, in a new environment and with the files that .dockerignore lets in; the image itself where a
# Docker daemon answers.
deploy:
	rm -rf build/deploy
	mkdir -p build/deploy/src
	tar --exclude=__pycache__ -cf - $$(sed -n 's/^!//p' .dockerignore) | tar -xf - -C build/deploy/src
	cd build/deploy/src && PYTHON=$(PYTHON) sh deploy/install.sh ../venv
	rm -rf build/deploy
	@if docker info >/dev/null 2>&1; then docker build --tag genuine-gauge . && docker run --rm genuine-gauge; \
	  else echo "no Docker daemon: the image was not built"; fi

# An hour of media at twice real time, a thousand mutations of each kind; SOAK_HOURS=8 for a working day.
soak: $(VENV)/.developed
	$(BIN)/pytest -m soak -s --timeout=0

# Tools of a release, in an environment of their own: what is audited and listed holds none of them.
RELEASE := .venv-release
$(RELEASE)/.installed:
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/pip install --quiet --disable-pip-version-check 'build>=1.2' 'twine>=6.1' 'cyclonedx-bom>=5' 'pip-audit>=2.7'
	touch $@

# Known holes in what is installed; asks PyPI. Strict: a package that it has no answer for fails, or an audit of nothing
# would pass.
audit: $(VENV)/.developed $(RELEASE)/.installed
	$(BIN)/pip freeze --exclude-editable | $(RELEASE)/bin/pip-audit --strict --no-deps --disable-pip -r /dev/stdin

# Wheel and sdist of the commit HEAD in dist/: built twice, which must give the same bytes, and checked.
release: $(RELEASE)/.installed
	rm -rf build/release dist
	mkdir -p build/release/src
	git archive HEAD | tar -xf - -C build/release/src
	$(RELEASE)/bin/python -m build --outdir build/release/first build/release/src
	$(RELEASE)/bin/python -m build --outdir dist build/release/src
	diff -r build/release/first dist
	$(RELEASE)/bin/twine check --strict dist/*
	rm -rf build/release

# What is in dist/, installed as a user would under every Python that the project supports and this machine has.
trial:
	@for python in $(PYTHONS); do \
	  if $$python -c '' 2>/dev/null; then sh deploy/try_release.sh $$python dist || exit 1; \
	  else echo "$$python: skipped, it is not installed"; fi; \
	done

# Bill of materials of an installation with the extras that work without a GPU and without training.
sbom: $(RELEASE)/.installed
	rm -rf build/sbom
	$(PYTHON) -m venv --without-pip build/sbom
	$(RELEASE)/bin/pip --python build/sbom/bin/python install --quiet -c $(CONSTRAINTS) '.[web,osc,lsl,completion]'
	mkdir -p dist
	$(RELEASE)/bin/cyclonedx-py environment build/sbom/bin/python --pyproject pyproject.toml --output-reproducible \
		--output-file dist/genuine-gauge.cdx.json
	rm -rf build/sbom

# The documentation site in build/site/. Strict: a page outside the navigation or a link to nowhere fails it.
SITE := .venv-docs
docs:
	test -x $(SITE)/bin/mkdocs || { $(PYTHON) -m venv $(SITE) && $(SITE)/bin/pip install --quiet \
		--disable-pip-version-check 'mkdocs-material>=9.7,<10' 'mkdocstrings[python]>=1,<2'; }
	NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --strict

bench: $(VENV)/.developed
	$(BIN)/python -m engines.bench

clean:
	rm -rf $(VENV) .venv-* build dist *.egg-info
