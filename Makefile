# What each target is for stands beside it; `make` alone lists them.

GO       ?= go
BIN      := bin/tagbridge
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT   := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
LDFLAGS  := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
NFPM     := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0
ARCHS    ?= amd64 arm64 armhf
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 20000x
BENCH    ?=
SOAK     ?= 10m
KILLS    ?= 600
LIVES    ?= 4000
DAYS     ?= 200
SPLITS   ?= 100
FUZZIN   ?= .
CHROMIUM ?= chromium
# Of each target over what a peer sends, in make soak: there are twenty, so these are 10^8 in all.
PEERFUZZ ?= 5000000x

.PHONY: page page-test manual desk deb deb-check dist sbom systemd-security help build run test check interop bench soak fuzz lint

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# The page is built where Node.js 20 or newer and npm are there; else the program is without it, and says so on /.
PAGE     := cmd/tagbridge/web/page
NODE_OK  := $(if $(WITHOUT_PAGE),,$(shell command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null && echo yes))
PAGE_SOURCES = $(shell find $(PAGE)/src -type f ! -name '*.test.ts*') $(PAGE)/build.mjs $(PAGE)/tsconfig.json $(PAGE)/package.json

build: $(if $(NODE_OK),page) ## the program, in bin/
	@$(if $(NODE_OK),,echo "make: no Node.js 20 and npm here: the program is built without a new page" >&2)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/tagbridge

page: $(PAGE)/dist/index.html.gz ## the page: types checked, built into the program

$(PAGE)/node_modules/.package-lock.json: $(PAGE)/package-lock.json $(PAGE)/.npmrc
	cd $(PAGE) && npm ci --silent && touch node_modules/.package-lock.json

$(PAGE)/dist/index.html.gz: $(PAGE)/node_modules/.package-lock.json $(PAGE_SOURCES)
	cd $(PAGE) && npm run --silent types && npm run --silent build

page-test: build ## the page: unit tests, and in Chromium against the program
	@command -v $(CHROMIUM) >/dev/null || { echo "make: no $(CHROMIUM) here: install chromium, or name one by CHROMIUM=" >&2; exit 1; }
	cd $(PAGE) && npm test --silent && CHROMIUM=$$(command -v $(CHROMIUM)) npm run --silent browser

run: build ## a simulated boiler house, an MQTT broker and the bridge between them
	$(BIN) demo

# Most tests wait for what devices do most of the time: twice as many packages at once as there are processors.
# Those that take longest begin first, or all would wait for them at the end.
test: ## all tests that need nothing but Go, race detector on
	$(GO) test -race -timeout 30m -p $$((2 * $$(nproc))) ./cmd/tagbridge/bridge ./sinks/journal ./cmd/tagbridge ./cmd/tagbridge/members ./cmd/tagbridge/cluster/... ./drivers/... ./...

check: lint test fuzz ## what a change has to pass here

# The systems of people's desks: all of the program builds there, but what is Linux' own.
DESKS    := windows/amd64 darwin/arm64

# Tests are for Linux: only files of the program are vetted, of packages that have some for one system.
desk: ## the program for Windows and macOS: built and vetted
	@set -e; for d in $(DESKS); do \
	  echo "build and vet $$d"; export CGO_ENABLED=0 GOOS=$${d%/*} GOARCH=$${d#*/}; \
	  $(GO) build -o /dev/null ./cmd/tagbridge; \
	  $(GO) list -deps -f '{{if .IgnoredGoFiles}}{{range .GoFiles}}{{$$.Dir}}/{{.}} {{end}}{{end}}' ./cmd/tagbridge | \
	    grep "^$(CURDIR)/" | sed 's/ $$//' | xargs -L 1 $(GO) vet; \
	done

lint: desk ## format, vet (also for Windows and macOS), staticcheck, tidy
	@test -z "$$(gofmt -l .)" || { gofmt -l . >&2; echo "gofmt would change these files" >&2; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags interop ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff

fuzz: ## every fuzz target in FUZZIN for FUZZTIME
	@set -e; grep -rlE '^func Fuzz' --include='*_test.go' $(FUZZIN) | while read -r f; do \
	  d=./$$(dirname "$$f"); \
	  sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$f" | while read -r t; do \
	    echo "fuzz $$d $$t"; $(GO) test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) "$$d"; \
	  done; done

interop: ## against independent servers and a real InfluxDB; see .ci/run for what it needs
	$(GO) test -count=1 -timeout 20m -parallel 4 -tags interop ./testrig/interop/...

manual: ## the reference of the manual, written anew from the code; then fill in what it names
	@$(GO) test -run '^TestManual' $$(grep -rlF 'manual.Hold(' --include='*_test.go' . | xargs -n 1 dirname | sort -u) -update

bench: build ## the figures of the manual, measured here; BENCH='-rows 100x500,drain' for some of it
	$(GO) run ./testrig/bench -bin $(BIN) $(BENCH)

soak: build ## SOAK=10m of faults, KILLS=600 times kill -9, LIVES=4000 of the journal, every sample accounted for, SPLITS=100 of a cluster, each way; 10^8 answers of peers
	$(GO) run ./testrig/soak -bin $(BIN) -for $(SOAK)
	TAGBRIDGE_KILLS=$(KILLS) $(GO) test -count=1 -v -timeout 60m -run '^TestKill$$' ./testrig/kill
	TAGBRIDGE_KILLS=$(KILLS) $(GO) test -count=1 -v -timeout 60m -run '^TestKillWhileLosing$$' ./cmd/tagbridge/days
	TAGBRIDGE_KILLS=100 $(GO) test -count=1 -v -timeout 60m -run '^TestKillWhileReckoning$$' ./cmd/tagbridge/days
	TAGBRIDGE_DAYS=$(DAYS) $(GO) test -count=1 -v -timeout 60m -run '^TestRandomDays$$' ./cmd/tagbridge/days
	TAGBRIDGE_SPLITS=$(SPLITS) $(GO) test -count=1 -v -timeout 60m -run '^Test(Splits|ServersAway)$$' ./testrig/split
	TAGBRIDGE_MANY=yes $(GO) test -count=1 -v -timeout 60m -run '^TestManyEndpoints$$' ./testrig/split
	TAGBRIDGE_SOAK=$(SOAK) $(GO) test -count=1 -timeout 0 -v -run '^TestLineSoak$$' ./drivers/modbus
	TAGBRIDGE_SOAK=$(SOAK) $(GO) test -count=1 -timeout 0 -v -run '^TestLineSoakEndToEnd$$' ./cmd/tagbridge/bridge
	TAGBRIDGE_LIVES=$(LIVES) $(GO) test -count=1 -timeout 0 -run '^TestEverySampleIsAccountedFor$$' ./sinks/journal
	$(MAKE) --no-print-directory fuzz FUZZIN='drivers sinks/mqtt sinks/influx' FUZZTIME=$(PEERFUZZ)

# A version of Debian's begins with a digit.
PACKAGE_VERSION = $(shell echo '$(VERSION)' | sed 's/^v//; s/-/+/g; /^[0-9]*[.]/!s/^/0.0.0+/')
EPOCH = $(shell git log -1 --format=%ct 2>/dev/null || echo 946684800)

deb: ## Debian packages for ARCHS, in dist/; the same commit gives the same bytes
	@$(if $(NODE_OK)$(WITHOUT_PAGE),,echo "make: a package has the page, for which Node.js 20 or newer and npm are needed; WITHOUT_PAGE=yes makes one without it" >&2; exit 1)
	$(MAKE) --no-print-directory build
	@mkdir -p dist/stage
	$(BIN) manual man | gzip -9n > dist/tagbridge.1.gz
	$(BIN) manual bash > dist/tagbridge.bash
	@set -e; for arch in $(ARCHS); do \
	  case $$arch in armhf) goarch=arm ;; *) goarch=$$arch ;; esac; \
	  echo "build $$arch"; \
	  CGO_ENABLED=0 GOOS=linux GOARCH=$$goarch GOARM=7 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS) -buildid=' \
	    -o dist/stage/tagbridge ./cmd/tagbridge; \
	  ARCH=$$arch PACKAGE_VERSION='$(PACKAGE_VERSION)' SOURCE_DATE_EPOCH=$(EPOCH) \
	    $(GO) run $(NFPM) package -f configs/package/nfpm.yaml -p deb -t dist/tagbridge_$$arch.deb; \
	done

deb-check: ## install, upgrade, remove and purge the package of this machine in a folder
	configs/package/check dist/tagbridge_$$(dpkg --print-architecture).deb

# What is in an archive beside the program.
ARCHIVED = README.md copyright=configs/package/copyright manual=configs/manual examples/tags=configs/tags \
	$(foreach f,$(wildcard configs/*.yaml),examples/$(notdir $(f))=$(f)) dashboards/grafana-dashboard.json=configs/grafana-dashboard.json
LINUX_ARCHIVED = tagbridge.service=configs/tagbridge.service tagbridge.1.gz=dist/tagbridge.1.gz tagbridge.bash=dist/tagbridge.bash
RELEASE  := dist/release
SYSTEMS  ?= linux/amd64 linux/arm64 linux/armv7 windows/amd64 windows/arm64 darwin/amd64 darwin/arm64

dist: deb ## packages and archives of all SYSTEMS, with their SHA256SUMS, in dist/release; the same commit gives the same bytes
	@rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	@for arch in $(ARCHS); do cp dist/tagbridge_$$arch.deb $(RELEASE)/tagbridge_$(PACKAGE_VERSION)_$$arch.deb; done
	@set -e; for s in $(SYSTEMS); do \
	  os=$${s%/*}; arch=$${s#*/}; goarch=$$arch; exe=; kind=tar.gz; more=; \
	  case $$arch in armv7) goarch=arm ;; esac; \
	  case $$os in windows) exe=.exe; kind=zip ;; linux) more='$(LINUX_ARCHIVED)' ;; esac; \
	  name=tagbridge_$(PACKAGE_VERSION)_$${os}_$$arch; echo "build $$name.$$kind"; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$goarch GOARM=7 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS) -buildid=' \
	    -o dist/stage/tagbridge$$exe ./cmd/tagbridge; \
	  $(GO) run ./configs/package/archive -o $(RELEASE)/$$name.$$kind -time $(EPOCH) -root $$name \
	    dist/stage/tagbridge$$exe $(ARCHIVED) $$more; \
	done
	cd $(RELEASE) && sha256sum tagbridge_* > SHA256SUMS

sbom: build ## what the program is made of, dist/tagbridge.cdx.json (CycloneDX)
	@mkdir -p dist
	$(BIN) manual sbom > dist/tagbridge.cdx.json
systemd-security: ## how far the unit is open, from 0 (not at all) to 10; at most 2.0
	@systemd-analyze security --offline=true --no-pager --threshold=20 configs/tagbridge.service | tail -n 1
