# Everything here needs only go and make; targets that need more install it
# from Debian when they may (root, apt-get), else say in one sentence what to
# install. Tools go to .cache, which git ignores.

SHELL := /bin/sh
.DEFAULT_GOAL := help

GO          ?= go
CACHE       := $(CURDIR)/.cache
STATICCHECK := $(CACHE)/bin/staticcheck-v0.8.2
ORACLES     := $(CACHE)/oracles
SOLVER      := pow/testdata/solver
FUZZTIME    ?= 10s
BENCHTIME   ?= 2s
ARGS        ?=
CHECKS      ?= 100
PROOF       ?= full

##@ First steps

help: ## print this text
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

demo: postgres ## play the whole story on a private PostgreSQL: register, pay, hold, map, credit, bounce
	$(GO) run ./cmd/shortwire demo $(ARGS)

test: postgres ## run every test against a real PostgreSQL
	$(GO) test -shuffle=on -timeout 10m ./...

##@ Building and running

build: ## build bin/shortwire
	$(GO) build -trimpath -o bin/shortwire ./cmd/shortwire

run: postgres build ## start a gateway with ./shortwire.toml, which is written first if it is not there
	@test -e shortwire.toml || ./bin/shortwire config init
	./bin/shortwire serve -c shortwire.toml

clean: ## remove what the targets here made, but no configuration and no data
	rm -rf bin .cache

##@ Checking

ci: ## everything that the CI runs
	bash .ci/run

lint: $(STATICCHECK) ## gofmt, go vet, staticcheck
	@files=$$(find . -name '*.go' -not -path './.cache/*' -exec gofmt -l {} +); \
	test -z "$$files" || { echo "make lint: not gofmt'd (make fmt mends it):"; echo "$$files"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags oracles ./plugins/oracle/... ./gateway/picture ./pow ./cmd/shortwire
	$(STATICCHECK) ./...

fmt: ## gofmt all Go files in place
	gofmt -w $$(find . -name '*.go' -not -path './.cache/*')

test-race: postgres ## run every test under the race detector (needs a C compiler)
	@test "$$($(GO) env CGO_ENABLED)" = 1 || { \
		echo "make test-race: the race detector needs a C compiler, for example the Debian package gcc."; exit 1; }
	$(GO) test -race -shuffle=on -timeout 15m ./...

test-oracles: postgres $(ORACLES)/ready ## compare subjects, pictures and proofs with independent programs (python3-stdnum, zxing-cpp, packages of npm)
	PATH="$(ORACLES)/bin:$$PATH" SHORTWIRE_ORACLES="$(ORACLES)" $(GO) test -count=1 -tags oracles ./plugins/oracle/... ./gateway/picture
	SHORTWIRE_ORACLES="$(ORACLES)" $(GO) test -count=1 -tags oracles -run '^TestNode' ./pow ./cmd/shortwire

# Go up to 1.26 sometimes ends a fuzz run with "context deadline exceeded"
# although no input failed (go.dev/issue/75804); such a run is tried twice more.
fuzz: ## fuzz every Fuzz function for FUZZTIME (10s)
	@mkdir -p $(CACHE); log=$(CACHE)/fuzz.log; \
	once() { $(GO) test "$$1" -run '^$$' -fuzz "^$$2\$$" -fuzztime $(FUZZTIME) >$$log 2>&1 </dev/null; rc=$$?; cat $$log; return $$rc; }; \
	flake() { grep -q 'context deadline exceeded' $$log && ! grep -q 'Failing input written' $$log; }; \
	grep -r --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file name; do \
		name=$${name#func }; dir=$${file%/*}; echo "# $$dir $$name"; \
		once "$$dir" "$$name" || { flake && once "$$dir" "$$name"; } || { flake && once "$$dir" "$$name"; } || { \
			input=$$(sed -n 's/.*Failing input written to //p' $$log); \
			test -z "$$input" || cat "$$dir/$$input"; exit 1; }; \
	done

fuzz-long: ## try a million random and a million damaged inputs on every wire method
	$(GO) test ./plugins -run '^TestManyInputs$$' -count=1 -timeout 60m -v -long

bench-checks: ## measure which typing errors the wire methods let through (docs/measurements.md)
	$(GO) test ./plugins -run '^TestS7_ErrorDetection$$' -count=1 -timeout 60m -v -long

bench: postgres ## measure proofs beside raw hashes, and the gateway beside what PostgreSQL itself allows
	$(GO) test ./plugins -run '^$$' -bench . -cpu 1 -benchtime $(BENCHTIME)
	$(GO) test ./pow -run '^$$' -bench . -cpu 1 -benchtime $(BENCHTIME)
	$(GO) test ./cmd/shortwire -run '^$$' -bench . -benchtime $(BENCHTIME) -timeout 60m

attack: postgres ## play attacks on the real gateway with the clock in hand, and draw them into docs/attack.svg
	SHORTWIRE_ATTACK_SVG="$(CURDIR)/docs/attack.svg" $(GO) test ./cmd/shortwire -run TestAttack -count=1 -v -timeout 60m

##@ Proving it

# PROOF=short is the form of the CI; docs/reliability.md tells of the full one.
model: postgres ## compare the gateway with its rules, step by step (CHECKS=100 runs of some 110 steps)
	$(GO) test ./bounce/model -count=1 -v -run TestModel -timeout 60m -rapid.checks=$(CHECKS) -rapid.steps=110

chaos: postgres ## kill gateways and PostgreSQL at random while transfers are posted
	SHORTWIRE_PROOF=$(PROOF) $(GO) test ./cmd/shortwire -count=1 -v -run TestChaos -timeout 60m

outage: postgres ## take the database away: gone, cut off, reset, slow, out of room (as root)
	SHORTWIRE_PROOF=$(PROOF) $(GO) test ./cmd/shortwire -count=1 -v -run TestOutage -timeout 60m

races: postgres ## let things happen at the same time, 1,000 rounds each
	SHORTWIRE_ROUNDS=1000 $(GO) test ./bounce -count=1 -v -run 'Race' -timeout 60m

order: postgres ## read the history while 32 writers credit (PROOF=full: 32,000 rows)
	SHORTWIRE_PROOF=$(PROOF) $(GO) test ./bounce -count=1 -v -run '^TestT6_ReaderNeverMissesARow$$' -timeout 20m

scale: postgres ## measure beside raw statements in growing tables (PROOF=huge: up to 10^7 rows)
	SHORTWIRE_PROOF=$(PROOF) $(GO) test ./bounce -count=1 -v -run 'TestScale|TestS6_Cost' -timeout 120m

##@ What the others need

# Looks where migrations/cluster looks. Debian starts a cluster of its own when
# the server is installed; nobody asked for that one, so it is switched off
# before.
postgres: ## see that a PostgreSQL server of version 15 or newer is there
	@test -z "$$TEST_DATABASE_URL" || exit 0; \
	bins() { test -z "$$SHORTWIRE_POSTGRES_BIN" || { echo "$$SHORTWIRE_POSTGRES_BIN"; return; }; \
		ctl=$$(command -v pg_ctl) && dirname "$$(readlink -f "$$ctl" || echo "$$ctl")"; \
		ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin 2>/dev/null; }; \
	found() { for bin in $$(bins); do \
		major=$$("$$bin/postgres" --version 2>/dev/null | sed -n 's/^postgres (PostgreSQL) \([0-9]*\).*/\1/p'); \
		test "$${major:-0}" -ge 15 && return 0; done; return 1; }; \
	found && exit 0; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo "make: installing PostgreSQL from Debian"; export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -qq -y --no-install-recommends postgresql-common && \
		sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf && \
		apt-get install -qq -y --no-install-recommends postgresql; \
	fi; \
	found || { echo "make: install a PostgreSQL server of version 15 or newer (Debian: apt-get install postgresql)," \
		"or name the folder of its programs in SHORTWIRE_POSTGRES_BIN."; exit 1; }

$(STATICCHECK):
	@mkdir -p $(CACHE)/bin
	@GOBIN=$(CACHE)/bin $(GO) install honnef.co/go/tools/cmd/staticcheck@v0.8.2 && mv $(CACHE)/bin/staticcheck $@ || { \
		echo "make lint: staticcheck v0.8.2 could not be fetched; it comes through the Go module proxy (see go env GOPROXY)."; exit 1; }

# The python3 that knows stdnum is put first in the PATH of the oracles: a
# machine may have another python3 in front of Debian's.
$(ORACLES)/ready: plugins/oracle/testdata/package-lock.json $(SOLVER)/package-lock.json
	@mkdir -p $(ORACLES)/bin; \
	python() { for p in $$(command -v python3) /usr/bin/python3; do \
		"$$p" -c 'import stdnum' 2>/dev/null && { echo "$$p"; return 0; }; done; return 1; }; \
	pictures() { command -v ZXingReader >/dev/null && command -v rsvg-convert >/dev/null && command -v pdftoppm >/dev/null; }; \
	if ! python >/dev/null || ! command -v npm >/dev/null || ! pictures; then \
		if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
			packages="python3-stdnum zxing-cpp-tools librsvg2-bin poppler-utils"; command -v npm >/dev/null || packages="$$packages nodejs npm"; \
			export DEBIAN_FRONTEND=noninteractive; \
			apt-get update -qq && apt-get install -qq -y --no-install-recommends $$packages; \
		fi; \
	fi; \
	python >/dev/null && command -v npm >/dev/null && pictures || { \
		echo "make test-oracles: install python3 with stdnum, zxing-cpp, librsvg, Poppler, node and npm" \
			"(Debian: apt-get install python3-stdnum zxing-cpp-tools librsvg2-bin poppler-utils nodejs npm)."; exit 1; }; \
	ln -sf "$$(python)" $(ORACLES)/bin/python3
	cp plugins/oracle/testdata/package*.json $(ORACLES)/
	npm ci --prefix $(ORACLES) --no-audit --no-fund --ignore-scripts
	@mkdir -p $(ORACLES)/solver
	cp $(SOLVER)/package*.json $(ORACLES)/solver/
	npm ci --prefix $(ORACLES)/solver --no-audit --no-fund --ignore-scripts
	@touch $@

.PHONY: help demo test build run clean ci lint fmt test-race test-oracles fuzz fuzz-long bench-checks bench attack postgres model chaos outage races order scale
