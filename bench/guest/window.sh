#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: window.sh PROCESS-GROUP SECONDS: lets a stopped workload run for so long
kill -CONT -- "-$1" && sleep "$2" && kill -STOP -- "-$1"
