/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOCKSTAT_SWAP_PRIVILEGES_H
#define LOCKSTAT_SWAP_PRIVILEGES_H

/*
 * Gives up, for good, every capability but those a recording needs once its
 * programs are loaded: to write files where the user asked for them, and to end
 * the user's command. Loaded programs keep running; 0 or a negative errno.
 */
int privileges_drop(void);

#endif
