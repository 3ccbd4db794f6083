# `make demo` and `make test` are all that most people need. `make demo ARGS="--minutes 2 --headless --json"` passes arguments on.
PYTHON ?= python3
ARGS ?=

.PHONY: demo install install-dev check test schemas test-influx test-ultralytics

demo: install
	.venv/bin/longcheng demo $(ARGS)

install: .venv/installed

install-dev: .venv/installed-dev

check: install-dev
	scripts/check

test: install-dev
	scripts/install-servers
	scripts/check
	scripts/test $(ARGS)

# What editors are told of rules, timetables and plans: after a change of their keys.
schemas: install
	for kind in rules timetables plan; do .venv/bin/longcheng rules schema --of $$kind --out config/schemas/$$kind.schema.json || exit 1; done

# On a real InfluxDB 2: set INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG and INFLUX_BUCKET first.
test-influx: install-dev
	scripts/test tests/contract -m influx $(ARGS)

# The adapter for `.pt` weights, and whether ours sees what Ultralytics sees. Installs torch: several gigabytes.
test-ultralytics: install-dev
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[ultralytics,int8]'
	LONGCHENG_ULTRALYTICS=1 scripts/test tests/vision/detectors tests/app/test_models*.py $(ARGS)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version)'
	$(PYTHON) -m venv .venv || { echo "python3-venv is needed: sudo apt-get install python3-venv"; exit 1; }

.venv/installed: pyproject.toml | .venv/bin/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-dev: pyproject.toml .venv/installed
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
