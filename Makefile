# Everything one does with this repository; `make help` lists it.

# Swift is looked for on the PATH and where installers put it.
SWIFT := $(shell command -v swift 2>/dev/null || ls /opt/swift/usr/bin/swift /usr/share/swift/usr/bin/swift $(HOME)/.local/share/swiftly/bin/swift $(HOME)/.swiftly/bin/swift 2>/dev/null | head -n 1)
SOURCES := Package.swift Sources Tests Benchmarks Documentation/Examples
SERVICES := AlbumStore Proxy Sidecar Auth Tweet Spaceport Spaceship Ledger LunarModule SpacecraftTelemetry CommandDispatcher MissionTimeline MissionDashboard \
	NotificationService HelloWorld Accounts Books Collector Demo

# What `make demo` hands on: ports, whether it ends by itself, and where the services write their log lines.
LOG_FOLDER ?= .build/logs
export ONCE SYSTEM SIDECAR SIDECAR_PORT SIDECAR_MESH_PORT FLEET_PORT COLLECTOR_PORT COLLECTOR_GRPC_PORT ALBUM_STORE_PORT PROXY_PORT AUTH_PORT TWEET_PORT LEDGER_PORT SPACEPORT_PORT ENTERPRISE_PORT VOYAGER_PORT \
	TELEMETRY_PORT LUNAR_MODULE_PORT DISPATCHER_PORT TIMELINE_PORT DASHBOARD_PORT SNS_PORT HELLO_WORLD_PORT ACCOUNTS_PORT BOOKS_PORT LOG_FOLDER

.DEFAULT_GOAL := help
.PHONY: help demo demo-postgres services test examples bench bench-services bench-console bench-scale growth soak chaos mutate format lint release toolchain python \
	counterparts

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "  Ports of the demo: COLLECTOR_PORT=4318 COLLECTOR_GRPC_PORT=4317 ALBUM_STORE_PORT=9080 PROXY_PORT=9070 AUTH_PORT=3000 TWEET_PORT=4000"
	@echo "    LEDGER_PORT=32100 SPACEPORT_PORT=32000 ENTERPRISE_PORT=32001 VOYAGER_PORT=32002 TELEMETRY_PORT=8000"
	@echo "    LUNAR_MODULE_PORT=8080 DISPATCHER_PORT=9000 TIMELINE_PORT=8081 DASHBOARD_PORT=3001"
	@echo "    SNS_PORT=4566 HELLO_WORLD_PORT=3300 ACCOUNTS_PORT=3301 BOOKS_PORT=3302;"
	@echo "    ships and spaceports of a fleet from FLEET_PORT=20000 on;"
	@echo "  SYSTEM=albums,tweets selects the systems of the demo; ONCE=1 ends it by itself;"
	@echo "  SIDECAR=1 sets a sidecar before its album store (SIDECAR_PORT=15020 SIDECAR_MESH_PORT=15006);"
	@echo "  log lines go to LOG_FOLDER=.build/logs."
	@echo "  Figures as a file: make bench JSON=file; with rows for swift-log and its own handler: make bench TRAITS=1"
	@echo "  Instructions and allocations against recorded numbers: make bench CHECK=1; recorded anew: make bench RECORD=1"

demo: services $(if $(findstring hello-world,$(SYSTEM)),redis) ## Start a collector and the services, send requests, show the traces (SYSTEM=albums or others, by default all)
	@exec "$$("$(SWIFT)" build --configuration release --show-bin-path)/Demo"

demo-postgres: services python ## The same with users and tweets in a PostgreSQL of the machine's packages, which ends with it
	@exec python3 -B Benchmarks/Services/with_postgres.py DEMO_DATABASE_URL \
		"$$("$(SWIFT)" build --configuration release --show-bin-path)/Demo"

.PHONY: spaceports
spaceports: services ## Start any number of ships and spaceports (SHIPS=5 PORTS=2 VERSIONS=v1,v2); SECONDS=60 has them travel and counts
	@SHIPS="$(or $(SHIPS),5)" PORTS="$(or $(PORTS),2)" VERSIONS="$(VERSIONS)" SECONDS="$(or $(SECONDS),0)" \
		exec "$$("$(SWIFT)" build --configuration release --show-bin-path)/Demo"

# Redis for `SYSTEM=hello-world`, if it may be installed; the machine's own is not started. All systems together start without waiting for it.
.PHONY: redis
redis:
	@missing=""; command -v redis-server >/dev/null 2>&1 || missing=" redis-server"; \
	policy=/usr/sbin/policy-rc.d; \
	if [ -n "$${missing}" ] && [ "$$(id -u)" = 0 ] && [ ! -e "$${policy}" ]; then \
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT; printf '#!/bin/sh\nexit 101\n' > "$${policy}"; chmod 755 "$${policy}"; \
	fi; \
	$(call install,$${missing})

# The services as they are released.
services: toolchain libraries
	@[ -e .build/release/$(lastword $(SERVICES)) ] || echo "The first build takes about two minutes."
	@"$(SWIFT)" build --configuration release $(BUILD_FLAGS) --product $(firstword $(SERVICES))
	@$(foreach service,$(wordlist 2,$(words $(SERVICES)),$(SERVICES)),"$(SWIFT)" build --quiet --configuration release $(BUILD_FLAGS) --product $(service) &&) true

test: toolchain counterparts ## Build everything and run the tests, without and with the bridges to other packages
	@SWIFT="$(SWIFT)" Tests/run "$(SUITE)"

examples: toolchain python ## Build and run the packages in Documentation/Examples, and check what they export (APART=1: each by itself)
	@SWIFT="$(SWIFT)" python3 -B Tests/ExamplePackages/check.py $(if $(APART),--apart)

# Needs Python 3 with venv, and PyPI. OTELCOL names an OpenTelemetry Collector, PROMETHEUS a Prometheus of version 3.
.PHONY: foreign
foreign: toolchain libraries python ## Hold every wire against what others have written (grpcio, rotel, OTELCOL=, PROMETHEUS=, a browser), and count what arrives
	@SWIFT="$(SWIFT)" OTELCOL="$(OTELCOL)" PROMETHEUS="$(PROMETHEUS)" python3 -B Tests/ForeignReceivers/check.py

.PHONY: size
size: toolchain python ## Build the smallest program with one span, and fail if it has more than 10 MiB
	@SWIFT="$(SWIFT)" python3 -B Tests/ExamplePackages/size.py

# With CHECK=1 instructions and allocations are counted and compared with recorded numbers, which RECORD=1 renews; valgrind is installed if
# it is missing and that is allowed. PEERS=folder runs programs that speak the protocol of Benchmarks/rows.py in turn with ours. FOLLOW="span-5
# extract" shows what a call of these rows takes: instructions by group, locked operations, cache lines and misses (FUNCTIONS=8 lists functions).
BENCH_PROGRAM = "$$("$(SWIFT)" build --configuration release $(BUILD_FLAGS) --show-bin-path)/Benchmarks"
bench: toolchain $(if $(CHECK)$(RECORD)$(PEERS)$(FOLLOW),python) $(if $(CHECK)$(RECORD)$(FOLLOW),valgrind) ## Measure what a span costs, each figure beside its floor (CHECK=1, PEERS=folder, FOLLOW="rows")
ifneq ($(FOLLOW),)
	@"$(SWIFT)" build --quiet --configuration release $(BUILD_FLAGS) --product Benchmarks
	@python3 -B Benchmarks/lines.py $(BENCH_PROGRAM) $(FOLLOW)
else ifneq ($(CHECK)$(RECORD)$(PEERS),)
	@"$(SWIFT)" build --quiet --configuration release $(BUILD_FLAGS) --product Benchmarks
	@python3 -B Benchmarks/rows.py $(if $(PEERS),peers,$(if $(RECORD),record,check)) $(BENCH_PROGRAM) "$(or $(PEERS),Benchmarks/recorded.json)"
else
	"$(SWIFT)" run --configuration release $(if $(TRAITS),--enable-all-traits --scratch-path .build-traits) Benchmarks \
		$(if $(JSON),--json "$(JSON)")
endif

growth: toolchain ## Measure how costs grow with spans, attributes, tasks and series (SVG=file draws it)
	"$(SWIFT)" run --configuration release $(BUILD_FLAGS) Benchmarks --growth $(SVG)

.PHONY: valgrind
valgrind:
	@missing=""; command -v valgrind >/dev/null 2>&1 || missing="valgrind"; $(call install,$${missing})

# Needs Python 3, without packages; wrk and nginx are installed if they are missing and that is allowed.
bench-services: services python ## Measure the services beside nginx and pgbench (ROUNDS=5 SECONDS=4 CONNECTIONS=64); MINUTES=1 loads all at once, PARTS=together that alone; PARTS=sidecar the sidecar beside nginx; PARTS=fleet,messages,commands storms
	@python3 -B Benchmarks/Services/bench.py "$$("$(SWIFT)" build --configuration release --show-bin-path)"

# Needs Python 3, without packages. The figures are worth something on the machine of the baseline alone.
.PHONY: perf
perf: SERVICES = AlbumStore Proxy Auth Tweet
perf: services python ## Compare latencies of the services with a stored baseline (CHECK=baseline.json; RECORD=baseline.json writes it)
	@[ -n "$(CHECK)$(RECORD)" ] || { echo "make perf CHECK=baseline.json compares, make perf RECORD=baseline.json writes what is compared with." >&2; exit 64; }
	@python3 -B Benchmarks/Services/perf.py "$$("$(SWIFT)" build --configuration release --show-bin-path)" \
		$(if $(RECORD),record,check) "$(or $(RECORD),$(CHECK))"

# Needs Python 3, without packages, and Chromium for the figures of the page. OTELCOL and ROTEL name an OpenTelemetry Collector
# and an agent of rotel that get the same load in turn.
bench-console: toolchain libraries python ## Measure what the console takes in, what it costs, and its searches (SECONDS=60 RATE=150000 ROUNDS=3)
	@"$(SWIFT)" build --quiet --configuration release $(BUILD_FLAGS) --product Collector
	@SECONDS="$(SECONDS)" RATE="$(RATE)" ROUNDS="$(ROUNDS)" OTELCOL="$(OTELCOL)" ROTEL="$(ROTEL)" \
		python3 -B Benchmarks/Console/bench.py "$$("$(SWIFT)" build --configuration release --show-bin-path)"

# Needs Python 3 with venv, and PyPI. OTELCOL names an OpenTelemetry Collector, ROTEL an agent of rotel, that are the gateways.
bench-scale: toolchain python ## Send traces by services through gateways and Kafka to ClickHouse, and count at every hop (TRACES=20000 PROTOCOL=grpc)
	@"$(SWIFT)" build --quiet --configuration release $(BUILD_FLAGS) --product Benchmarks
	@TRACES="$(TRACES)" PROTOCOL="$(PROTOCOL)" OTELCOL="$(OTELCOL)" ROTEL="$(ROTEL)" \
		python3 -B Benchmarks/Scale/run.py "$$("$(SWIFT)" build --configuration release --show-bin-path)"

soak: toolchain ## Export under load to a receiver that fails at random, and account for every span (SECONDS=600 SEED=N)
	"$(SWIFT)" run --configuration release Benchmarks --soak $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

chaos: toolchain ## Fork and have the receiver die under load, and account for every span (EVENTS=200 SEED=N)
	"$(SWIFT)" run --configuration release Benchmarks --chaos $(or $(EVENTS),200) $(if $(SEED),--seed $(SEED))

# Needs Python 3, without packages. What is changed is a copy in .build-mutants.
mutate: toolchain ## Change the SDK in many places, one at a time, and list what no test notices (SEED=N COUNT=200; RESUME=1 goes on)
	@python3 Tests/Mutation/mutate.py --self-check
	@SWIFT="$(SWIFT)" python3 Tests/Mutation/mutate.py --seed $(or $(SEED),1) --count $(or $(COUNT),200) $(if $(RESUME),--resume)

# Needs Python 3, without packages; docc comes with Swift.
.PHONY: docs
docs: toolchain python ## Build the documentation as pages in .build/docs, and say how to look at them
	"$(SWIFT)" build --target Telemetry
	@SWIFT="$(SWIFT)" python3 Documentation/build.py "$$("$(SWIFT)" build --show-bin-path)/Modules"

# Needs Python 3; its tools go into .build-deploy, from PyPI and Debian. What cannot be had is left out, and listed.
.PHONY: deploy-check
deploy-check: python ## Check the files of Deploy without a container engine (FULL=1: checkov, and queries of a Prometheus that scrapes the services)
	@FULL="$(FULL)" OTELCOL="$(OTELCOL)" Deploy/check.sh

release: BUILD_FLAGS = -Xswiftc -warnings-as-errors
release: toolchain ## Build everything as it is released, without a single warning
	"$(SWIFT)" build --configuration release $(BUILD_FLAGS)

format: toolchain ## Bring all sources into shape
	"$(SWIFT)" format --in-place --recursive $(SOURCES)

lint: toolchain ## Say what is out of shape
	"$(SWIFT)" format lint --strict --recursive $(SOURCES)

# Swift itself, and the system packages that its compiler and linker call for.
toolchain:
	@if [ -z "$(SWIFT)" ]; then \
		echo "Swift 6.2 or newer is needed and was not found on the PATH, in /opt/swift or in ~/.swiftly." >&2; \
		echo "https://www.swift.org/install/linux tells how to install it." >&2; \
		exit 69; \
	fi
	@if ! "$(SWIFT)" --version >/dev/null 2>&1 || [ ! -e /usr/include/stdlib.h ] \
		|| ! ls /usr/lib/gcc/*/*/crtbegin.o >/dev/null 2>&1; then \
		packages="binutils g++ git libc6-dev libcurl4 libncurses6 libxml2"; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			echo "Installing what Swift needs: $$packages" >&2; \
			apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends $$packages \
				|| echo "They could not be installed; trying without them." >&2; \
		else \
			echo "Swift cannot compile here; on Debian it needs these packages: apt-get install $$packages" >&2; \
			exit 69; \
		fi; \
	fi

# What checks the examples.
python:
	@if ! command -v python3 >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends python3; \
		else \
			echo "Python 3 is needed to check the examples." >&2; \
			exit 69; \
		fi; \
	fi

# What the tests talk to: OpenSSL's own server, PostgreSQL and Redis, a stand-in for Amazon's notification service, and the browser that looks at
# the console, which Python drives. Without one of them its tests are skipped, and say so.
counterparts: libraries
	@missing=""; \
	command -v openssl >/dev/null 2>&1 || missing="$${missing} openssl"; \
	command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$${missing} postgresql"; \
	command -v redis-server >/dev/null 2>&1 || missing="$${missing} redis-server"; \
	$(call install,$${missing})
	@# By itself, since some systems have no such package and would install none of the others with it.
	@missing=""; \
	for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v $${name} >/dev/null 2>&1 && exit 0; done; \
	missing="chromium"; \
	command -v python3 >/dev/null 2>&1 || missing="$${missing} python3"; \
	$(call install,$${missing})
	@$(MOTO)

# A stand-in for Amazon's services, and Sentry's reporter, from PyPI, in a folder of their own. They are installed once; without them, their tests
# are skipped. Of what moto[server] would bring along, its notification service needs these two alone.
COUNTERPARTS := .build-counterparts
MOTO = if ! $(COUNTERPARTS)/bin/python -c 'import importlib.util as u; assert u.find_spec("moto") and u.find_spec("sentry_sdk")' 2>/dev/null; then \
		missing=""; python3 -c 'import ensurepip' 2>/dev/null || missing=" python3-venv"; $(call install,$${missing}); \
		echo "Installing PyPI's moto and sentry-sdk in $(COUNTERPARTS)" >&2; \
		{ python3 -m venv $(COUNTERPARTS) && $(COUNTERPARTS)/bin/pip install --quiet --disable-pip-version-check \
			--timeout 15 --retries 1 'moto==5.2.5' flask flask-cors 'sentry-sdk==2.75.0'; } >&2 || echo "It could not be installed; going on without it." >&2; \
	fi

# What the services open at run time: SQLite, PostgreSQL's client, bcrypt, OpenSSL, nghttp2 for gRPC, zstd, and libyaml for rules and
# configuration files. A service names the one that it lacks.
.PHONY: libraries
libraries:
	@missing=""; \
	for library in sqlite3-0:libsqlite3.so.0 pq5:libpq.so.5 crypt1:libcrypt.so.1 ssl3:libcrypto.so.3 \
		nghttp2-14:libnghttp2.so.14 zstd1:libzstd.so.1 yaml-0-2:libyaml-0.so.2; do \
		ls /lib/*/"$${library#*:}" /usr/lib/*/"$${library#*:}" /usr/lib64/"$${library#*:}" 2>/dev/null | grep -q . \
			|| missing="$${missing} lib$${library%%:*}"; \
	done; \
	$(call install,$${missing})

# Installs packages of Debian if there are any to install and this is allowed; goes on without them if not.
install = if [ -n "$(1)" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing:$(1)" >&2; \
		{ apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends $(1); } \
			|| echo "They could not be installed; going on without them:$(1)" >&2; \
	elif [ -n "$(1)" ]; then echo "Going on without these packages of Debian:$(1)" >&2; fi
