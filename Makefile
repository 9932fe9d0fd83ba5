# `make demo` shows calsync at work; `make test` proves it. Each sets up what it needs first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OLDEST := 3.11
COMMA  := ,
LOCK   := --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version $(OLDEST)

# The pure parts have tests of their own, and every branch of core is taken by them. The texts of a
# megabyte take no branch more, and most of the time.
PURE   := tests/core tests/text
TRACED := --rcfile=/dev/null --branch --source=calsync/core,calsync/text --data-file=.coverage
FIRST  := -q -p no:schemathesis -p no:cacheprovider

CALDAV := cyrus davical sogo sabre
SPOKEN := tests/providers/test_caldav_contract.py tests/providers/test_caldav_channel.py \
  tests/providers/test_caldav_whereabouts.py tests/providers/test_caldav_unread.py \
  tests/providers/test_caldav_conditional.py \
  tests/delivery/test_moved_away.py \
  tests/delivery/test_adopted.py tests/ops/test_unmarked.py

# The first target, so that `make` alone says what there is; CONTRIBUTING.md tells the same.
help:
	@echo 'Needs Python $(OLDEST) or newer: `make setup PYTHON=python$(OLDEST)` takes another one than python3.'
	@echo
	@echo 'make setup       a virtual environment in $(VENV)              a minute'
	@echo 'make demo        calsync at work on this machine             half a minute'
	@echo 'make test-fast   the pure parts, and sources on SQLite       under a minute'
	@echo 'make check       format, lint, types, coverage of core       half a minute'
	@echo 'make test        everything                                  minutes'
	@echo 'make coverage    branch coverage of every package            minutes'
	@echo 'make acceptance  every test in full size, CalDAV servers     an hour'
	@echo 'make caldav      CalDAV tests over servers of other makers   ten minutes'
	@echo 'make bench       writes docs/performance.md                  twenty minutes'
	@echo 'make scaling     writes the figures of docs/scaling.md       ten minutes'
	@echo 'make reliability writes those of docs/reliability.md         half an hour'
	@echo 'make pictures    writes docs/pages and docs/messages         minutes'
	@echo 'make format      formats the code                            seconds'
	@echo 'make lock        writes requirements.lock and -dev.lock      seconds'
	@echo 'make clean       removes what these made                     seconds'

.PHONY: help setup demo test test-fast coverage check format acceptance caldav pictures bench scaling reliability lock clean

# uv when it is there, else venv and pip: the same locked, hashed packages either way.
$(VENV)/ready: requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo 'make: $(PYTHON) was not found. calsync needs Python $(OLDEST) or newer; install it, or' \
	    'name another: make setup PYTHON=python$(OLDEST)' >&2; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < ($(subst .,$(COMMA),$(OLDEST))))" || { \
	  echo "make: $(PYTHON) is $$($(PYTHON) --version 2>&1), and calsync needs $(OLDEST) or newer;" \
	    'install it, or name another: make setup PYTHON=python$(OLDEST)' >&2; exit 1; }
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
	@wrong= missing=; for server in $(CALDAV); do \
	  echo "CalDAV: $$server"; \
	  $(BIN)/python -m pytest -q --caldav $$server -k "not google and not outlook" $(SPOKEN); \
	  case $$? in 0) ;; 77) missing="$$missing $$server" ;; *) wrong="$$wrong $$server" ;; esac; \
	done; \
	if [ -n "$$wrong" ]; then echo "CalDAV: wrong over$$wrong" >&2; fi; \
	if [ -n "$$missing" ]; then echo "CalDAV: NOT TRIED, see above:$$missing" >&2; fi; \
	[ -z "$$wrong$$missing" ]

pictures: setup
	@$(BIN)/python -m pytest -n 2 --quiet tests/browser --pictures docs/pages

bench: setup
	@$(BIN)/python -m tests.bench $(ARGS)

scaling reliability: setup
	@$(BIN)/python -m tests.scaling $@ $(ARGS)

lock:
	uv pip compile pyproject.toml --extra postgres --extra mysql $(LOCK) --output-file requirements.lock
	uv pip compile pyproject.toml --extra postgres --extra mysql --extra dkim --extra demo --group dev $(LOCK) --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
