# Two commands: `make repro` runs the whole pipeline, `make test` the whole test suite. Both install what they need.
VENV ?= .venv
PYTHON ?= python3
RECIPE ?=
MODELS ?=
CASES ?= 20000
SEED ?= 1

BIN := $(abspath $(VENV))/bin
INSTALLED := $(VENV)/.installed
PEERS := .work/benchmarks/peers
# npm writes it when it is done.
PACKAGES := web/node_modules/.package-lock.json
export PATH := $(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1

.DEFAULT_GOAL := help
.PHONY: help install repro test coverage check fuzz bench bench-inference bench-training bench-scale gpu web clean

help:
	@echo "make repro                  run the pipeline from fetch_data to publish (RECIPE=recipes/NAME.yaml: with its parameters)"
	@echo "make test                   run the test suite"
	@echo "make coverage               the same, with coverage"
	@echo "make check                  lint, types, and the workflows' rules"
	@echo "make fuzz                   feed mutated photos, annotations, parameters, models and archives to lpr (CASES=20000, SEED=1)"
	@echo "make bench                  all three benchmarks, their tables and one plot (an idle machine; MODELS=DIR: with other models)"
	@echo "make bench-inference        inference against other packages and its own parts"
	@echo "make bench-training         the training loop against bare steps"
	@echo "make bench-scale            how fetch_data, evaluate and dvc grow with the data"
	@echo "make gpu                    both trainings on a GPU, in at most nine minutes: speed, formats, interruption, memory"
	@echo "make web                    the page that reads plates in the browser, as static files in build/web (needs npm)"
	@echo "make install                only install, into $(VENV)"
	@echo "make clean                  remove what can be made again: data, models, checkpoints, build/web, .work"

install: $(INSTALLED)

# uv installs in seconds where it is found; pip does the same in minutes.
$(INSTALLED): requirements.txt pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
		uv pip install --quiet --python $(BIN)/python -r requirements.txt -e . ; \
	else \
		$(PYTHON) -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e . ; \
	fi
	@touch $@

repro: $(INSTALLED)
	$(if $(RECIPE),lpr params $(RECIPE))
	dvc repro
	@echo "The report is results/evaluate/report.html"
	lpr gates

test: $(INSTALLED)
	pytest

coverage: $(INSTALLED)
	pytest --cov

check: $(INSTALLED)
	ruff check .
	mypy
	zizmor --offline --quiet .github
	check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml

fuzz: $(INSTALLED)
	python -m tests.fuzz --cases $(CASES) --seed $(SEED)

# In turn, whatever -j says: two at once would measure each other.
bench: $(INSTALLED) $(PEERS)/versions.json
	$(MAKE) --no-print-directory bench-inference
	$(MAKE) --no-print-directory bench-training
	$(MAKE) --no-print-directory bench-scale
	@echo "The tables, and ratios.png with all ratios, are in benchmarks/results, in the folder of the processor's kind"

bench-inference: $(INSTALLED) $(PEERS)/versions.json
	python -m benchmarks.run $(if $(MODELS),--models $(MODELS))

bench-training: $(INSTALLED)
	python -m benchmarks.training

bench-scale: $(INSTALLED)
	python -m benchmarks.scale $(if $(MODELS),--models $(MODELS))

gpu: $(INSTALLED)
	python -m benchmarks.gpu

web: $(INSTALLED) $(PACKAGES)
	python -m web.build build/web
	@echo "The page is build/web; any server of files shows it: python -m http.server --directory build/web"

$(PACKAGES): web/package-lock.json
	@command -v npm >/dev/null || { echo "make web needs npm, which comes with Node.js: apt-get install npm"; exit 2; }
	npm ci --ignore-scripts --no-audit --no-fund --prefix web
	@touch $@

# The peers have an environment of their own, which is only needed to export them.
$(PEERS)/versions.json: benchmarks/requirements.txt benchmarks/peers.py
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(PYTHON) $(PEERS)/venv && \
		uv pip install --quiet --python $(PEERS)/venv/bin/python -r benchmarks/requirements.txt ; \
	else \
		$(PYTHON) -m venv $(PEERS)/venv && \
		$(PEERS)/venv/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt ; \
	fi
	$(PEERS)/venv/bin/python benchmarks/peers.py $(PEERS)

clean:
	rm -rf data models checkpoints .work build/web web/node_modules
