#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: [ARM=...] [SSDS=N] [FLAVOUR=timing|lockstat] [SLOTS=on|off] [BASE=6.1|6.12] shell.sh [run.sh option]...
#
# A prompt in a lab guest, swap already on its drives. Leave with 'exit', or Ctrl-A x.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in -h | --help) print_help && exit 0 ;; esac
kernel=$("$LAB_DIR/kernel.sh" --flavour "${FLAVOUR:-timing}" --base "${BASE:-6.1}" | tail -1)
options=(--kernel "$kernel" --shell --ssds "${SSDS:-3}")
[ -z "${ARM:-}" ] || options+=(--param "swap_lock=$ARM")
[ -z "${SLOTS:-}" ] || options+=(--param "swap_slots=$SLOTS")
say "leave with 'exit', or Ctrl-A x"
exec "$LAB_DIR/run.sh" "${options[@]}" "$@"
