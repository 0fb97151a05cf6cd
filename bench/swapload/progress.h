/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line on the terminal while a phase takes long. */
#ifndef SWAPLOAD_PROGRESS_H
#define SWAPLOAD_PROGRESS_H

#include "crew.h"

/* To be called often; shows something once a second, from the third one on. */
void progress_show(struct crew *crew);
void progress_end(void);

#endif
