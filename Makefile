# Razbor. `make demo` shows it, `make test` proves it, `make check` is what a change must pass.
# Needs Python 3.11 with venv, make and git; everything else is installed into .venv.

PORT ?= 8000
VENV ?= .venv
BIN := $(VENV)/bin
TEST_ARGS ?= -n auto --maxprocesses 4

# Only `ru` or `en` is ours: desktops export LANGUAGE too, with values like `en_GB:en`.
LANG_CHOSEN := $(filter ru en,$(LANGUAGE))
LANG_FLAG := $(if $(LANG_CHOSEN),--language $(LANG_CHOSEN))
LANG_ENV := $(if $(LANG_CHOSEN),LANGUAGE_CODE=$(LANG_CHOSEN))

# Trying it out: a secret key of this machine's own, and leave to serve plain HTTP from SQLite.
TRYING := SECRET_KEY_FILE="$(CURDIR)/var/secret_key" DEBUG=false ALLOW_SQLITE_IN_PRODUCTION=true \
	ALLOW_PLAIN_HTTP=true $(LANG_ENV)

# Checking: fixed settings, so that a `.env` lying here changes no result.
ON_SQLITE := DATABASE_URL="sqlite:///$(CURDIR)/var/check.sqlite3" REDIS_URL=
CHECKING := SECRET_KEY=only-for-checks-on-this-machine-0123456789-abcdefghijkl DEBUG=false \
	ALLOW_SQLITE_IN_PRODUCTION=true ALLOW_PLAIN_HTTP=false ALLOWED_HOSTS=localhost $(ON_SQLITE)
CHECK_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/razbor_check
CHECK_REDIS_URL ?= redis://127.0.0.1:6379/15

RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

.DEFAULT_GOAL := help
.PHONY: help setup run demo worker test lint types contracts browser browser-ready bench chaos exact fuzz check messages clean

help:
	@echo "make demo       install, seed a believable company and serve it on http://127.0.0.1:$(PORT)"
	@echo "make test       run the suite on SQLite, or on the database DATABASE_URL names"
	@echo "make setup      install everything for development"
	@echo "make run        serve with reloading for development"
	@echo "make worker     drain the outbox without Celery"
	@echo "make chaos      break PostgreSQL, Redis and workers of its own under load; SHORT=1 takes four minutes"
	@echo "make exact      compare the board with a recount for a minute while leads arrive, on PostgreSQL"
	@echo "make fuzz       ask the API thousands of made-up requests; it answers only what its description says"
	@echo "make lint types contracts browser bench check messages clean"

# --- Installing -----------------------------------------------------------------------------------------------------
# $(call install,FILE,WHAT): quiet pip with a dot a second, its log shown only when it fails.
define install
	@printf '→ Installing %s ' '$(2)'; \
	$(BIN)/python -m pip install --disable-pip-version-check --no-input -r $(1) > $(VENV)/install.log 2>&1 & pid=$$!; \
	trap 'kill $$pid 2>/dev/null; exit 130' INT TERM; \
	while kill -0 $$pid 2>/dev/null; do printf '.'; sleep 1; done; \
	if wait $$pid; then echo ' done'; else echo ' failed'; cat $(VENV)/install.log; exit 1; fi
endef

$(BIN)/python:
	@found=; for python in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo 'Razbor needs Python 3.11 or newer.'; exit 1; fi; \
	echo "→ Making $(VENV) with $$($$found --version)"; \
	"$$found" -m venv $(VENV) || { rm -rf $(VENV); echo 'The venv module is missing; on Debian: apt-get install python3-venv'; exit 1; }

$(RUNTIME): requirements.txt constraints.txt | $(BIN)/python
	$(call install,requirements.txt,what Razbor runs on)
	@touch $@

$(DEV): requirements-dev.txt requirements.txt constraints.txt | $(BIN)/python
	$(call install,requirements-dev.txt,what its tests need)
	@touch $(RUNTIME) $@

var/secret_key: | $(BIN)/python
	@mkdir -p var
	@umask 077; $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64), end="")' > $@

var/static:
	@mkdir -p $@

setup: $(DEV)
	@echo "→ Ready. make run serves, make test tests, make check does everything."

# --- Running --------------------------------------------------------------------------------------------------------
demo: $(RUNTIME) var/secret_key var/static
	@echo "→ Preparing the tables"
	@$(TRYING) $(BIN)/python manage.py migrate --verbosity 0
	@$(TRYING) $(BIN)/python manage.py demo $(LANG_FLAG)
	@echo "→ Razbor is on http://127.0.0.1:$(PORT)  (Ctrl+C stops it)"
	@$(TRYING) $(BIN)/gunicorn config.wsgi:application --bind 127.0.0.1:$(PORT) --threads 4 --log-level warning

run: $(RUNTIME) var/secret_key var/static
	@echo "→ Preparing the tables"
	@$(TRYING) DEBUG=true $(BIN)/python manage.py migrate --verbosity 0
	@$(TRYING) DEBUG=true $(BIN)/python manage.py setup_link --quiet --url http://127.0.0.1:$(PORT)
	@$(TRYING) DEBUG=true $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

worker: $(RUNTIME) var/secret_key
	@$(TRYING) $(BIN)/python manage.py drain --loop

# --- Checking -------------------------------------------------------------------------------------------------------
test: $(DEV)
	@$(BIN)/python -m pytest $(TEST_ARGS)

lint: $(DEV)
	@echo "→ Style of Python"
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@echo "→ Style of templates"
	@$(BIN)/djlint --lint --quiet templates
	@echo "→ Migrations and settings"
	@$(CHECKING) $(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0
	@$(CHECKING) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@echo "→ Schema of the API"
	@$(CHECKING) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

types: $(DEV)
	@echo "→ Types"
	@$(BIN)/mypy

contracts: $(DEV)
	@echo "→ Layers"
	@$(BIN)/lint-imports

# Debian's Chromium, when there is none and we may install it; elsewhere the tests say what they miss.
browser-ready:
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "→ Installing Chromium"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
		else \
			echo "Chromium is missing; install it (on Debian: apt-get install chromium) and try again."; exit 1; \
		fi; \
	fi

browser: $(DEV) browser-ready
	@echo "→ Browser tests"
	@$(BIN)/python -m pytest -m browser

# SIZE leads (10k; 1m measures growth too) in a PostgreSQL database of its own, BENCH_DATABASE_URL, dropped after it.
bench: $(RUNTIME)
	@$(CHECKING) ALLOW_PLAIN_HTTP=true $(BIN)/python -m bench $(SIZE)

# Breaks servers of its own under load. SHORT=1 takes four minutes; the long version puts its table into the document.
chaos: $(RUNTIME)
	@$(BIN)/python -m chaos $(if $(SHORT),--short) $(if $(or $(WRITE),$(if $(SHORT),,yes)),--write)

# Whether every reading of the board is exact while leads arrive; in a database made for the run and dropped after it.
exact: $(DEV)
	@if $(SERVICES_ANSWER); then \
		EXACT_SECONDS=$(or $(SECONDS),60) DATABASE_URL=$(CHECK_DATABASE_URL) REDIS_URL=$(CHECK_REDIS_URL) \
			$(BIN)/python -m pytest -q tests/insights/test_exact_meanwhile.py; \
	else \
		echo "→ PostgreSQL or Redis does not answer here, so this is left out"; \
	fi

# Holds the API against its description: schemathesis, against a server and a database of its own, FUZZ_DATABASE_URL,
# dropped after it; on SQLite where PostgreSQL does not answer. ARGS are for schemathesis: ARGS="--max-examples 20".
fuzz: $(DEV)
	@$(BIN)/python -m fuzz -- $(ARGS)

# Whether both services answer, asked of the same libraries the product uses.
SERVICES_ANSWER := $(BIN)/python -c 'import psycopg, redis; \
	psycopg.connect("$(CHECK_DATABASE_URL)", dbname="postgres", connect_timeout=3).close(); \
	redis.from_url("$(CHECK_REDIS_URL)", socket_connect_timeout=3).ping()' 2>/dev/null

check: lint types contracts
	@echo "→ Suite on SQLite"
	@$(ON_SQLITE) $(BIN)/python -m pytest -q $(TEST_ARGS)
	@if $(SERVICES_ANSWER); then \
		echo "→ Suite on PostgreSQL and Redis"; \
		DATABASE_URL=$(CHECK_DATABASE_URL) REDIS_URL=$(CHECK_REDIS_URL) $(BIN)/python -m pytest -q $(TEST_ARGS); \
	else \
		echo "→ PostgreSQL or Redis does not answer here, so that half is left out"; \
	fi
	@$(MAKE) --no-print-directory browser

# --- Words ----------------------------------------------------------------------------------------------------------
# Gathering needs GNU gettext and is left out without it; compiling does not. The compiled catalogue is committed.
RUSSIAN := locale/ru/LC_MESSAGES/django
messages: $(DEV)
	@if command -v xgettext >/dev/null; then \
		$(CHECKING) $(BIN)/python manage.py makemessages --locale ru --extension py,html,txt \
			--ignore .venv --ignore var --ignore tests --no-location --no-obsolete; \
	else \
		echo "→ GNU gettext is missing, so new words are not gathered"; \
	fi
	@$(BIN)/python -c 'import polib; polib.pofile("$(RUSSIAN).po").save_as_mofile("$(RUSSIAN).mo")'

clean:
	@rm -rf $(VENV) var/static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
