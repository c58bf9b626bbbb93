# `make run` opens the shop, `make check test` checks a change, and `make help` lists all targets.
# This file is written for GNU Make 3.81 and a POSIX shell, which come with macOS.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run setup setup-dev tools seed train check check-backend check-frontend check-deployment \
	check-image image try-image sbom test forget find-tools test-backend networks test-networks test-servers test-frontend test-e2e schema evaluate bench \
	simulate load faults fuzz large clean

PORT ?= 8000
# Not `?=`: some shells export HOST as the machine's name, and the shop must not listen there unasked.
HOST = 127.0.0.1
FUZZ_EXAMPLES ?= 4
TEST_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres
TEST_REDIS_URL ?= redis://127.0.0.1:6379/15

PY := .venv/bin/python
LOGS := var/log
PASSED := $(LOGS)/tests-passed
SKIPPED := $(LOGS)/tests-skipped

help: ## List the targets
	@echo "make TARGET"
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

# --- Set-up -----------------------------------------------------------------------------------
# Each step touches a stamp file, and runs again only if a file that it depends on is newer.

# $(call step,what is being done,name of its log,command): prints one line and writes the output of
# the command to the log; if the command fails, prints the end of the log.
define step
	@mkdir -p $(LOGS); echo "$(1)..."; \
	if ! ( $(3) ) >$(LOGS)/$(2).log 2>&1 </dev/null; then \
		tail -n 20 $(LOGS)/$(2).log | sed 's/^/  | /' >&2; \
		echo "$(1) failed: the lines above are the end of $(LOGS)/$(2).log." >&2; exit 1; \
	fi
endef

# Sets $python to the first interpreter that is new enough. A version manager's shim without an
# interpreter behind it prints no version and counts as absent.
define find_python
	python=; found=; \
	for name in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
		version=$$($$name -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
		case $$version in \
			3.1[1-9]|3.[2-9][0-9]) python=$$(command -v $$name); break;; \
			*) found="$${found:+$$found, }$$name $$version";; \
		esac; \
	done; \
	if [ -z "$$python" ]; then \
		echo "The shop needs Python 3.11 or newer and found $${found:-none on the PATH}: install one from https://www.python.org/downloads/ or name it with PYTHON=/path/to/python." >&2; \
		exit 1; \
	fi
endef

# Succeeds if .venv has a working Python that is new enough.
environment_works = $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null

tools:
	@if ! $(environment_works); then rm -rf .venv; $(find_python); fi
	@if ! version=$$(node -p 'process.versions.node' 2>/dev/null); then \
		echo "The shop needs Node.js 20.19 or newer to build its pages and found none on the PATH: install one from https://nodejs.org/." >&2; exit 1; \
	fi; \
	if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then \
		echo "The shop needs Node.js 20.19 or newer to build its pages and found $$version: install one from https://nodejs.org/." >&2; exit 1; \
	fi; \
	if ! npm --version >/dev/null 2>&1; then \
		echo "The shop needs npm, which usually comes with Node.js, and found none on the PATH: install it from https://nodejs.org/." >&2; exit 1; \
	fi

.venv/.made: | tools
	$(call step,Making the Python environment in .venv,venv,\
		uv=; if uv --version; then uv=1; fi; \
		if $(environment_works) && { [ "$$uv" ] || $(PY) -m pip --version; }; then :; else \
			rm -rf .venv; $(find_python); \
			if [ "$$uv" ]; then uv venv --python "$$python" .venv; else "$$python" -m venv .venv; fi; \
		fi)
	@touch $@

# $(call install,file of requirements): with uv where there is one, which is ten times as fast.
install = if uv --version; then uv pip install --python $(PY) -r $(1); else $(PY) -m pip install --disable-pip-version-check -r $(1); fi

.venv/.installed: requirements.txt .venv/.made
	$(call step,Installing the Python packages,python-packages,$(call install,requirements.txt))
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(call step,Installing the Python packages for development,python-packages-dev,$(call install,requirements-dev.txt))
	@touch $@

# `npm ci` installs exactly what the lock says, and never writes to it.
frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json | tools
	$(call step,Installing the storefront's packages,npm,cd frontend && npm ci)
	@touch $@

STOREFRONT := $(shell find frontend/src frontend/public frontend/scripts frontend/index.html \
	frontend/*.json frontend/*.ts -type f 2>/dev/null)

frontend/dist/.built: frontend/node_modules/.installed $(STOREFRONT)
	$(call step,Building the storefront,storefront,cd frontend && npm run build)
	@touch $@

setup: tools .venv/.installed frontend/dist/.built ## Install and build what the shop runs with

setup-dev: setup .venv/.installed-dev

# --- The shop ---------------------------------------------------------------------------------

run: setup ## Open the shop on PORT (8000) and HOST (127.0.0.1); DEBUG=1 shows tracebacks in pages
	@DEBUG=$(if $(DEBUG),$(DEBUG),0) $(PY) manage.py run_shop --host $(HOST) --port $(PORT)

seed: setup ## Fill an empty database with the sample shop
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py populate_sample_data

train: setup ## Train the models on what is in the database
	@$(PY) manage.py train_models

# --- Checks -----------------------------------------------------------------------------------

check: check-backend check-frontend check-deployment check-image ## Lint, types, imports, migrations, schema, deployment files

check-backend: setup-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m pytest -q -n 0 recommendations/tests/test_migrations.py
	$(PY) manage.py spectacular --validate --fail-on-warn --file $(LOGS)/openapi.yaml
	@cmp -s $(LOGS)/openapi.yaml docs/openapi.yaml || { \
		echo "docs/openapi.yaml is not what the code says: run \`make schema\`." >&2; exit 1; }

check-frontend: setup-dev
	cd frontend && npm run lint
	cd frontend && npm run typecheck
	cd frontend && npm run unused
	cd frontend && npm run check:types

# The values of the settings are made up: the checks open no connection.
check-deployment: setup-dev
	@echo "manage.py check --deploy, as in production"
	@SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=shop.example \
		DATABASE_URL=postgres://shop@database/shop REDIS_URL=redis://cache/0 EMAIL_HOST=mail NUM_PROXIES=1 \
		DJANGO_SETTINGS_MODULE=ecommerce_rec.settings_prod $(PY) manage.py check --deploy --fail-level WARNING
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@if docker compose version >/dev/null 2>&1; then compose="docker compose"; \
	elif docker-compose version >/dev/null 2>&1; then compose=docker-compose; \
	else echo "Skipped: no Docker Compose here to validate the compose files with."; exit 0; fi; \
	$$compose -f docker-compose.yml config --quiet && \
	SECRET_KEY=x ALLOWED_HOSTS=x POSTGRES_PASSWORD=x REDIS_PASSWORD=x $$compose -f docker-compose.prod.yml config --quiet && \
	echo "The compose files are valid."

# Takes a minute or two, so it runs again only if something changed that decides about the build. The
# tests of the same module look at all other files on every run.
check-image: $(LOGS)/.image-checked

$(LOGS)/.image-checked: Dockerfile .dockerignore requirements.txt frontend/package-lock.json \
		$(wildcard frontend/*.json frontend/*.ts frontend/scripts/*) | setup-dev
	@echo "The stages of the image, built in folders from what .dockerignore lets through"
	@$(PY) -m pytest -q -m image recommendations/tests/test_image.py
	@touch $@

# --- The image --------------------------------------------------------------------------------

image: ## Build the image with Docker, podman or buildah; EXTRAS="artifacts traces meaning pictures" adds parts
	@EXTRAS="$(EXTRAS)" IMAGE="$(IMAGE)" sh deploy/build_image.sh

try-image: setup-dev ## Run the production stack from the image and walk through the shop; as root, takes 15 minutes
	@$(PY) -m deploy.try_image

# The tool lies apart: the shop and its checks do without it.
SBOM_TOOL := $(CURDIR)/var/.sbom
sbom: .venv/.installed-dev ## List the packages of the image in var/sbom, in CycloneDX's format
	$(call step,Installing the tool that lists packages,sbom,\
		PYTHONPATH=$(SBOM_TOOL) $(PY) -c 'import cyclonedx_py' || \
		$(PY) -m pip install --disable-pip-version-check --upgrade --target $(SBOM_TOOL) cyclonedx-bom==7.5.0)
	@EXTRAS="$(EXTRAS)" PYTHONPATH=$(SBOM_TOOL) $(PY) deploy/sbom.py var/sbom

# --- Tests ------------------------------------------------------------------------------------

test: forget test-backend test-networks test-servers test-frontend test-e2e ## Run every test; sets up all it needs
	@echo
	@echo "Passed: $$(paste -s -d, $(PASSED) | sed 's/,/, /g')."
	@if [ -s $(SKIPPED) ]; then sed 's/^/Skipped: /' $(SKIPPED); fi

forget:
	@mkdir -p $(LOGS); rm -f $(PASSED) $(SKIPPED)

# $(call skip,what and why): prints what is skipped and notes it for the summary of `make test`;
# with CI=true, fails.
define skip
	echo "Skipped: $(1)" >&2; mkdir -p $(LOGS); echo "$(1)" >>$(SKIPPED); \
	if [ "$$CI" = true ]; then echo "With CI=true nothing may be skipped." >&2; exit 1; fi
endef

# Sets $database and $redis to the servers that answer, or else to SQLite and to nothing; sets
# $servers to the names of those that answer.
define find_servers
	database=$(TEST_DATABASE_URL); redis=$(TEST_REDIS_URL); \
	if ! $(PY) -c 'import psycopg2, sys; psycopg2.connect(sys.argv[1], connect_timeout=2).close()' "$$database" 2>/dev/null; then \
		database=sqlite://:memory:; $(call skip,PostgreSQL does not answer at TEST_DATABASE_URL ($(TEST_DATABASE_URL)).); \
	fi; \
	if ! $(PY) -c 'import redis, sys; redis.from_url(sys.argv[1], socket_connect_timeout=2, socket_timeout=2).ping()' "$$redis" 2>/dev/null; then \
		redis=; $(call skip,Redis does not answer at TEST_REDIS_URL ($(TEST_REDIS_URL)).); \
	fi; \
	servers="$$(case $$database in postgres*) echo PostgreSQL;; esac) $${redis:+Redis}"; \
	servers=$$(echo $$servers | sed 's/ / and /')
endef

# $(call passed,what): notes what passed for the summary of `make test`.
passed = @mkdir -p $(LOGS); echo "$(1)" >>$(PASSED)

# Test processes run side by side: one thread of linear algebra each, or they fight for the cores.
test-backend test-networks test-servers: export OPENBLAS_NUM_THREADS = 1

# The addresses are set here so that a developer's .env does not decide what is tested.
# $(call find_tool,program and its option,Debian package,sentence of what is skipped): the machine's own
# program, or else Debian's package: unpacked, because once installed it would listen.
define find_tool
	@works() { PATH="$$PATH:/usr/sbin:$(CURDIR)/var/$(2)/usr/sbin:$(CURDIR)/var/$(2)/usr/bin" $(1); }; \
	unpack() { mkdir -p var/$(2) && cd var/$(2) && \
		{ apt-get download $(2) || { apt-get update && apt-get download $(2); }; } && dpkg -x $(2)_*.deb .; }; \
	mkdir -p $(LOGS); { works || (unpack) && works; } >$(LOGS)/$(2).log 2>&1 || { $(call skip,$(3)); }
endef

find-tools:
	$(call find_tool,nginx -v,nginx,The test of docs/nginx.conf has no nginx here and could not get one.)
	$(call find_tool,promtool --version,prometheus,The test of the alerts has no promtool here and could not get one.)

test-backend: setup-dev find-tools
	DATABASE_URL=sqlite://:memory: REDIS_URL= $(PY) -m pytest -n 2
	$(call passed,backend on SQLite)

# PyTorch lies apart, so that all other tests show that a shop does without it. Its folder is hidden
# from the checks.
NETWORKS := var/.networks
networks: .venv/.installed-dev
	@mkdir -p $(LOGS); works() { PYTHONPATH=$(NETWORKS) $(PY) -c 'import torch'; }; \
	{ works || { if uv --version; then uv pip install --python $(PY) --target $(NETWORKS) -r requirements-neural.txt; \
		else $(PY) -m pip install --disable-pip-version-check --upgrade --target $(NETWORKS) -r requirements-neural.txt; fi && works; }; } \
		>$(LOGS)/networks.log 2>&1 || { $(call skip,The tests that train networks have no PyTorch here and could not get it.); }

test-networks: setup-dev networks
	@if PYTHONPATH=$(NETWORKS) $(PY) -c 'import torch' 2>/dev/null; then \
		DATABASE_URL=sqlite://:memory: REDIS_URL= PYTHONPATH=$(NETWORKS) $(PY) -m pytest -n 2 -m networks && \
		echo "training of networks" >>$(PASSED); \
	fi

test-servers: setup-dev
	@$(find_servers); \
	if [ -n "$$servers" ]; then \
		DATABASE_URL=$$database REDIS_URL=$$redis $(PY) -m pytest -n 2 -m stateful && \
		echo "backend on $$servers" >>$(PASSED); \
	fi

test-frontend: setup-dev
	cd frontend && npm test
	$(call passed,storefront)

test-e2e: setup-dev
	@if browser=$$(sh frontend/e2e/find-browser.sh); then \
		cd frontend && CHROMIUM_PATH=$$browser PYTHON=$(PY) npm run e2e && cd .. && echo "end to end in Chromium" >>$(PASSED); \
	else \
		$(call skip,End-to-end tests have no Chromium here and could not install one.); \
	fi

schema: setup-dev ## Write docs/openapi.yaml and the storefront's types of it
	@$(PY) manage.py spectacular --file docs/openapi.yaml
	@cd frontend && npm run --silent types

evaluate: setup ## Measure how well the recommenders find held-out interactions of this shop
	@$(PY) manage.py evaluate_models

bench: setup ## Measure how long lists and figures take, in a process and over HTTP; takes minutes
	@OPENBLAS_NUM_THREADS=1 $(PY) -m benchmarks.serving
	@echo; OPENBLAS_NUM_THREADS=1 $(PY) -m benchmarks.searching --meaning
	@echo; OPENBLAS_NUM_THREADS=1 $(PY) -m benchmarks.over_http
	@echo; OPENBLAS_NUM_THREADS=1 $(PY) -m benchmarks.dashboard

simulate: setup ## Simulate a thousand A/B tests of each kind, and count how often their figures are wrong
	@OPENBLAS_NUM_THREADS=1 $(PY) -m benchmarks.ab_tests

load: setup ## Put loads on two web processes, and check that no event is lost; takes minutes
	@OPENBLAS_NUM_THREADS=1 $(PY) -m benchmarks.load $(LOAD)
	@OPENBLAS_NUM_THREADS=1 $(PY) -m benchmarks.ingestion

faults: setup-dev ## Break one part after another of a shop under load; needs redis-server, takes minutes
	@$(find_servers); \
	echo "Everything, on $${servers:-SQLite}"; \
	DATABASE_URL=$$database REDIS_URL=$$redis $(PY) -m pytest -m load -s || exit 1; \
	case $$database in postgres*) \
		echo "The faults once more, on SQLite"; \
		DATABASE_URL=sqlite://:memory: REDIS_URL= $(PY) -m pytest -m load -s recommendations/tests/load/test_faults.py;; \
	esac

fuzz: setup-dev ## Try the API with thousands of requests made from its schema; FUZZ_EXAMPLES (4) says how hard
	DATABASE_URL=sqlite://:memory: REDIS_URL= FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(PY) -m pytest -m fuzz -s recommendations/tests/fuzz

large: setup-dev ## Train ten million events with Spark (Java and requirements-spark.txt); takes 8 minutes or more
	DATABASE_URL=sqlite://:memory: REDIS_URL= $(PY) -m pytest -m large recommendations/tests/commands/test_large_log.py

clean: ## Remove everything installed and built; the shop's data in var/ stays
	rm -rf .venv frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
