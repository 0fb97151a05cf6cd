# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# What a stranger needs to repeat a run, as JSON: the project, kernels, patches, machine, programs.

# parameters_json: of NAME=VALUE words on stdin, an object
parameters_json() { jq -R 'split(" ") | map(split("=") | {(.[0]): (.[1] | select(. != "") // null)}) | add // {}'; }

arms_json() {
	local a

	for a in $ARMS; do
		arm_params "$a" | parameters_json | jq --arg name "$a" --arg kernel "$(arm_flavour "$a")" '
			{$name} + (if $kernel == "" then {} else {$kernel} end) + .'
	done | jq -s .
}

# With the tree's own state, where it is a git checkout
project_json() {
	local commit='' modified=null

	if commit=$(git -C "$TOP_DIR" rev-parse HEAD 2>/dev/null); then
		modified=false
		git -C "$TOP_DIR" diff --quiet HEAD -- || modified=true
	fi
	jq -n --arg commit "$commit" --argjson modified $modified '{commit: $commit, modified: $modified}'
}

# config_hash: of the running kernel's configuration; nothing where it is not to be had
config_hash() {
	local file

	for file in /proc/config.gz "/boot/config-$(uname -r)"; do
		[ ! -r "$file" ] || { zcat -f -- "$file" | sha256sum | cut -d' ' -f1 && return; }
	done
}

# kernel_json DIR: of a kernel that kernel.sh built
kernel_json() {
	jq -n --arg release "$(<"$1/release")" --arg build "${1##*-}" \
		--arg config "$(sha256sum <"$1/config" | cut -d' ' -f1)" \
		--arg compiler "$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\(.*\)"/\1/p' "$1/config")" \
		--arg source "$(kernel_source)" \
		'{release: $release, build: $build, config_sha256: $config, compiler: $compiler, source: $source}'
}

kernel_source() {
	[ -z "${KERNEL_SRC:-}" ] || { echo "KERNEL_SRC" && return; }
	dpkg-query -W -f '${Package} ${Version}' "linux-source-$BASE" 2>/dev/null || echo "linux-source-$BASE"
}

kernels_json() {
	local f

	for f in $(kernel_names); do
		kernel_json "$(kernel_dir "$f")" | jq --arg f "$f" '{($f): .}'
	done | jq -s add
}

patches_json() {
	local dir=$TOP_DIR/kernel-patches/$BASE

	[ -f "$dir/series" ] || { echo '[]' && return; }
	(cd -- "$dir" && sed 's/[[:space:]]*#.*//; /^[[:space:]]*$/d' series | xargs sha256sum --) |
		jq -R '[splits("  ")] | {sha256: .[0], file: .[1]}' | jq -s .
}

# The context that record saw in a guest of each flavour: that of its last cell
contexts_json() {
	local f file

	for f in $FLAVOURS; do
		file=$(cell_files run.json | grep "/cells/$f-" | tail -1) || continue
		jq --arg f "$f" '{($f): .}' "$file"
	done | jq -s 'add // {}'
}

host_json() {
	jq -n --arg kernel "$(uname -r)" --argjson cpus "$(nproc)" \
		--arg model "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
		--argjson memory "$(awk '/^MemTotal/ { print $2 * 1024 }' /proc/meminfo)" \
		--arg system "$(. /etc/os-release && echo "$PRETTY_NAME")" \
		--arg qemu "$(qemu-system-x86_64 --version 2>/dev/null | head -1)" \
		--arg fio "$(fio --version)" --arg stress "$(stress-ng --version | sed 's/ *(.*//')" \
		--arg xz "$(xz --version 2>/dev/null | head -1)" \
		'{kernel: $kernel, system: $system, cpus: $cpus, cpu: $model, memory_bytes: $memory, qemu: $qemu, fio: $fio, stress_ng: $stress, xz: $xz}'
}
