// SPDX-License-Identifier: GPL-2.0-or-later
#include <cpuid.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <json-c/json.h>

#include "columns.h"
#include "context.h"
#include "procfiles.h"
#include "procswaps.h"
#include "symbols.h"

const char *context_kernel(void)
{
	static struct utsname name;

	uname(&name);
	return name.release;
}

bool context_is_realtime(void)
{
	struct utsname name;

	/* "#1 SMP PREEMPT_RT Debian ..." (init/Makefile) */
	return !uname(&name) && strstr(name.version, "PREEMPT_RT");
}

const char *context_boot_arm(void)
{
	static char arm[32];

	return procfiles_first_line("/sys/module/kernel/parameters/swap_lock", arm, sizeof(arm));
}

/* CPUID leaf 1, ECX bit 31: what virt_spin_lock() goes by. */
static bool under_hypervisor(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && c & 1U << 31;
}

/*
 * KVM's leaf 0x40000001 (Documentation/virt/kvm/x86/cpuid.rst): bit 7 of EAX
 * offers halted waiters, bit 0 of EDX says the vCPUs are dedicated.
 */
static const char *kvm_lock_path(void)
{
	enum { KVM_FEATURE_PV_UNHALT = 1 << 7, KVM_HINTS_REALTIME = 1 << 0 };
	unsigned int a, b, c, d;

	__cpuid(0x40000000, a, b, c, d);
	if (b != 0x4b4d564b || c != 0x564b4d56 || d != 0x4d) /* "KVMKVMKVM" */
		return "tas";
	__cpuid(0x40000001, a, b, c, d);
	if (d & KVM_HINTS_REALTIME)
		return "native";
	return a & KVM_FEATURE_PV_UNHALT ? "pv" : "tas";
}

const char *context_lock_path(void)
{
	if (!under_hypervisor())
		return "native";
	if (symbol_address(SYMBOL_PV_SLOWPATH))
		return kvm_lock_path();
	if (symbol_address(SYMBOL_PV_LOCK_INIT))
		return "tas";
	/* neither is there, if symbols are shown at all */
	return symbol_address(SYMBOL_GET_SWAP_DEVICE) ? "native" : "";
}

static unsigned long long memory_kib(void)
{
	return (unsigned long long)sysconf(_SC_PHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024);
}

static struct json_object *swap_devices(void)
{
	struct swap_entry entries[MAX_SWAP_DEVICES];
	struct json_object *list = json_object_new_array();
	int n = procswaps_read(entries);

	for (int i = 0; i < n; i++) {
		struct json_object *device = json_object_new_object();
		char path[PATH_MAX], model[128];

		snprintf(path, sizeof(path), "/sys/block/%s/device/model", entries[i].name);
		json_object_object_add(device, "name", json_object_new_string(entries[i].name));
		json_object_object_add(device, "file", json_object_new_boolean(entries[i].is_file));
		json_object_object_add(device, "size_kib",
				       json_object_new_int64(entries[i].size_kib));
		json_object_object_add(device, "priority",
				       json_object_new_int(entries[i].priority));
		if (*procfiles_first_line(path, model, sizeof(model)))
			json_object_object_add(device, "model", json_object_new_string(model));
		json_object_array_add(list, device);
	}
	procswaps_free(entries, n);
	return list;
}

static struct json_object *ledger_object(const struct ledger *ledger)
{
	struct json_object *object = json_object_new_object();
	struct ledger_figure figures[LEDGER_FIGURES];

	ledger__figures(ledger, figures);
	for (int i = 0; i < LEDGER_FIGURES; i++)
		json_object_object_add(object, figures[i].name,
				       json_object_new_int64(figures[i].value));
	return object;
}

static struct json_object *command_line(int argc, char **argv)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < argc; i++)
		json_object_array_add(list, json_object_new_string(argv[i]));
	return list;
}

static void add_string(struct json_object *object, const char *key, const char *value)
{
	if (*value)
		json_object_object_add(object, key, json_object_new_string(value));
}

static void add_kernel(struct json_object *object)
{
	struct utsname name;
	char line[64];

	uname(&name);
	add_string(object, "kernel", name.release);
	add_string(object, "kernel_build", name.version);
	add_string(object, "machine", name.machine);
	add_string(object, "arm", context_boot_arm());
	add_string(object, "swap_slots",
		   procfiles_first_line("/sys/module/kernel/parameters/swap_slots", line,
					sizeof(line)));
	add_string(object, "zswap",
		   procfiles_first_line("/sys/module/zswap/parameters/enabled", line,
					sizeof(line)));
	add_string(object, "lockpath", context_lock_path());
}

int context_write(const char *path, enum backend backend, const struct ledger *ledger,
		  double seconds, int argc, char **argv)
{
	struct json_object *object = json_object_new_object();
	int err = 0;

	json_object_object_add(object, "schema", json_object_new_int(CSV_SCHEMA));
	add_string(object, "tool_version", TOOL_VERSION);
	json_object_object_add(object, "command", command_line(argc, argv));
	add_kernel(object);
	add_string(object, "backend", backend_name(backend));
	json_object_object_add(object, "seconds", json_object_new_double(seconds));
	json_object_object_add(object, "cpus", json_object_new_int(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_object_add(object, "memory_kib", json_object_new_int64(memory_kib()));
	json_object_object_add(object, "swap_devices", swap_devices());
	if (backend != BACKEND_NONE)
		json_object_object_add(object, "ledger", ledger_object(ledger));
	if (json_object_to_file_ext(path, object, JSON_C_TO_STRING_PRETTY))
		err = errno ? -errno : -EIO;
	json_object_put(object);
	return err;
}
