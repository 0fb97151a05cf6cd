# SPDX-License-Identifier: GPL-2.0-or-later
# Makes stats_golden.h: what R says of samples that are in it as well.
#   Rscript tests/unit/stats_golden.R >tests/unit/stats_golden.h
suppressWarnings(RNGversion("4.0.0"))
set.seed(20261121)

number <- function(x) ifelse(is.finite(x), sprintf("%.15g", x), "NAN")
list_of <- function(x) paste0("{ ", paste(number(x), collapse = ", "), " }")

# Rounded, so that C reads the very numbers that R computed with.
sample_of <- function(n, shift = 1, spread = 0.2) signif(shift * exp(rnorm(n, 4, spread)), 6)

struct <- function(name, fields) cat(sprintf("\nstruct %s {\n%s};\n", name, fields))
table <- function(type, name, rows) {
	cat(sprintf("\nstatic const struct %s %s[] = {\n", type, name))
	cat(paste0("\t{ ", rows, " },\n"), sep = "")
	cat("};\n")
}

# wilcox.test(log(y), log(x), exact = TRUE, conf.int = TRUE); where the 95% interval does not
# exist R gives the widest there is, and this project none.
rank_sum <- function(n, m, shift) {
	x <- sample_of(n)
	y <- sample_of(m, shift)
	w <- wilcox.test(log(y), log(x), exact = TRUE, conf.int = TRUE)
	ci <- if (2 / choose(n + m, n) < 0.05) exp(w$conf.int) else c(NA, NA)
	paste(n, m, list_of(x), list_of(y), number(w$statistic), number(w$p.value),
		number(exp(w$estimate)), number(ci[1]), number(ci[2]), sep = ", ")
}

# Every way to choose m of the ranks: R's own exact test has no ties.
rank_sum_tied <- function(n, m, levels) {
	x <- sample(levels, n, replace = TRUE)
	y <- sample(levels, m, replace = TRUE) + 1
	r <- rank(c(x, y))
	mean_sum <- m * (n + m + 1) / 2
	sums <- combn(n + m, m, function(i) sum(r[i]))
	p <- mean(abs(sums - mean_sum) >= abs(sum(r[n + seq_len(m)]) - mean_sum) - 1e-9)
	u <- sum(r[n + seq_len(m)]) - m * (m + 1) / 2
	paste(n, m, list_of(x), list_of(y), number(u), number(p), "NAN, NAN, NAN", sep = ", ")
}

# wilcox.test(log(y), log(x), paired = TRUE, exact = TRUE, conf.int = TRUE)
signed_rank <- function(n, shift) {
	x <- sample_of(n, 1, 0.5)
	y <- signif(x * exp(rnorm(n, log(shift), 0.15)), 6)
	w <- wilcox.test(log(y), log(x), paired = TRUE, exact = TRUE, conf.int = TRUE)
	ci <- if (2 / 2^n < 0.05) exp(w$conf.int) else c(NA, NA)
	paste(n, n, list_of(x), list_of(y), number(w$statistic), number(w$p.value),
		number(exp(w$estimate)), number(ci[1]), number(ci[2]), sep = ", ")
}

# Every way to choose the signs; differences of 0 left out, as R leaves them out. Powers of two, whose
# ratios are equal in the last bit too.
signed_rank_tied <- function(n) {
	x <- 2^sample(3:6, n, replace = TRUE)
	y <- x * 2^sample(-1:2, n, replace = TRUE)
	d <- log2(y) - log2(x)
	d <- d[d != 0]
	r <- rank(abs(d))
	v <- sum(r[d > 0])
	sums <- as.matrix(expand.grid(rep(list(0:1), length(d)))) %*% r
	p <- mean(abs(sums - sum(r) / 2) >= abs(v - sum(r) / 2) - 1e-9)
	paste(n, n, list_of(x), list_of(y), number(v), number(p), "NAN, NAN, NAN", sep = ", ")
}

# wilcox.test(d, exact = FALSE, correct = TRUE), and of two samples: many, with ties and zeros. The
# logarithm is that of the larger over the smaller, so that equal ratios tie in the last bit.
normal <- function(n, paired) {
	x <- signif(exp(rnorm(n, 4, 0.5)), 2)
	y <- signif(x * exp(rnorm(n, 0.1, 0.4)), 2)
	d <- sign(y - x) * log(pmax(x, y) / pmin(x, y))
	w <- if (paired) wilcox.test(d, exact = FALSE, correct = TRUE)
		else wilcox.test(y, x, exact = FALSE, correct = TRUE)
	paste(n, n, list_of(x), list_of(y), number(w$statistic), number(w$p.value), "NAN, NAN, NAN", sep = ", ")
}

holm <- function(n) {
	p <- signif(runif(n)^3, 4)
	if (n > 4) p[3] <- p[2]
	paste(n, list_of(p), list_of(p.adjust(p, "holm")), sep = ", ")
}

# (qt(1 - alpha / 2, df) + qt(0.8, df)) * error / sqrt(3 / pi), as a ratio
detectable <- function(n, m, alpha, paired) {
	x <- sample_of(n, 1, 0.5)
	y <- if (paired) signif(x * exp(rnorm(n, 0, 0.15)), 6) else sample_of(m)
	df <- if (paired) n - 1 else n + m - 2
	error <- if (paired) sd(log(y) - log(x)) / sqrt(n)
		else sqrt((var(log(x)) * (n - 1) + var(log(y)) * (m - 1)) / df * (1 / n + 1 / m))
	ratio <- exp((qt(1 - alpha / 2, df) + qt(0.8, df)) * error / sqrt(3 / pi))
	paste(n, m, as.integer(paired), number(alpha), list_of(x), list_of(y), number(ratio), sep = ", ")
}

# power.t.test() of 3/pi as many values: what the rank tests' efficiency says of a ratio, for
# logarithms of standard deviation sd
power <- function(n, ratio, sd, paired) {
	w <- power.t.test(n = n * 3 / pi, delta = log(ratio), sd = sd,
		type = if (paired) "paired" else "two.sample", strict = TRUE)
	paste(n, number(ratio), number(sd), as.integer(paired), number(w$power), sep = ", ")
}

powers <- function() {
	rows <- NULL
	for (paired in c(FALSE, TRUE)) for (n in c(6, 10, 20)) for (ratio in c(1.05, 1.1, 1.2))
		rows <- c(rows, power(n, ratio, if (paired) 0.09 else 0.07, paired))
	rows
}

cat("/* SPDX-License-Identifier: GPL-2.0-or-later */\n",
	"/* Made by stats_golden.R: do not edit. */\n",
	"#ifndef STATS_GOLDEN_H\n#define STATS_GOLDEN_H\n\n#include <math.h>\n",
	"\n/* clang-format off */\n", sep = "")
struct("golden_test", paste0("\tint n, m;\n\tdouble x[80], y[80];\n",
	"\tdouble statistic, p, estimate, lo, hi;\n"))
sizes <- list(c(1, 1), c(3, 3), c(4, 4), c(3, 7), c(5, 5), c(6, 6), c(10, 10), c(10, 9), c(20, 20), c(30, 30), c(12, 25))
table("golden_test", "golden_rank_sum", unlist(lapply(sizes, function(s)
	sapply(c(1, 1.1, 1.6), function(shift) rank_sum(s[1], s[2], shift)))))
table("golden_test", "golden_rank_sum_tied", unlist(lapply(list(c(4, 4), c(6, 7), c(8, 8), c(3, 9)), function(s)
	sapply(c(2, 5, 9), function(levels) rank_sum_tied(s[1], s[2], 1:levels)))))
table("golden_test", "golden_signed_rank", unlist(lapply(c(1, 3, 5, 6, 7, 10, 15, 20, 30, 49), function(n)
	sapply(c(1, 1.1, 1.6), function(shift) signed_rank(n, shift)))))
table("golden_test", "golden_signed_rank_tied", sapply(c(6, 8, 10, 12, 12, 14), signed_rank_tied))
table("golden_test", "golden_rank_sum_normal", c(normal(35, FALSE), normal(80, FALSE)))
table("golden_test", "golden_signed_rank_normal", c(normal(70, TRUE), normal(80, TRUE)))
struct("golden_holm", "\tint n;\n\tdouble p[40], adjusted[40];\n")
table("golden_holm", "golden_holm", sapply(c(1, 2, 5, 12, 40), holm))
struct("golden_detectable", "\tint n, m, paired;\n\tdouble alpha, x[40], y[40], ratio;\n")
table("golden_detectable", "golden_detectable", c(
	sapply(c(0.05, 0.01), function(a) c(detectable(4, 4, a, FALSE), detectable(10, 10, a, FALSE),
		detectable(30, 20, a, FALSE), detectable(6, 6, a, TRUE), detectable(10, 10, a, TRUE),
		detectable(40, 40, a, TRUE)))))
struct("golden_power", "\tint n;\n\tdouble ratio, deviation;\n\tint paired;\n\tdouble power;\n")
table("golden_power", "golden_power", powers())
cat("\n/* clang-format on */\n\n#endif\n")
