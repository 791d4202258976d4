PYTHON ?= python3
BOOTSTRAP = PYTHONPATH=src $(PYTHON) -m qintong.conf.bootstrap

assets: ## build desk/static/vendor from package-lock.json
	$(BOOTSTRAP) assets
