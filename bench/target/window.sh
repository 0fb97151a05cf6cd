#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: window.sh SECONDS [PROCESS-GROUP]: the measured time, which a stopped workload
# is let run for. Nothing is started here: in a full guest that would take time.
exec 3<> <(:)
[ -z "${2:-}" ] || kill -CONT -- "-$2"
read -rt "$1" -u 3
[ -z "${2:-}" ] || kill -STOP -- "-$2"
