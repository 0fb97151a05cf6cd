# SPDX-License-Identifier: GPL-2.0-or-later
# lockstat-swap. `make help` lists everything.

OUTPUT ?= .output
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
CFLAGS ?= -g -O2
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 10

# Who wants another number of jobs says so: make -j1. Several goals are made one after the other.
ifeq ($(MAKELEVEL)$(filter-out 0 1,$(words $(MAKECMDGOALS))),0)
MAKEFLAGS += -j$(shell nproc)
endif

ifeq ($(V),1)
Q =
say =
else
Q = @
say = @printf '  %-8s %s\n' "$(1)" "$(2)";
endif

ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ibpf -Iuser -I$(OUTPUT) $(CFLAGS)
# Nothing of the tool's: it also runs on machines and in guests that do not know it.
SWAPLOAD_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ibench/swapload $(CFLAGS)
SWAPLOAD_LIBS = -ljson-c -lm -lpthread
LIBS = -lbpf -lelf -lz -lsmartcols -ljson-c -lm -lpthread
BPF_CFLAGS = -g -O2 -Wall -Werror -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Ibpf
ARCH := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')

BPF := $(basename $(basename $(notdir $(wildcard bpf/*.bpf.c))))
SKELS := $(BPF:%=$(OUTPUT)/%.skel.h)
USER_SRC := $(filter-out user/main.c,$(wildcard user/*.c))
USER_OBJ := $(USER_SRC:user/%.c=$(OUTPUT)/user/%.o)
SWAPLOAD_SRC := $(filter-out bench/swapload/main.c,$(wildcard bench/swapload/*.c))
SWAPLOAD_OBJ := $(SWAPLOAD_SRC:bench/swapload/%.c=$(OUTPUT)/bench/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUTPUT)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(OUTPUT)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
# The parsers and what they need: no BPF, so that they build with sanitizers in seconds.
FUZZ_OBJ := $(patsubst %,$(OUTPUT)/fuzz/%.o,arena callers columns compare_bars compare_cells \
	compare_context compare_groups compare_identify compare_query compare_read compare_samples \
	compare_set compare_test csv_reader csv_record csv_writer doctor_cgroup hashset hist \
	import_lock_stat import_perf import_reader intern ledger locks metric_row procfiles \
	procswaps rows \
	stats stats_rank_sum stats_select stats_signed_rank stats_sort symbols sysmetrics utf8)
FUZZ_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ibpf -Iuser -g -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined

all: lockstat-swap $(OUTPUT)/lockstat-swap.8 ## build the tool and its manual page

lockstat-swap: $(OUTPUT)/user/main.o $(OUTPUT)/libuser.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# Options come from the tables that make --help.
$(OUTPUT)/lockstat-swap.8: docs/lockstat-swap.8.in lockstat-swap
	$(call say,MAN,$@)
	$(Q)sed -E 's,^@options (.*)@$$,./lockstat-swap \1 --help-man,e' $< > $@

$(OUTPUT)/libuser.a: $(USER_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(OUTPUT)/user/%.o: user/%.c | $(OUTPUT)/user
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# Only this file opens the skeletons, so that only it waits for them.
$(OUTPUT)/user/collector.o: $(SKELS)

$(OUTPUT)/%.bpf.o: bpf/%.bpf.c | $(OUTPUT)
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MT $@ -c $< -o $@

$(OUTPUT)/%.skel.h: $(OUTPUT)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$(OUTPUT)/tests/%: tests/unit/%.c $(OUTPUT)/libuser.a | $(OUTPUT)/tests
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OUTPUT)/libuser.a -lcmocka $(LIBS)

# BPF programs run here over plain memory, where every access can be checked. The warnings
# are those of which clang has none when it compiles them for BPF.
$(OUTPUT)/tests/test_bpf_% $(OUTPUT)/tests/test_hist: private ALL_CFLAGS += -Itests/unit \
	-Wno-unknown-pragmas -Wno-unknown-attributes -Wno-unused-parameter -Wno-int-conversion \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined

$(OUTPUT)/bench/%.o: bench/swapload/%.c | $(OUTPUT)/bench
	$(call say,CC,$@)
	$(Q)$(CC) $(SWAPLOAD_CFLAGS) -MMD -MP -c $< -o $@

$(OUTPUT)/libswapload.a: $(SWAPLOAD_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(OUTPUT)/swapload: $(OUTPUT)/bench/main.o $(OUTPUT)/libswapload.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -static -o $@ $^ $(SWAPLOAD_LIBS)

$(OUTPUT)/tests/test_swapload_%: tests/unit/test_swapload_%.c $(OUTPUT)/libswapload.a | $(OUTPUT)/tests
	$(call say,CC,$@)
	$(Q)$(CC) $(SWAPLOAD_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OUTPUT)/libswapload.a -lcmocka -lz $(SWAPLOAD_LIBS)

# Static: they also run in guests, whose image does not know them.
LOADS := $(patsubst tests/load/%.c,$(OUTPUT)/tests/%,$(wildcard tests/load/*.c))

$(LOADS): $(OUTPUT)/tests/%: tests/load/%.c | $(OUTPUT)/tests
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -static -o $@ $< -lpthread

$(OUTPUT)/ssd-delay.so: bench/lab/ssd-delay.c | $(OUTPUT)
	$(call say,CC,$@)
	$(Q)$(CC) $(SWAPLOAD_CFLAGS) -shared -fPIC -o $@ $< -ldl

$(OUTPUT)/fuzz/%.o: user/%.c | $(OUTPUT)/fuzz
	$(call say,CC,$@)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

$(OUTPUT)/fuzz/%: tests/fuzz/%.c $(FUZZ_OBJ) | $(OUTPUT)/fuzz
	$(call say,FUZZER,$@)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer -MMD -MP -MF $@.d -o $@ $< $(FUZZ_OBJ) -ljson-c -lm

$(OUTPUT) $(OUTPUT)/user $(OUTPUT)/bench $(OUTPUT)/tests $(OUTPUT)/fuzz:
	$(Q)mkdir -p $@

include bench/zbud/zbud.mk

# What a goal needs installed is looked at first, so that the compiler is there.
packages-%:
	$(Q)bench/packages.sh $*

# A dry run installs and builds nothing.
LAB_PACKAGES = $(if $(DRY_RUN),,packages-lab)

BENCH_PROGRAMS = --no-print-directory all swapload ssd-delay

bench-list: ## the experiments: what each asks, its cells, and how long it takes (PROFILE=quick|full)
	$(Q)bench/bench.sh --list

bench-ssd: $(LAB_PACKAGES) ## measure global against per-partition locks over 1 to 3 SSDs (BASE=6.1|6.12; SSDS="/dev/...": the booted kernel on these, REBOOT=kexec|ask: each arm in a boot; PROFILE=quick|full; DRY_RUN=1: the plan only)
	$(Q)$(if $(DRY_RUN),,$(MAKE) $(BENCH_PROGRAMS))
	$(Q)bench/bench.sh ssd

bench-zram: $(LAB_PACKAGES) ## measure what keeping zram's I/O safe from a reset costs (BASE=6.1|6.12; PROFILE=quick|full)
	$(Q)$(if $(DRY_RUN),,$(MAKE) $(BENCH_PROGRAMS))
	$(Q)bench/bench.sh zram

bench-memcg: $(LAB_PACKAGES) ## measure what naming a page's memory cgroup by an ID costs: sizes, lookups, and under load (PROFILE=quick|full)
	$(Q)$(if $(DRY_RUN),,$(MAKE) $(BENCH_PROGRAMS) loads)
	$(Q)$(if $(DRY_RUN),,bench/memcg.sh)
	$(Q)bench/bench.sh memcg

bench: $(LAB_PACKAGES) ## run another experiment: EXPERIMENT=name, as bench-list has it
	$(if $(EXPERIMENT),,$(error EXPERIMENT= is missing; see make bench-list))
	$(Q)$(if $(DRY_RUN),,$(MAKE) $(BENCH_PROGRAMS))
	$(Q)bench/bench.sh "$$EXPERIMENT"

bench-overhead: packages-overhead ## measure on this host what tracing costs, beside perf and bpftrace (root; REPS= STATS_REPS= TRACERS=)
	$(Q)$(MAKE) --no-print-directory all loads
	$(Q)bench/overhead.sh

bench-compare: all ## measure how long compare takes of a million rows: ROWS=
	$(Q)bench/compare-speed.sh $${ROWS:+"$$ROWS"}

report: all ## make the page of a results directory, report.html in it: DIR=results/NAME
	$(if $(DIR),,$(error DIR= is missing))
	$(Q)./lockstat-swap report "$$DIR"

lab-kernel: packages-lab ## build the lab's kernels: FLAVOUR=timing|lockstat|debug|kcsan (default the first two), BASE=6.1|6.12, KERNEL_SRC=
	$(Q)set -e; for flavour in $${FLAVOUR:-timing lockstat}; do bench/lab/kernel.sh --flavour "$$flavour" --base "$${BASE:-6.1}"; done

kernel-deb: packages-deb ## package the patched kernel for this machine: CONFIG=FILE BASE= KERNEL_SRC= DEB_DIR= DEBUG_INFO=btf|off|full
	$(Q)bench/lab/kernel-deb.sh

lab-shell: packages-lab ## a prompt in a guest: ARM=global|partition|cluster SSDS=1..8 FLAVOUR=lockstat|timing BASE=6.1|6.12
	$(Q)$(MAKE) --no-print-directory all ssd-delay
	$(Q)bench/lab/shell.sh

loads: $(LOADS)

ssd-delay: $(OUTPUT)/ssd-delay.so

swapload: $(OUTPUT)/swapload ## build .output/swapload: random parallel swap I/O, measured (docs/swapload.1)

unit-tests: $(UNIT_TESTS) $(ZBUD_TESTS) $(ZBUD)/plain/test_zbud_histories zbud-density zbud-pages $(LOADS) swapload ssd-delay

fuzzers: $(FUZZERS)

check: ## all tests: unit, command line, fuzzers, this host's swap (root), guests (TESTS=: some of them)
	$(Q)bench/packages.sh tests lab lint deb
	$(Q)$(MAKE) --no-print-directory all unit-tests fuzzers
	$(Q)tests/run.sh $(TESTS)

nightly: ## what check has no time for: both kernels, each kernel patch built, more of their selftests, ten minutes of torture an arm and checker, its mutants, the demonstrations, each test at full length (a night)
	$(Q)bench/packages.sh tests lab lint deb
	$(Q)$(MAKE) --no-print-directory all unit-tests fuzzers
	$(Q)NIGHTLY=1 BASES="$${BASES:-6.1 6.12}" TORTURE_SECONDS=$${TORTURE_SECONDS:-600} FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run.sh unit cli fuzz root vm demo

check-fast: packages-tests ## the tests that need no guest and no kernel build
	$(Q)$(MAKE) --no-print-directory all unit-tests
	$(Q)tests/run.sh unit cli root

demo-zram: packages-lab ## which guards of zram's resets hold, and what KASAN and lockdep say of the others (BASE=6.1|6.12; GUARDS="kick rwsem" CYCLES=1000 EVIDENCE=.output/demo-zram)
	$(Q)$(MAKE) --no-print-directory all loads
	$(Q)tests/run.sh demo/zram

demo-memcg: packages-lab ## memory cgroups by ID on a kernel with KASAN and lockdep (NIGHTLY=1: by pointer beside it, the kernel's selftests, 70,000 dead cgroups)
	$(Q)$(MAKE) --no-print-directory all loads
	$(Q)tests/run.sh demo/memcg

torture: packages-lab ## each arm of the swap locks under all that swap meets, on kernels with lockdep and KASAN, and with KCSAN (ARMS="partition stock+swap_avail=percpu" TORTURE_SECONDS=600 TORTURE_SEED=N FLAVOUR=debug|kcsan BASE=6.1|6.12)
	$(Q)$(MAKE) --no-print-directory all loads
	$(Q)NIGHTLY=1 TORTURE_SECONDS=$${TORTURE_SECONDS:-600} tests/run.sh vm/torture

demo-zbud: packages-lab ## zswap over zbud by either policy under KASAN and lockdep
	$(Q)$(MAKE) --no-print-directory all swapload
	$(Q)tests/run.sh demo/zbud

fuzz: packages-tests ## feed each parser with what a fuzzer makes up, FUZZ_SECONDS=10 each
	$(Q)$(MAKE) --no-print-directory fuzzers
	$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run.sh fuzz

check-patches: ## apply, checkpatch and build each kernel patch (BASE=6.1|6.12; default both)
	$(Q)set -e; for base in $${BASE:-6.1 6.12}; do BASE=$$base bench/packages.sh lab; kernel-patches/check.sh --base $$base; done

# By what they are, not by what git knows: a tarball has no git.
SHELL_SCRIPTS = $(shell grep -rlE '^\#!/(usr/)?bin/(ba)?sh|^\# shellcheck shell=' bench kernel-patches tests .ci)
C_FILES = $(filter-out bpf/vmlinux.h,$(wildcard bpf/*.[ch] user/*.[ch] bench/*/*.[ch] tests/*/*.[ch] tests/unit/*/*.[ch]))

lint: ## clang-format, shellcheck, cppcheck
	$(Q)bench/packages.sh lint build
	$(Q)clang-format --dry-run --Werror $(C_FILES)
	$(Q)shellcheck $(or $(SHELL_SCRIPTS),$(error no shell script was found))
	$(Q)cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability \
		--suppress=missingIncludeSystem -Ibpf -Iuser -Ibench/swapload -Ibench/zbud -Itests/unit -Itests/unit/zbud \
		$(filter user/%.c bench/%.c tests/%.c,$(C_FILES))

format: packages-lint ## write the C files as clang-format wants them
	$(Q)clang-format -i $(C_FILES)

install: all ## install the tool and its manual page under PREFIX
	$(Q)install -D -m 755 lockstat-swap $(DESTDIR)$(PREFIX)/bin/lockstat-swap
	$(Q)install -D -m 644 $(OUTPUT)/lockstat-swap.8 $(DESTDIR)$(PREFIX)/share/man/man8/lockstat-swap.8

clean: ## remove what was built here (not the kernel cache)
	$(Q)rm -rf $(OUTPUT) lockstat-swap

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile bench/zbud/zbud.mk | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | \
		while IFS="$$(printf '\t')" read -r goal text; do printf '  make %-14s %s\n' "$$goal" "$$text"; done

-include $(wildcard $(OUTPUT)/*.d $(OUTPUT)/user/*.d $(OUTPUT)/bench/*.d $(OUTPUT)/tests/*.d \
	$(OUTPUT)/fuzz/*.d)

.PHONY: all bench bench-compare bench-list bench-memcg bench-overhead bench-ssd bench-zram check check-fast check-patches clean demo-memcg demo-zbud demo-zram format fuzz fuzzers help \
	install kernel-deb lab-kernel lab-shell lint loads nightly report ssd-delay swapload torture unit-tests
.DELETE_ON_ERROR:
.SECONDARY:
