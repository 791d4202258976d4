# Works on a bare Debian 12 with python3 and make; `make help` lists everything.
PYTHON ?= python3
export DEMO ?= 1
BOOTSTRAP = PYTHONPATH=src PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m qintong.conf.bootstrap

.DEFAULT_GOAL := help
.PHONY: help run setup test check bench assets format catalogue openapi clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start Qintong with a simulated fleet (DEMO=0: without); Ctrl-C stops it
	@$(BOOTSTRAP) run

setup: ## everything run does before it starts: packages, environment, assets, tables, seed
	@$(BOOTSTRAP) setup

test: ## the default suite with browser tests (ARGS="-k track" narrows, ARGS="-m slow" widens)
	@$(BOOTSTRAP) test $(ARGS)

check: ## format, lint, floors, types, migrations, openapi.json, English catalogue
	@$(BOOTSTRAP) check

bench: ## measure everything and write docs/performance.md (ARGS=decode: one)
	@$(BOOTSTRAP) bench $(ARGS)

assets: ## front-end libraries from package-lock.json
	@$(BOOTSTRAP) assets

format: ## lay out and sort the Python sources
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

catalogue: ## collect strings into the English catalogue and compile it
	@.venv/bin/qintong catalogue

openapi: ## write openapi.json
	@.venv/bin/qintong openapi

clean: ## remove what was built; the data under var/ stay
	@rm -rf .venv node_modules src/qintong/desk/static/vendor var/stamps var/static var/test var/bench
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
