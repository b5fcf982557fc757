# The commands of this repository. They need Python 3.11 or later and make, nothing else (docs/operations.md).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
BIN := .venv/bin
ARGS ?=
JOBS ?= 2
export PORT MOCK_PORT
export PIP_ROOT_USER_ACTION := ignore
# For tools that read the settings but no table.
NO_SERVER := DATABASE_URL=postgres://nobody@127.0.0.1:1/nothing REDIS_URL=redis://127.0.0.1:1/0
# What production must set, with values that are nobody's, for `check --deploy`.
AS_PRODUCTION := ENVIRONMENT=production SECRET_KEY=$$(head -c 48 /dev/urandom | base64) ALLOWED_HOSTS=websesam.example \
	CSRF_TRUSTED_ORIGINS=https://websesam.example SESAM2_KEYS=portal=not-a-secret-at-all SESAM2_KEY_ID=portal PORTAL_GLN=7359999900031 SESAM2_GLN=7359999900017 SESAM2_URL=https://sesam2.example

.PHONY: help demo demo-reset test check lock bench

help: ## visar den här listan
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | column -t -s '|' 2>/dev/null || sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1  \2/p' Makefile

demo: .venv/.installed-embedded ## startar portalen på http://127.0.0.1:8000 (PORT=…, MOCK_PORT=…); Ctrl-C stannar allt
	@exec $(BIN)/python manage.py demo

demo-reset: .venv/.installed-embedded ## tar bort demons data; nästa make demo börjar om
	@exec $(BIN)/python manage.py demo_reset

test: .venv/.installed-dev ## kör alla tester (ARGS="tests/orders -x" för några; JOBS=1 i en process)
	@exec $(BIN)/python -m pytest -n $(JOBS) $(ARGS)

check: .venv/.installed-dev ## granskar koden: format, regler, typer, importer, migreringar, driftsättning, mallar
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(NO_SERVER) $(BIN)/mypy core integration $$(find . -path ./.venv -prune -o -path ./var -prune -o -path ./integration -prune -o \( -name sesam2.py -o -name actions.py -o -path '*/actions/*.py' \) -print)
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet templates
	ENVIRONMENT=test $(BIN)/python manage.py makemigrations --check --dry-run
	$(NO_SERVER) $(AS_PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py make_sesam2_docs --check

lock: .venv/.installed-dev ## låser om beroendena efter en ändring i requirements*.in
	@for name in requirements requirements-embedded requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links $(ARGS) $$name.in --output-file $$name.lock; \
		echo "$$name.lock är låst"; \
	done

bench: .venv/.installed-dev ## mäter beställningar och sidor över HTTP (docs/performance.md)
	@exec $(BIN)/python -m bench.orders $(ARGS)

.venv/.python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 eller senare hittades inte; sätt PYTHON=sökväg" >&2; exit 1; }
	@$(PYTHON) -m venv .venv >.venv-error 2>&1 || { echo "make: kunde inte skapa .venv: $$(grep -m 1 '[^ ]' .venv-error)" >&2; rm -f .venv-error; exit 1; }
	@rm -f .venv-error
	@touch $@

# $(call install,lock file): quiet while it works, one line when it cannot.
define install
	@echo "Installerar $(1) (första gången någon minut) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --retries 2 --require-hashes -r $(1) >.venv/install.log 2>&1 \
		|| { echo "make: kunde inte installera $(1) (nätverk? disk?): $$(grep -m 1 '^ERROR' .venv/install.log || tail -n 1 .venv/install.log)" >&2; exit 1; }
endef

.venv/.installed-embedded: requirements-embedded.lock | .venv/.python
	$(call install,requirements-embedded.lock)
	@touch $@

.venv/.installed-dev: requirements-dev.lock | .venv/.python
	$(call install,requirements-dev.lock)
	@touch $@ .venv/.installed-embedded
