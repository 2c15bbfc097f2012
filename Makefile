# The front door. Everything real is in meson.build and below tests/.
BUILD ?= build
MESON_FLAGS ?=
NINJA = ninja -C $(BUILD)
.DEFAULT_GOAL := build

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what the build needs (Debian: apt; elsewhere the names are printed)
	@tests/install-packages.sh build

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || tests/install-packages.sh build
	@meson setup $(BUILD) $(MESON_FLAGS) >$(BUILD).log 2>&1 || { tail -30 $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log

build: $(BUILD)/build.ninja ## build xvirtd, xvirt and the driver module
	@$(NINJA) --quiet

test: build ## the inner loop: unit tests and everything that needs no Xen, under a minute
	@meson test -C $(BUILD) --no-rebuild --quiet --print-errorlogs --no-suite slow

XVIRT_CORPUS ?= $(firstword $(wildcard ../shared/formats/corpus ../../shared/formats/corpus) ../shared/formats/corpus)
CORPUS_FLAGS ?=
corpus: build ## convert every file of the corpus (XVIRT_CORPUS=FOLDER CORPUS_FLAGS="-v --only NAME")
	@if [ -f $(XVIRT_CORPUS)/PAIRS.csv ]; then $(BUILD)/tests/conf/corpus $(CORPUS_FLAGS) $(XVIRT_CORPUS) tests/conf/deviations; \
	else echo "corpus: no $(XVIRT_CORPUS)/PAIRS.csv, skipped"; fi

clean: ## remove what was built
	@rm -rf $(BUILD)

.PHONY: help deps build test corpus clean
