# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's mm/zbud.c in user space, in builds that differ in who watches it. Part of the Makefile.

ZBUD := $(OUTPUT)/zbud
ZBUD_SOURCE := $(ZBUD)/source
ZBUD_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fno-strict-aliasing -Ibench/zbud -Itests/unit/zbud \
	-isystem $(ZBUD_SOURCE)/include -isystem $(ZBUD_SOURCE) -DCONFIG_ZBUD_STAT -DCONFIG_DEBUG_LIST
ZBUD_KERNEL := $(or $(KERNEL_SRC),/usr/src/linux-source-6.1.tar.xz)

zbud_flags_plain = $(CFLAGS)
zbud_flags_asan = -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
zbud_flags_tsan = -g -O1 -fsanitize=thread
zbud_flags_fuzz = $(zbud_flags_asan) -fsanitize=fuzzer-no-link
zbud_cc_fuzz = $(CLANG)

$(ZBUD_SOURCE).made: bench/zbud/source.sh $(wildcard kernel-patches/6.1/zbud/*.patch $(ZBUD_KERNEL)) | $(ZBUD)
	$(call say,SOURCE,$(ZBUD_SOURCE))
	$(Q)bench/zbud/source.sh $(ZBUD_SOURCE) && touch $@

# $(1): the build
define zbud_build
$(ZBUD)/$(1)/%.o: bench/zbud/%.c $(ZBUD_SOURCE).made | $(ZBUD)/$(1)
	$$(call say,CC,$$@)
	$(Q)$$(or $$(zbud_cc_$(1)),$$(CC)) $$(ZBUD_CFLAGS) $$(zbud_flags_$(1)) -MMD -MP -c $$< -o $$@

$(ZBUD)/$(1)/%.o: tests/unit/zbud/%.c $(ZBUD_SOURCE).made | $(ZBUD)/$(1)
	$$(call say,CC,$$@)
	$(Q)$$(or $$(zbud_cc_$(1)),$$(CC)) $$(ZBUD_CFLAGS) $$(zbud_flags_$(1)) -MMD -MP -c $$< -o $$@

$(ZBUD)/$(1)/base.o $(ZBUD)/$(1)/patched.o: bench/zbud/build.c $(ZBUD_SOURCE).made | $(ZBUD)/$(1)
	$$(call say,CC,$$@)
	$(Q)$$(or $$(zbud_cc_$(1)),$$(CC)) $$(ZBUD_CFLAGS) $$(zbud_flags_$(1)) -DBUILD=zbud_$$(basename $$(@F)) \
		-DSOURCE='<$$(basename $$(@F)).c>' $$(if $$(filter patched.o,$$(@F)),-DPATCHED) -MMD -MP -c $$< -o $$@

$(ZBUD)/$(1)/test_%: $(addprefix $(ZBUD)/$(1)/,test_%.o model.o history.o zsmalloc.o ideal.o sizes.o shim.o base.o patched.o)
	$$(call say,LINK,$$@)
	$(Q)$$(CC) $$(zbud_flags_$(1)) -o $$@ $$^ -lcmocka -lm -lpthread

$(ZBUD)/$(1):
	$(Q)mkdir -p $$@
endef

$(foreach build,plain asan tsan fuzz,$(eval $(call zbud_build,$(build))))

$(ZBUD):
	$(Q)mkdir -p $@

# Where the runner looks for unit tests: threads are watched by a sanitizer of their own.
ZBUD_TESTS := $(patsubst tests/unit/zbud/%.c,$(OUTPUT)/tests/%,$(wildcard tests/unit/zbud/test_*.c))

$(OUTPUT)/tests/test_zbud_threads: $(ZBUD)/tsan/test_zbud_threads | $(OUTPUT)/tests
	$(Q)cp $< $@

$(filter-out %_threads,$(ZBUD_TESTS)): $(OUTPUT)/tests/%: $(ZBUD)/asan/% | $(OUTPUT)/tests
	$(Q)cp $< $@

$(OUTPUT)/fuzz/fuzz_zbud: tests/fuzz/fuzz_zbud.c $(addprefix $(ZBUD)/fuzz/,model.o history.o shim.o base.o patched.o) | $(OUTPUT)/fuzz
	$(call say,FUZZER,$@)
	$(Q)$(CLANG) $(ZBUD_CFLAGS) $(zbud_flags_asan) -fsanitize=fuzzer -MMD -MP -MF $@.d -o $@ $(filter %.c %.o,$^) -lpthread

zbud-density: $(ZBUD)/zbud-density

zbud-pages: $(ZBUD)/zbud-pages

$(ZBUD)/zbud-density: $(addprefix $(ZBUD)/plain/,density.o load.o arm.o sizes.o zsmalloc.o ideal.o shim.o patched.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lm -lpthread

$(ZBUD)/zbud-pages: bench/zbud/pages.c | $(ZBUD)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror $(CFLAGS) $(LDFLAGS) -o $@ $< -llzo2 -llz4

bench-zbud: packages-zbud ## measure how densely zbud packs by either policy, beside zsmalloc and the best packing; in a kernel: make bench EXPERIMENT=zswap (REPS= OBJECTS= SOURCES= SIZES=)
	$(Q)$(MAKE) --no-print-directory all zbud-density zbud-pages
	$(Q)bench/zbud.sh

-include $(wildcard $(ZBUD)/*/*.d)

.PHONY: bench-zbud zbud-density zbud-pages
