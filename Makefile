# The front door. Everything real is in meson.build and below tests/.
BUILD ?= build
MESON_FLAGS ?=
NINJA = ninja -C $(BUILD)
STAGE = $(BUILD)/stage
.DEFAULT_GOAL := build

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: deps build ## see it work: a guest's whole life, on Xen if this is a Xen host, else simulated
	@BUILD=$(BUILD) tests/tour.sh

deps: ## install what the build needs (Debian: apt; elsewhere the names are printed)
	@tests/install-packages.sh build

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || tests/install-packages.sh build
	@mkdir -p $(BUILD)
	@meson setup $(BUILD) $(MESON_FLAGS) >$(BUILD)/setup.log 2>&1 || { tail -30 $(BUILD)/setup.log; exit 1; }

build: $(BUILD)/build.ninja ## build xvirtd, xvirt and the driver module
	@$(NINJA) --quiet

test: build ## the inner loop: unit tests and everything that needs no Xen, under a minute
	@MESON_TESTTHREADS=$$((2 * $$(nproc))) meson test -C $(BUILD) --no-rebuild --quiet --print-errorlogs --no-suite slow

check: ## install what the tests need, build, run every test, the real-Xen ones included
	@tests/check.sh

stage: build
	@rm -rf $(STAGE)
	@DESTDIR=$(abspath $(STAGE)) meson install -C $(BUILD) --no-rebuild --quiet

lab: stage ## the integration tests on a real Xen, in QEMU
	@tests/install-packages.sh lab
	@tests/lab/integration.sh --stage $(STAGE)

lab-shell: stage ## a shell in the real Xen host's dom0
	@tests/install-packages.sh lab
	@tests/lab/shell.sh --stage $(STAGE)

corpus: build ## conversions against the corpus of real and expected files (XVIRT_CORPUS)
	@tests/conf/corpus.sh $(BUILD)

calls: ## write docs/calls.md anew, after make test
	@tests/calls.py write $(BUILD)/calls

fuzz: ## run each fuzzer for TIME seconds (600)
	@tests/fuzz/run.sh $(or $(TIME),600)

bench: build ## figures, as ratios to libvirt's on this machine
	@tests/install-packages.sh test
	@bench/run.sh $(BUILD)

bench-xen: build ## the same beside libvirt's Xen driver, on a real Xen, in QEMU
	@tests/install-packages.sh lab
	@bench/xen.sh $(BUILD)

clean: ## remove what was built
	@rm -rf $(BUILD) build-check

.PHONY: calls help run deps build test check stage lab lab-shell corpus fuzz bench bench-xen clean
