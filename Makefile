# What each target is for stands beside it; `make` alone lists them.

GO       ?= go
BIN      := bin/tagbridge
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT   := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
LDFLAGS  := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 20000x
BENCH    ?=
SOAK     ?= 10m

.PHONY: help build run test check interop bench soak fuzz lint

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

build: ## the program, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/tagbridge

run: build ## a simulated boiler house and a bridge that reads it, on the terminal
	$(BIN) demo

test: ## all tests that need nothing but Go, race detector on
	$(GO) test -race ./...

check: lint test fuzz ## what CI runs

lint: ## format, vet, staticcheck, tidy
	@test -z "$$(gofmt -l .)" || { gofmt -l . >&2; echo "gofmt would change these files" >&2; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags interop ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff

fuzz: ## every fuzz target for FUZZTIME
	@set -e; grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r f; do \
	  d=$$(dirname "$$f"); \
	  sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$f" | while read -r t; do \
	    echo "fuzz $$d $$t"; $(GO) test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) "$$d"; \
	  done; done

interop: ## against independent servers and a real InfluxDB; see .ci/run for what it needs
	$(GO) test -count=1 -tags interop ./testrig/interop/...

bench: build ## the table of figures in README, measured here
	$(GO) run ./testrig/bench -bin $(BIN) $(BENCH)

soak: build ## SOAK=10m of faults, every sample accounted for
	$(GO) run ./testrig/soak -bin $(BIN) -for $(SOAK)
