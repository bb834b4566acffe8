# Every target sets up what it needs; `make demo` and `make test` work on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKSPACE ?= var/demo
DATA ?= var/completejourney
AS_OF ?= 2017-12-04
PORT ?= 8000

.PHONY: help setup demo serve test test-long test-browser quick wheel pythons prove bench bench-serving check format lock clean

help:
	@echo "make demo    set up, load real groceries, train, run one night, show three bundles"
	@echo "make serve   serve that night on http://127.0.0.1:$(PORT)/demo; PORT=8001 for another port"
	@echo "make quick   the tests to run after every change: no model is fitted, no server started, no night run"
	@echo "make test    set up and run the test suite"
	@echo "make test-long   the tests it has no time for: whole studies, pages and fits; CI runs both"
	@echo "make test-browser   the console in a real Chromium, Debian's, installed where root may; pictures in build/console"
	@echo "make wheel   build the package and try it in an environment of its own, outside this folder"
	@echo "make pythons make quick, on every other Python from 3.11 to 3.14 that this machine has"
	@echo "make prove   the long proofs: 200 kills, nights with workers killed at any moment"
	@echo "make bench   what a night costs, by stage, on the demo's data and on a generated shop, and a simulated year (an hour)"
	@echo "make bench-serving   logins, redemptions and a publishing night on SQLite and PostgreSQL (ten minutes)"
	@echo "make check   formatting, lint, types and import contracts"
	@echo "make format  rewrite the code in the project's format"
	@echo "make lock    renew the hashed lists of packages, also those of the images (needs uv)"

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Abonement needs Python 3.11 or newer; call make with PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@test -f $(DATA)/tables.toml || $(BIN)/abonement-train demo-data --out $(DATA)
	@$(BIN)/abonement load --data $(DATA) --workspace $(WORKSPACE)
	@$(BIN)/abonement-train fit --workspace $(WORKSPACE) --as-of $(AS_OF) --promote
	@$(BIN)/abonement nightly --workspace $(WORKSPACE) --as-of $(AS_OF)
	@$(BIN)/abonement show --workspace $(WORKSPACE) --now $(AS_OF)T09:00:00Z --bundles 3
	@echo "Next: make serve, then open http://127.0.0.1:$(PORT)/demo"
	@echo "The manager's console: $(BIN)/abonement user add NAME --role admin --workspace $(WORKSPACE), then http://127.0.0.1:$(PORT)/console"

serve: setup
	@$(BIN)/abonement keys create --workspace $(WORKSPACE) --name demo --scope app --scope till --scope analyst \
		--expires-days 1 --out $(WORKSPACE)/demo.key
	@echo 'Try: curl -H "Authorization: Bearer $$(cat $(WORKSPACE)/demo.key)" http://127.0.0.1:$(PORT)/v1/customers/1/offers'
	@echo "Console: http://127.0.0.1:$(PORT)/console; its first user: $(BIN)/abonement user add NAME --role admin --workspace $(WORKSPACE)"
	ABONEMENT_WORKSPACE=$(WORKSPACE) ABONEMENT_CLOCK=fixed:$(AS_OF)T09:00:00Z ABONEMENT_DEMO=1 \
		$(BIN)/abonement serve --host 127.0.0.1 --port $(PORT)

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-long: setup
	$(BIN)/python -m pytest -m "long and not prove" -n 2 --dist loadfile

test-browser: setup
	@command -v chromium > /dev/null || command -v chromium-browser > /dev/null || \
		{ test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium fonts-liberation; } || \
		{ echo "make test-browser needs Chromium: apt-get install chromium"; exit 1; }
	$(BIN)/python -m pytest -m browser tests/browser

quick: setup
	$(BIN)/python -m pytest $$($(BIN)/python -c "from tests.slow import FOLDERS; print(*(f'--ignore={name}' for name in FOLDERS))") \
		-n 2 -q --durations 5 --durations-min 0.5 -m "not slow and not long and not prove and not bench and not wheel and not browser"

wheel: setup
	$(BIN)/python -m pytest -m wheel

pythons:
	.ci/pythons

prove: setup
	$(BIN)/python -m pytest -m prove -n 2

bench: setup
	@test -f $(DATA)/tables.toml || $(BIN)/abonement-train demo-data --out $(DATA)
	$(BIN)/python -m tests.benchmarks.night_cost --data $(DATA) --as-of $(AS_OF)
	$(BIN)/python -m tests.benchmarks.night_cost --customers 50000 200000
	$(BIN)/python -m tests.benchmarks.load_cost
	$(BIN)/python -m tests.benchmarks.report_cost --customers 1000000
	$(BIN)/python -m tests.benchmarks.simulated_year

bench-serving: setup
	$(BIN)/python -m tests.benchmarks.serving

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.14
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	uv pip compile --quiet pyproject.toml --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --output-file requirements.lock
	uv pip compile --quiet docs/deploy/serve-requirements.txt --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --output-file docs/deploy/serve-requirements.lock
	uv pip compile --quiet docs/deploy/build-requirements.txt --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --output-file docs/deploy/build-requirements.lock

clean:
	rm -rf $(VENV) .venv-3.* var
