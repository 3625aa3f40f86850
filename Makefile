# One command per task. `make build` and `make test` run the setup they need.
.DEFAULT_GOAL := help
.PHONY: help setup setup-spark lock demo query build publish notify fit-forecast health-what-if snapshot rollback dashboards boards serve screenshots docs check-inputs audit test test-long test-axe test-bi test-deploy test-dlt test-mcp test-semantic test-spark spark-cluster mcp semantic superset notebook lint demo-data metrics wheel clean

VENV := .venv
PYTHON := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export DO_NOT_TRACK := 1
export PYTHONUTF8 := 1
# dbt starts many times: cached bytecode saves seconds per start.
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

SPARK_OPTIONS = $(subst $(PYTHON),.venv-spark/bin/python,$(UV_OPTIONS))

$(VENV)/installed: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) ..."
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check "$$(sed -n 's/^\(uv==[^ ;]*\).*/\1/p' requirements.lock)"
	@$(UV) sync $(UV_OPTIONS) --compile-bytecode --require-hashes requirements.lock
	@$(UV) install $(UV_OPTIONS) --no-deps --editable .
	@rm -f $(VENV)/lib/python3*/site-packages/customer_success.pth
	@touch $@

LOCK := uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate --no-header --group dev

lock: setup  ## regenerate the locks from pyproject.toml: names, versions, hashes
	@$(LOCK) pyproject.toml -o requirements.lock
	@$(LOCK) -c requirements.lock pyproject.toml requirements-spark.in -o requirements-spark.lock

# An extra, in an environment of its own: all of the project, dbt-spark and pyspark.
setup-spark: .venv-spark/installed  ## make .venv-spark, to run the models on Apache Spark
	@.venv-spark/bin/python -c "from pipeline.spark import java_problem; print(java_problem() or 'Spark can run here: python -m pipeline load-spark')"

.venv-spark/installed: requirements-spark.lock pyproject.toml | setup
	@echo "Setting up .venv-spark ..."
	@test -x .venv-spark/bin/python || python3 -m venv .venv-spark
	@$(UV) sync $(SPARK_OPTIONS) --compile-bytecode --require-hashes requirements-spark.lock
	@$(UV) install $(SPARK_OPTIONS) --no-deps --editable .
	@touch $@

# DEMO=sources: the demo's company as its tools have it (docs/sources/).
ifeq ($(DEMO),sources)
export VARS_FILE := demo/sources.yml
SOURCES_DEMO := build/sources_demo/referrals.csv
endif

build/sources_demo/referrals.csv: demo/generate.py $(wildcard demo/tools/*.py) | setup
	@$(PYTHON) -m pipeline demo-data --as-tools build/sources_demo

demo: setup  ## start here: the demo from raw data to dashboards, and what to try next
	@$(PYTHON) -m pipeline demo

query: setup  ## rows of the published marts (SQL="select ...")
	@$(PYTHON) -m pipeline query "$(SQL)"

build: setup $(SOURCES_DEMO)  ## raw data to marts, with both gates (DEMO=sources: from tools)
	@$(PYTHON) -m pipeline build

check-inputs: setup  ## check that the raw inputs can be read
	@$(PYTHON) -m pipeline check-inputs

publish: setup  ## build in isolation, validate, compare, swap in (ACCEPT=, TARGET=, FROM=spark: docs/publishing.md)
	@$(PYTHON) -m pipeline publish $(if $(filter spark,$(FROM)),--from-spark) $(foreach target,$(TARGET),--target $(target)) $(if $(ACCEPT),--accept "$(ACCEPT)") $(if $(MOVED),--accept-new-origin)

notify: setup  ## send new open alerts to NOTIFY_URLS (docs/alerts.md)
	@$(PYTHON) -m pipeline notify

fit-forecast: setup  ## fit the renewal forecast on the last build (docs/renewal-forecast.md)
	@$(PYTHON) -m pipeline fit-forecast

health-what-if: setup  ## who changes band under WEIGHTS=usage=50,billing=20,support=20,nps=10
	@$(PYTHON) -m pipeline health-what-if "$(WEIGHTS)"

snapshot: setup  ## keep today's accounts, users and prices of the last build (docs/history.md)
	@$(PYTHON) -m pipeline snapshot $(if $(MOVED),--accept-new-origin)

rollback: setup  ## publish the previous build again
	@$(PYTHON) -m pipeline rollback

dashboards: setup  ## render the published build: build/dashboards/index.html
	@$(PYTHON) -m pipeline dashboards

# The old name, kept for one version.
boards: setup
	@$(PYTHON) -m pipeline boards

serve: setup  ## the dashboards, with all accounts: http://127.0.0.1:8710
	@$(PYTHON) -m pipeline serve

screenshots: setup  ## docs/images from build/dashboards; needs chromium
	@$(PYTHON) -m tests.python.screenshots

docs: setup  ## dbt's documentation as one page: build/docs/index.html
	@$(PYTHON) -m pipeline docs

audit: setup  ## run both gates on the current build; Data Docs in build/quality
	@$(PYTHON) -m pipeline audit

# One process per core. The tests of a group run in one: they share fixtures.
PYTEST := $(PYTHON) -m pytest -n logical --dist loadgroup

test: setup lint  ## run all checks: lint, types, build, dbt tests, pytest
	@$(PYTEST) -m "not long and not axe and not bi and not deploy and not dlt and not mcp and not semantic and not spark"

test-long: setup  ## the long tests: more random data
	@$(PYTEST) -m long

# Extras, each in an environment of its own, with a lock of its own.
.venv-%/installed: requirements-%.lock | setup
	@test -x .venv-$*/bin/python || python3 -m venv .venv-$*
	@$(VENV)/bin/uv pip sync --quiet --system-certs --python .venv-$*/bin/python --require-hashes $<
	@touch $@

test-dlt: .venv-dlt/installed  ## Stripe landed by dlt, from a local mock of its API
	@$(PYTHON) -m pytest -n 0 -m dlt tests/dlt

# Agents need the published file and this small environment, nothing else.
mcp: .venv-mcp/installed  ## published metrics for agents, over MCP (HTTP=yes: docs/agents.md)
	@.venv-mcp/bin/python -m pipeline.agents.server $(if $(HTTP),--http) $(if $(PORT),--port $(PORT))

# axe-core is one file of JavaScript, fetched by npm.
build/axe/package/axe.min.js:
	@mkdir -p build/axe
	@cd build/axe && npm pack --silent axe-core@4.14.1 >/dev/null && tar -xzf axe-core-4.14.1.tgz

test-axe: setup build/axe/package/axe.min.js  ## accessibility of every page, with axe-core
	@$(PYTEST) -m axe tests/python/test_accessibility.py

test-mcp: .venv-mcp/installed  ## the MCP server, with a client over stdio and HTTP
	@$(PYTEST) -m mcp tests/mcp

# MetricFlow over the published file, in a folder of its own below build/.
semantic: .venv-semantic/installed  ## ask the semantic layer (QUERY=...: docs/semantic-layer.md)
	@$(PYTHON) -m pipeline semantic query $(QUERY)

test-semantic: .venv-semantic/installed  ## every metric of the semantic layer against the marts
	@$(PYTEST) -m semantic tests/semantic

# A BI server, and a notebook, over the published file.
superset: .venv-superset/installed  ## Superset with our dashboard, on this machine (docs/bi.md)
	@.venv-superset/bin/python -m bi.superset.serve $(if $(PORT),--port $(PORT))

notebook: .venv-notebook/installed  ## five questions of an analyst, as a marimo notebook
	@PYTHONPATH=. .venv-notebook/bin/marimo edit notebooks/five_questions.py

test-bi: .venv-superset/installed .venv-notebook/installed  ## Superset and the notebook against the marts
	@$(PYTEST) -m bi tests/bi

# Linters of what starts the warehouse elsewhere, and schedulers.
test-deploy: .venv-deploy/installed .venv-airflow/installed .venv-dagster/installed  ## what starts the warehouse elsewhere (docs/deploying.md)
	@$(PYTHON) -m pytest -n 0 -m deploy tests/deploy

# Models on Spark and on DuckDB, every mart compared; needs Java 17.
test-spark: setup-spark  ## the same marts on Apache Spark, to the last row
	@.venv-spark/bin/python -m pytest -n 0 -m spark tests/spark

# Spark's standalone cluster on this machine, from pyspark's wheel; ended at the end.
spark-cluster: setup-spark  ## the demo on a Spark cluster of this machine, every mart compared
	@.venv-spark/bin/python -m benchmarks.spark_cluster

# mypy runs in parallel with sqlfluff; its output comes last. sqlfluff compiles with
# dbt, which opens a database: a temporary one.
lint: setup  ## ruff, mypy, sqlfluff, SQL that runs on both engines
	@ruff check . && ruff format --check .
	@$(PYTHON) -m tests.project.portability
	@mkdir -p build/lint
	@mypy > build/lint/mypy.txt 2>&1 & \
	DUCKDB_PATH=build/lint/warehouse.duckdb sqlfluff lint --processes 1 --disable-progress-bar models tests analyses; \
	sql=$$?; \
	sqlfluff lint --templater jinja --processes 1 --disable-progress-bar quality/queries || sql=1; \
	wait $$!; types=$$?; cat build/lint/mypy.txt; exit $$((sql + types))

demo-data: setup  ## regenerate the demo extracts
	@$(PYTHON) -m pipeline demo-data

metrics: setup  ## regenerate docs/metrics.md from the models' metadata
	@$(PYTHON) -m pipeline metrics-page

wheel: setup  ## build/dist/*.whl: the project as one file that uvx can run (docs/deploying.md)
	@uv build --quiet --system-certs --wheel --out-dir build/dist .
	@ls build/dist/*.whl

clean:  ## remove all build output
	@rm -rf build/* target logs
