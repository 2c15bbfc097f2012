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

clean: ## remove what was built
	@rm -rf $(BUILD)

.PHONY: help deps build test clean
