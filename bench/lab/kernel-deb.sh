#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: [CONFIG=FILE] [BASE=6.1] [DEB_DIR=DIR] [DEBUG_INFO=btf|off|full] kernel-deb.sh
#
# Builds Debian packages of the kernel for one's own machine, with every patch of
# kernel-patches/BASE/series, or finds them in the cache, and puts them into DEB_DIR.
# Nothing is installed; the last lines say how to.
#
#   CONFIG       configuration to start from (default: that of the running kernel)
#   BASE         kernel the patches are for (default 6.1)
#   KERNEL_SRC   directory or tarball of the kernel source; never written to
#                (default: the distribution's /usr/src/linux-source-BASE.tar.xz)
#   DEB_DIR      where the packages go (default: .output/deb at the top of the tree)
#   DEBUG_INFO   btf: BTF, which lockstat-swap needs, and no package of debug symbols (default);
#                off: neither, in a quarter of the disk space; full: as the configuration has it
#   JOBS         parallel compilers (default: one for each CPU)
#
# The configuration is taken as it is, but for its LOCALVERSION, its debug information, and
# keys that are not on this machine.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
. "$LAB_DIR/kbuild.sh"

base=${BASE:-6.1}
deb_dir=${DEB_DIR:-$TOP_DIR/.output/deb}
debug_info=${DEBUG_INFO:-btf}
# what the patches do where the command line says nothing
default_arm=cluster

check_args() {
	case ${1:-} in
	'') ;;
	-h | --help) print_help && exit 0 ;;
	*) usage_error "unknown argument '$1'" ;;
	esac
	if ! is_word "$base" || [ ! -f "$TOP_DIR/kernel-patches/$base/series" ]; then
		usage_error "no patches for BASE '$base' in kernel-patches/"
	fi
	case $debug_info in btf | off | full) ;; *) usage_error "DEBUG_INFO is btf, off or full, not '$debug_info'" ;; esac
	mkdir -p -- "$deb_dir" 2>/dev/null || die "cannot create DEB_DIR $deb_dir"
	[ -w "$deb_dir" ] || die "cannot write to DEB_DIR $deb_dir"
}

find_config() {
	local file

	if [ -n "${CONFIG:-}" ]; then
		if [ ! -f "$CONFIG" ] || [ ! -r "$CONFIG" ]; then usage_error "CONFIG '$CONFIG' is no readable file"; fi
		printf '%s\n' "$CONFIG"
		return
	fi
	for file in /proc/config.gz "/boot/config-$(uname -r)"; do
		[ ! -r "$file" ] || { printf '%s\n' "$file" && return; }
	done
	die "the running kernel's configuration is neither in /proc/config.gz nor in $file; give one with CONFIG=FILE"
}

read_config() {
	zcat -f -- "$config" >"$work/config" || die "cannot read $config"
	grep -q '^CONFIG_[A-Z0-9_]*=' "$work/config" || die "$config is no kernel configuration"
	grep -qx 'CONFIG_X86_64=y' "$work/config" || die "$config is not for x86-64, which the packages are for"
}

# The configuration's value of a symbol, without quotes
value_of() { sed -n "s/^CONFIG_$1=//p" "$work/config" | tr -d '"'; }

enabled_options() { grep -c '=[ym]$' "$work/config"; }

# The name it has already, so that kernels of two configurations can be installed side by side
localversion() {
	local own suffix=-lockstat-swap

	own=$(value_of LOCALVERSION)
	printf '%s\n' "${own%"$suffix"-*}$suffix-$default_arm"
}

# on_this_machine FILE: a key by a relative path is looked for in the source, where it is not
on_this_machine() { [[ $1 = /* ]] && [ -r "$1" ]; }

# set_value SYMBOL VALUE: in the copy of the configuration
set_value() {
	sed -i "/^CONFIG_$1=/d; /^# CONFIG_$1 is not set/d" "$work/config"
	echo "CONFIG_$1=$2" >>"$work/config"
}

# A distribution's configuration names the keys it builds with, which stops the build elsewhere.
leave_out_keys() {
	local symbol value

	for symbol in SYSTEM_TRUSTED_KEYS SYSTEM_REVOCATION_KEYS; do
		value=$(value_of "$symbol")
		if [ -z "$value" ] || on_this_machine "$value"; then continue; fi
		say "CONFIG_$symbol names $value, which is not here: built without these keys"
		set_value "$symbol" '""'
	done
	value=$(value_of MODULE_SIG_KEY)
	case $value in
	'' | certs/signing_key.pem | pkcs11:*) return ;;
	esac
	on_this_machine "$value" && return
	say "CONFIG_MODULE_SIG_KEY names $value, which is not here: modules are signed with a key made for this build"
	set_value MODULE_SIG_KEY '"certs/signing_key.pem"'
}

# A distribution signs after the build; a kernel that loads only signed modules would load none.
sign_modules() {
	[ "$(value_of MODULE_SIG_FORCE)" = y ] && [ "$(value_of MODULE_SIG_ALL)" != y ] || return 0
	say "CONFIG_MODULE_SIG_FORCE is on: modules are signed with a key made for this build"
	set_value MODULE_SIG_ALL y
	[ -n "$(value_of MODULE_SIG_KEY)" ] || set_value MODULE_SIG_KEY '"certs/signing_key.pem"'
}

debug_settings() {
	case $debug_info in
	btf)
		say "debug information: BTF only, in the kernel (DEBUG_INFO=off: none, DEBUG_INFO=full: as configured)"
		printf '%s\n' CONFIG_DEBUG_INFO_DWARF4=y CONFIG_DEBUG_INFO_BTF=y
		printf '# CONFIG_DEBUG_INFO_%s is not set\n' NONE DWARF_TOOLCHAIN_DEFAULT DWARF5 REDUCED SPLIT
		;;
	off)
		say "debug information: none; lockstat-swap needs BTF and will not run on this kernel"
		echo CONFIG_DEBUG_INFO_NONE=y
		printf '# CONFIG_DEBUG_INFO_%s is not set\n' DWARF_TOOLCHAIN_DEFAULT DWARF4 DWARF5 BTF
		;;
	full) say "debug information: as configured" ;;
	esac
}

settings() {
	echo "CONFIG_LOCALVERSION=\"$(localversion)\""
	echo '# CONFIG_LOCALVERSION_AUTO is not set'
	debug_settings
}

has_debug_info() {
	case $debug_info in
	btf) return 0 ;;
	off) return 1 ;;
	full) [ "$(value_of DEBUG_INFO)" = y ] ;;
	esac
}

# MiB, from the lab's configuration and Debian's: an object with debug information is several
# times one without; packages are put together beside the objects.
space_needed() {
	local per_option=1 need have

	! has_debug_info || per_option=4
	need=$(($(enabled_options) * per_option))
	have=$(du -sm -- "$obj" 2>/dev/null | cut -f1) || true
	[ "$need" -gt "${have:-0}" ] || have=$need
	need=$((need - ${have:-0}))
	[ -d "$tree" ] || need=$((need + 1600))
	echo "$need"
}

check_space() {
	local need free

	need=$(space_needed)
	free=$(df --output=avail -BM -- "$cache" | tail -1 | tr -dc 0-9)
	say "needs about $need MiB in $cache, which has $free"
	[ "$need" -le "$free" ] || die "not enough room in $cache: $need MiB needed, $free free; DEBUG_INFO=off needs a quarter, or set LOCKSTAT_SWAP_CACHE"
}

seed_config() {
	cp -- "$work/config" "$obj/.config"
}

# What an older or newer kernel does not know goes, as with any change of kernel.
count_dropped() {
	local n

	n=$(grep '=[ym]$' "$work/config" | grep -vxFf "$obj/.config" -c) || true
	[ "$n" -eq 0 ] || say "$n of $(enabled_options) options of the configuration are not in $base, or changed with the above"
}

package() {
	local version

	rm -f -- "$obj"/../*.deb
	version=$("${kmake[@]}" -s kernelversion)-$(date -u +%Y%m%d%H%M)
	# gzip: the symbols, which nobody gets, would take xz minutes
	kmake+=(KDEB_PKGVERSION="$version" KDEB_COMPRESS=gzip)
	DEBFULLNAME=lockstat-swap DEBEMAIL="lockstat-swap@$key" KDEB_CHANGELOG_DIST=unstable \
		run_make "Debian packages" bindeb-pkg
}

store() {
	local tmp

	mkdir -p -- "$cache/deb"
	tmp=$(mktemp -d "$cache/deb/.tmp.XXXXXX")
	temporary+=("$tmp")
	mv -- "$obj"/../linux-image-*.deb "$obj"/../linux-headers-*.deb "$tmp/"
	[ "$debug_info" = full ] || rm -f -- "$tmp"/linux-image-*-dbg_*.deb
	cp -- "$obj/.config" "$tmp/config"
	"${kmake[@]}" -s kernelrelease >"$tmp/release"
	chmod 755 "$tmp"
	mv -T -- "$tmp" "$result"
}

secure_boot() {
	local value=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c

	[ -r "$value" ] && [ "$(od -An -tu1 -j4 -N1 "$value" | tr -d ' ')" = 1 ]
}

# deliver: into DEB_DIR, and how to use them
deliver() {
	local deb release debs=()

	for deb in "$result"/*.deb; do
		cp -- "$deb" "$deb_dir/"
		debs+=("$deb_dir/${deb##*/}")
	done
	release=$(<"$result/release")
	cat <<-EOF
		install:  sudo dpkg -i ${debs[*]}
		          then boot $release
		arm:      swap_lock=global|partition|cluster (default $default_arm) and swap_slots=on|off (default on) on the
		          kernel's command line: GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub. In use:
		          /sys/module/kernel/parameters/swap_lock, swap_slots
		remove:   boot another kernel, then sudo dpkg --purge linux-image-$release linux-headers-$release
	EOF
	! secure_boot || echo "          Secure Boot is on here: it refuses this kernel until you sign it, or turn it off"
}

check_args "$@"
tidy_on_exit
work=$(mktemp -d)
temporary+=("$work")
config=$(find_config)
read_config
open_source
[ ${#patches[@]} -gt 0 ] || die "kernel-patches/$base/series has no patches"
say "configuration: $config"
leave_out_keys
sign_modules
settings >"$work/settings.config"
key=$(build_key "deb $debug_info" "$0" "$work/config" "$work/settings.config" "${patches[@]}")
result=$cache/deb/$base-$key
# its packages come out in the directory above
open_build deb/objects "$key"
[ -d "$result" ] || lock_builds
if [ ! -d "$result" ]; then
	need_tools dpkg-buildpackage:dpkg-dev rsync cpio depmod:kmod
	mkdir -p -- "$obj"
	check_space
	prepare_source
	configure "packages' kernel" "$work/settings.config"
	count_dropped
	package
	store
fi
deliver
