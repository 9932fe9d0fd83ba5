# `make demo` shows calsync at work; `make test` proves it. Each sets up what it needs first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCK   := --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11

# The pure parts have tests of their own, and every branch of core is taken by them. The texts of a
# megabyte take no branch more, and most of the time.
PURE   := tests/core tests/text
TRACED := --rcfile=/dev/null --branch --source=calsync/core,calsync/text --data-file=.coverage
FIRST  := -q -p no:schemathesis -p no:cacheprovider

CALDAV := cyrus davical sogo sabre
SPOKEN := tests/providers/test_caldav_contract.py tests/providers/test_caldav_channel.py \
  tests/providers/test_caldav_whereabouts.py tests/delivery/test_moved_away.py \
  tests/delivery/test_adopted.py tests/ops/test_unmarked.py

.PHONY: setup demo test test-fast coverage check format acceptance caldav pictures bench lock clean

# uv when it is there, else venv and pip: the same locked, hashed packages either way.
$(VENV)/ready: requirements-dev.lock pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

setup: $(VENV)/ready

demo: setup
	@$(BIN)/calsync demo $(ARGS)

test: setup
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

test-fast: setup
	@$(BIN)/python -m pytest -n 2 --dist worksteal -k "not postgres and not mariadb and not mysql" \
	  $(PURE) tests/sources tests/test_config*.py $(ARGS)

coverage: setup
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n 2 --dist worksteal --timeout 600 $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

check: setup
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/vulture
	@$(BIN)/coverage run $(TRACED) -m pytest $(FIRST) -k "not megabyte" $(PURE) >.coverage-tests || \
	  { cat .coverage-tests; exit 1; }
	@for part in core:100 text:97; do \
	  $(BIN)/coverage report --rcfile=/dev/null --data-file=.coverage --skip-covered -m \
	    --include="calsync/$${part%:*}/*" --fail-under=$${part#*:} >.coverage-tests || \
	    { cat .coverage-tests; exit 1; } ; \
	done

format: setup
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

acceptance: setup
	@$(BIN)/python -m pytest -n 2 --dist worksteal --full $(ARGS)
	@$(MAKE) --no-print-directory caldav

# The CalDAV tests over the servers of other makers; docs/caldav.md says what to install for them.
caldav: setup
	@for server in $(CALDAV); do \
	  echo "CalDAV: $$server"; \
	  $(BIN)/python -m pytest -q --caldav $$server -k "not google and not outlook" $(SPOKEN) || exit 1; \
	done

pictures: setup
	@$(BIN)/python -m pytest -n 2 --quiet tests/browser --pictures docs/pages

bench: setup
	@$(BIN)/python -m tests.bench $(ARGS)

lock:
	uv pip compile pyproject.toml --extra postgres --extra mysql $(LOCK) --output-file requirements.lock
	uv pip compile pyproject.toml --extra postgres --extra mysql --extra dkim --extra demo --group dev $(LOCK) --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
