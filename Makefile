# SPDX-License-Identifier: GPL-2.0-or-later
# lockstat-swap. `make help` lists everything.

OUTPUT ?= .output
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
CFLAGS ?= -g -O2
PREFIX ?= /usr/local

ifeq ($(V),1)
Q =
say =
else
Q = @
say = @printf '  %-8s %s\n' "$(1)" "$(2)";
endif

ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ibpf -Iuser -I$(OUTPUT) $(CFLAGS)
LIBS = -lbpf -lelf -lz -lsmartcols -ljson-c -lm -lpthread
BPF_CFLAGS = -g -O2 -Wall -Werror -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Ibpf
ARCH := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')

BPF := $(basename $(basename $(notdir $(wildcard bpf/*.bpf.c))))
SKELS := $(BPF:%=$(OUTPUT)/%.skel.h)
USER_SRC := $(filter-out user/main.c,$(wildcard user/*.c))
USER_OBJ := $(USER_SRC:user/%.c=$(OUTPUT)/user/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUTPUT)/tests/%,$(wildcard tests/unit/test_*.c))

all: lockstat-swap ## build the tool

lockstat-swap: $(OUTPUT)/user/main.o $(OUTPUT)/libuser.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

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

$(OUTPUT) $(OUTPUT)/user $(OUTPUT)/tests:
	$(Q)mkdir -p $@

unit-tests: $(UNIT_TESTS)

clean: ## remove what was built here (not the kernel cache)
	$(Q)rm -rf $(OUTPUT) lockstat-swap

-include $(wildcard $(OUTPUT)/*.d $(OUTPUT)/user/*.d $(OUTPUT)/tests/*.d)

.PHONY: all unit-tests clean
.DELETE_ON_ERROR:
.SECONDARY:
