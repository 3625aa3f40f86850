# One command each. `make build` and `make test` set up what they need.
.DEFAULT_GOAL := help
.PHONY: help setup lock build publish rollback dashboards boards serve docs check-inputs audit test test-long lint demo-data metrics clean

VENV := .venv
PYTHON := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export DO_NOT_TRACK := 1
export PYTHONUTF8 := 1
# dbt starts many times: with its bytecode on disk each start is seconds shorter.
unexport PYTHONDONTWRITEBYTECODE

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(VENV)/installed  ## make .venv from requirements.lock

# uv comes from the lock too; it installs the rest in seconds, and the project itself, so
# that dbt finds pipeline/raw/dbt_plugin.py from any folder. Where the home folder cannot be
# written, uv does without its cache.
CACHE := $(or $(UV_CACHE_DIR),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/uv)
UV := $(VENV)/bin/uv pip
UV_OPTIONS = --quiet --system-certs --python $(PYTHON) \
	$(shell mkdir -p "$(CACHE)" 2>/dev/null && test -w "$(CACHE)" || echo --no-cache)

$(VENV)/installed: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) ..."
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check "$$(sed -n 's/^\(uv==[^ ;]*\).*/\1/p' requirements.lock)"
	@$(UV) sync $(UV_OPTIONS) --compile-bytecode --require-hashes requirements.lock
	@$(UV) install $(UV_OPTIONS) --no-deps --editable .
	@rm -f $(VENV)/lib/python3*/site-packages/customer_success.pth
	@touch $@

lock: setup  ## requirements.lock anew from pyproject.toml: names, versions, hashes
	@uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate --no-header --group dev pyproject.toml -o requirements.lock

build: setup  ## raw data to marts, with both gates
	@$(PYTHON) -m pipeline build

check-inputs: setup  ## are the raw inputs fit to be read?
	@$(PYTHON) -m pipeline check-inputs

publish: setup  ## build in isolation, validate, compare, swap in (ACCEPT=<build id>: docs/publishing.md)
	@$(PYTHON) -m pipeline publish $(if $(ACCEPT),--accept "$(ACCEPT)")

rollback: setup  ## publish the build before the present one again
	@$(PYTHON) -m pipeline rollback

dashboards: setup  ## the published build as pages: build/dashboards/index.html
	@$(PYTHON) -m pipeline dashboards

# The old name, for one version.
boards: setup
	@$(PYTHON) -m pipeline boards

serve: setup  ## the interactive dashboards, on this machine: http://127.0.0.1:8710
	@$(PYTHON) -m pipeline serve

docs: setup  ## dbt's documentation as one page: build/docs/index.html
	@$(PYTHON) -m pipeline docs

audit: setup  ## both gates over what was built; Data Docs in build/quality
	@$(PYTHON) -m pipeline audit

# A process a core. The tests of a group stay in one: what they share is made once.
PYTEST := $(PYTHON) -m pytest -n logical --dist loadgroup

test: setup lint  ## everything that must hold: lint, types, build, dbt tests, pytest
	@$(PYTEST) -m "not long"

test-long: setup  ## what takes longer: more random data
	@$(PYTEST) -m long

# mypy runs beside sqlfluff, and speaks after it. sqlfluff compiles with dbt, which opens a
# database: a throwaway one.
lint: setup  ## ruff, mypy, sqlfluff
	@ruff check . && ruff format --check .
	@mkdir -p build/lint
	@mypy > build/lint/mypy.txt 2>&1 & \
	DUCKDB_PATH=build/lint/warehouse.duckdb sqlfluff lint --processes 1 --disable-progress-bar models tests analyses; \
	sql=$$?; \
	sqlfluff lint --templater jinja --processes 1 --disable-progress-bar quality/queries || sql=1; \
	wait $$!; types=$$?; cat build/lint/mypy.txt; exit $$((sql + types))

demo-data: setup  ## make the demo extracts anew
	@$(PYTHON) -m pipeline demo-data

metrics: setup  ## write docs/metrics.md anew from the models' metadata
	@$(PYTHON) -m pipeline metrics-page

clean:  ## remove what was built
	@rm -rf build/* target logs
