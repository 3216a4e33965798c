# One verb per kind of work; `make` alone lists them. GNU make 3.81 (macOS) or newer.
#
#   make lab LAB_FLAGS=--no-browser         flags for `python -m coro_lab`
#   make test PYTHON=python3.13             another Python, in a separate environment (.venv-python3.13)
#   make unit PYTEST_FLAGS="-k stepper -x"  flags for every run of pytest
#   make unit PYTEST_FLAGS=-n0              in one process, as a debugger wants it
#   make notebooks NOTEBOOKS=notebooks/03*  only some notebooks
#   make site PARTS=book                    only some parts of the site
#   make mutants MUTANTS=coro_lab/engine/stepper   only the mutants of some modules
#   make mutants MUTANTS_SAMPLE=200         200 mutants of each part, drawn at random

PYTHON ?=
LAB_FLAGS ?=
PYTEST_FLAGS ?=
NOTEBOOKS ?=
PARTS ?=
PORT ?= 8000
MUTANTS ?=
MUTANTS_SAMPLE ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

# Keep compiled modules. Some images set this variable, and then each process compiles all modules again: every kernel
# starts a second later.
unexport PYTHONDONTWRITEBYTECODE

nothing :=
space := $(nothing) $(nothing)
VENV := .venv$(if $(PYTHON),-$(subst $(space),_,$(subst /,_,$(PYTHON))))
RUN := $(VENV)/bin/python
PYTEST = $(RUN) -m pytest $(PYTEST_FLAGS)
# One worker for each core, at most four, because each worker of the browser tests starts a JupyterLab and a browser.
# Of a test that hangs it is told after ten minutes where each of its threads is.
PARALLEL = $(RUN) -m pytest -o faulthandler_timeout=600 --numprocesses=logical --maxprocesses=4 \
	--dist=loadgroup $(PYTEST_FLAGS)

# ---- The environment: made once, and again only when a pin, pyproject.toml or the path of the checkout changes ------

LAB_READY := $(VENV)/.ready-lab
TEST_READY := $(VENV)/.ready-test
MADE_IN := $(VENV)/.made-in

# Install with uv if it runs (about 2 s), otherwise with pip (about 30 s), from the same pins and hashes. Nothing is
# compiled ahead. Dependencies are not resolved again, because the pins are complete (a test runs `pip check`).
UV_RUNS = uv --version >/dev/null 2>&1
install = if $(UV_RUNS); then uv pip install --quiet --python $(RUN) $(1); else \
	{ $(RUN) -m pip --version >/dev/null 2>&1 || $(RUN) -m ensurepip >/dev/null; } && \
	$(RUN) -m pip install -qq --no-compile --disable-pip-version-check $(1); fi

# This file is written last, so an unfinished environment has none. An environment holds absolute paths, so one that was
# moved has the wrong path in this file.
ifneq ($(shell cat $(MADE_IN) 2>/dev/null),$(CURDIR))
.PHONY: $(RUN)
endif

$(RUN):
	@python=`sh .ci/find-python "$(PYTHON)"` || exit 1; \
	echo "Creating $(VENV) with $$python ..."; \
	rm -rf $(VENV); \
	if $(UV_RUNS); then uv venv --quiet --no-project --python "$$python" $(VENV); else "$$python" -m venv $(VENV); fi
	@pwd -P > $(MADE_IN)

$(LAB_READY): $(RUN) pyproject.toml binder/requirements.txt
	@echo "Installing what the notebooks need (binder/requirements.txt) and Coro Lab itself into $(VENV) ..."
	@$(call install,--no-deps --require-hashes -r binder/requirements.txt)
	@$(call install,--no-deps --no-build-isolation --editable .)
	@touch $@

# Each install keeps one core busy, so what learners need and the tools on top are installed side by side.
TOOLS_READY := $(VENV)/.ready-tools

$(TEST_READY): $(RUN) pyproject.toml binder/requirements.txt tests/requirements.txt
	@sh .ci/at-once "$(MAKE)" $(LAB_READY) $(TOOLS_READY)
	@touch $@

$(TOOLS_READY): $(RUN) tests/requirements.txt
	@echo "Installing the test tools (tests/requirements.txt) into $(VENV) ..."
	@$(call install,--no-deps --require-hashes -r tests/requirements.txt)
	@touch $@

SITE_READY := $(VENV)/.ready-site

$(SITE_READY): $(RUN) docs/site/requirements.txt
	@echo "Installing what builds the site (docs/site/requirements.txt) into $(VENV) ..."
	@$(call install,--no-deps --require-hashes -r docs/site/requirements.txt)
	@touch $@

# ---- For learners ----------------------------------------------------------------------------------------------------

.PHONY: help lab reset
help:  ## this list
	@echo "make VERB, where VERB is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1	\2/p' Makefile | expand -t 14

lab: $(LAB_READY)  ## open the notebooks in JupyterLab; the first time, install what they need
	@$(RUN) -m coro_lab $(LAB_FLAGS)

reset: $(LAB_READY)  ## forget your progress in the exercises; the notebooks stay as you left them
	@$(RUN) -m coro_lab reset notebooks

# ---- Checks: one verb each, and test for all of them ----------------------------------------------------------------

.PHONY: test checks lint types tests unit integration doctest cpython rules nbval browser
test: checks tests nbval browser  ## every check below; the first time, install the test tools too
	@echo "make test: every check passed."

# Each call keeps one core busy, for the same time.
checks: $(TEST_READY)  ## lint, types, doctest and rules, and beside them cpython
	@echo "== checks: lint, types, doctest and rules beside cpython"
	@sh .ci/at-once "$(MAKE)" "lint types doctest rules" "cpython"

lint: $(TEST_READY)  ## style and format of the code (ruff; biome over the front end)
	@echo "== lint: ruff over the code, biome over the front end"
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m tests.javascript_tools lint

types: $(TEST_READY)  ## types of coro_lab (mypy --strict; tsc --strict over the front end)
	@echo "== types: mypy --strict over coro_lab, tsc --strict over its front end"
	@$(RUN) -m mypy
	@$(RUN) -m tests.javascript_tools types

# A test that `unit` leaves out is in `integration`. Both in one run read the tests once in each worker, which takes a
# worker 10 s (20 s in a new clone), and no worker waits in between for the other.
BESIDE_THEIR_CODE = tests --ignore=tests/browser --ignore=tests/site --ignore=tests/notebooks/test_notebooks.py

tests: $(TEST_READY)  ## unit and integration in one run
	@echo "== tests: unit and integration"
	@$(PARALLEL) --no-loadscope-reorder $(BESIDE_THEIR_CODE)

unit: $(TEST_READY)  ## unit and property tests, the fast loop: under three minutes on two cores
	@echo "== unit: unit and property tests"
	@$(PARALLEL) --no-loadscope-reorder $(BESIDE_THEIR_CODE) -m "not integration"

integration: $(TEST_READY)  ## tests that start processes, servers or kernels, build environments, or take seconds
	@echo "== integration: tests with processes, servers, kernels and environments"
	@$(PARALLEL) --no-loadscope-reorder $(BESIDE_THEIR_CODE) -m integration

doctest: $(TEST_READY)  ## the examples in the docstrings
	@echo "== doctest: the examples in the docstrings"
	@$(PYTEST) --doctest-modules coro_lab

cpython: $(TEST_READY)  ## CPython's own tests of generators and coroutines, the same recorded as alone
	@echo "== cpython: CPython's own tests, alone and recorded"
	@$(RUN) -m tests.cpython

rules: $(TEST_READY)  ## the rules for notebooks: length, prose, outputs, tags
	@echo "== rules: the rules for notebooks"
	@$(PYTEST) tests/notebooks/test_notebooks.py

nbval: $(TEST_READY)  ## run every notebook, compare with its stored outputs, and solve its exercises
	@echo "== nbval: every notebook against its stored outputs, and solved"
	@CORO_LAB_BUDGET=$(or $(CORO_LAB_BUDGET),4) $(subst loadgroup,loadfile,$(PARALLEL)) -p nbval -p tests.notebooks.solved \
		--nbval --nbval-current-env --nbval-cell-timeout=120 --nbval-sanitize-with notebooks/.nbval.cfg \
		$(or $(NOTEBOOKS),notebooks)

browser: $(TEST_READY)  ## the widgets in a real JupyterLab in a real browser
	@echo "== browser: the widgets in a real JupyterLab in a real browser"
	@$(PARALLEL) tests/browser

# ---- The site: the course as pages, in an environment of its own -----------------------------------------------------

.PHONY: site site-serve site-test site-changed pyodide
SITE_VENV := .venv-site

site:  ## build the site, the whole course as pages that any static host serves, in site/
	@$(MAKE) -s VENV=$(SITE_VENV) $(SITE_VENV)/.ready-site
	@$(SITE_VENV)/bin/python -m docs.site $(PARTS)

site-serve:  ## show the built site on this machine
	@test -f site/index.html || { echo "There is no site yet: run make site first."; exit 1; }
	@python=`sh .ci/find-python "$(PYTHON)"` && "$$python" -m http.server --bind 127.0.0.1 --directory site $(PORT)

# Only a whole run is noted as passed: all parts and all tests. With CI=true a missing browser fails, it does not skip.
WHOLE_SITE := $(if $(PARTS)$(PYTEST_FLAGS),,whole)

site-test: site $(TEST_READY)  ## build the site and read it in a real browser
	@echo "== site-test: the site in a real browser"
	@$(if $(WHOLE_SITE),CI=true) $(PARALLEL) tests/site
	@$(if $(WHOLE_SITE),$(RUN) -m docs.site.tested --write)

site-changed: $(TEST_READY)  ## site-test, unless it has passed with exactly these files
	@$(RUN) -m docs.site.tested || $(MAKE) site-test

pyodide:  ## the engine's unit tests on Python 3.14 as the lab has it: Pyodide, in node
	@$(MAKE) -s VENV=$(SITE_VENV) $(SITE_VENV)/.ready-site
	@echo "== pyodide: the engine's unit tests on the Python of the lab"
	@$(SITE_VENV)/bin/python -m tests.pyodide $(PYTEST_FLAGS)

# ---- For maintainers -------------------------------------------------------------------------------------------------

.PHONY: format notebooks reference bench mutants pins clean
format: $(TEST_READY)  ## rewrite the code in the project's format
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .
	@$(RUN) -m tests.javascript_tools format

notebooks: $(TEST_READY)  ## run every notebook from top to bottom and store its outputs
	@$(RUN) tests/execute_notebooks.py $(NOTEBOOKS)

reference: $(TEST_READY)  ## write docs/reference.md, every public name, from the docstrings
	@$(RUN) -m tests.reference

bench: $(TEST_READY)  ## measure, and print the figures as ratios
	@test -f tests/bench/__main__.py || { echo "There is nothing to measure: tests/bench/__main__.py is missing."; exit 1; }
	@$(RUN) -m tests.bench

mutants: $(TEST_READY)  ## change the engine on purpose, one place at a time: do the tests of that module fail?
	@$(RUN) -m tests.mutants $(if $(MUTANTS_SAMPLE),--sample $(MUTANTS_SAMPLE)) $(MUTANTS)

# Extras stay in the pins: Binder lets pip resolve, and pip takes the newest version for an extra that is not pinned.
COMPILE = uv pip compile pyproject.toml --universal --python-version 3.12 --generate-hashes --upgrade --quiet \
	--no-emit-index-url --no-header --no-strip-extras

pins: $(RUN)  ## renew the files of pins from the ranges (takes uv, and npm for the tools of the front end)
	@$(UV_RUNS) || { echo "make pins needs uv: install it (for instance: python3 -m pip install uv)."; exit 1; }
	@echo "Renewing binder/requirements.txt ..."
	@$(COMPILE) --group build --extra cluster --output-file binder/requirements.txt >/dev/null
	@echo "Renewing tests/requirements.txt ..."
	@$(COMPILE) --extra test --extra bench --extra mutants --constraints binder/requirements.txt --output-file tests/requirements.txt \
		`sed -n 's/^\([a-z0-9-]*\)[^ ]*==.*/--no-emit-package \1/p' binder/requirements.txt` >/dev/null
	@sed -e '/^# The following packages were excluded/,$$d' -e '/^$$/d' tests/requirements.txt > tests/requirements.txt.part
	@mv tests/requirements.txt.part tests/requirements.txt
	@echo "Renewing docs/site/requirements.txt ..."
	@$(subst pyproject.toml,,$(COMPILE)) --group site --output-file docs/site/requirements.txt >/dev/null
	@uv pip compile --group lab --python-platform wasm32-pyodide2024 --python-version 3.14 --generate-hashes --upgrade --quiet \
		--no-emit-index-url --no-header --constraints binder/requirements.txt --no-emit-package widgetsnbextension \
		--output-file docs/site/lab/requirements.txt >/dev/null
	@uv pip compile --group pyodide --python-platform wasm32-pyodide2024 --python-version 3.14 --generate-hashes --upgrade --quiet \
		--no-emit-index-url --no-header --output-file tests/pyodide/requirements.txt >/dev/null
	@$(RUN) -m tests.javascript_tools pins
	@echo "Look at them with git diff before you commit them."

clean:  ## remove environments, caches and builds; notebooks stay as they are
	rm -rf .venv .venv-* build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
