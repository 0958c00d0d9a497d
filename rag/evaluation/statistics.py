"""Statistics: how sure a score is, and whether two runs differ; by scipy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_RESAMPLES = 2_000  # the ends of an interval then move by less than a tenth of its width between seeds
_PERMUTATIONS = 9_999
_LEVEL = 0.95
_SEED = 20231115


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score over `n` questions, with its 95 % interval (None where there is nothing to resample)."""

    value: float
    low: float | None
    high: float | None
    n: int


def estimate(
    values: Sequence[Any], statistic: Callable[[Numbers], float] | None = None, share: bool = True
) -> Estimate | None:
    """The mean of the values, or another statistic of their array, with its bootstrap interval; None without values.

    Percentile bootstrap over questions (Efron and Tibshirani, "An introduction to the bootstrap", 1993).
    When the values are shares (`share`) and all are 0, or all are 1, resampling would find no doubt at all;
    then the interval is the exact one of Clopper and Pearson (Biometrika 1934): of 10 answers that are all
    right, the true share may still be .69.
    """
    from scipy.stats import binomtest

    n = len(values)
    if n == 0:
        return None
    numbers = np.asarray(values, float)
    if statistic is not None:
        if n == 1:
            return Estimate(statistic(numbers), None, None, n)
        draws = np.random.default_rng(_SEED).integers(0, n, (_RESAMPLES, n))
        resampled = [statistic(numbers[draw]) for draw in draws]
        low, high = np.quantile(resampled, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
        return Estimate(statistic(numbers), float(low), float(high), n)
    if share and set(values) in ({0.0}, {1.0}):
        exact = binomtest(int(numbers.sum()), n).proportion_ci(_LEVEL)
        return Estimate(float(numbers[0]), float(exact.low), float(exact.high), n)
    low, high = _interval_of_mean(numbers)
    return Estimate(float(numbers.mean()), low, high, n)


def _interval_of_mean(numbers: Numbers) -> tuple[float, float] | tuple[None, None]:
    from scipy.stats import bootstrap

    if len(numbers) == 1:
        return None, None
    found = bootstrap(
        (numbers,), np.mean, n_resamples=_RESAMPLES, method="percentile", confidence_level=_LEVEL, rng=_SEED
    ).confidence_interval
    return float(found.low), float(found.high)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a score differs between two runs over the same `n` questions, of which `changed` differ at all.

    `before` and `after` are the means of the two, `value` that of the paired differences, `p` how likely one at least as large would be if it
    made no difference which run an answer came from, and `least_p` the smallest that so few changes can
    reach: where it is above .05, no difference could be called significant.
    """

    before: float
    after: float
    value: float
    low: float | None
    high: float | None
    n: int
    changed: int
    p: float
    least_p: float


def difference(before: Sequence[float], after: Sequence[float]) -> Difference:
    """The paired difference after - before: bootstrap interval and two-sided permutation test.

    The test swaps the two answers of a question at random (Fisher's randomization test; Smucker, Allan
    and Carterette, "A comparison of statistical significance tests for information retrieval evaluation",
    CIKM 2007): all 2^changed swaps where that is feasible, else 9,999. ValueError without questions.
    """
    from scipy.stats import permutation_test

    earlier, later = np.asarray(before, float), np.asarray(after, float)
    differences = later - earlier
    if not len(differences):
        raise ValueError("there is no question that both runs score")
    changed = differences[differences != 0]
    p = 1.0  # of a single change too: swapped or not, it is as large
    if len(changed) > 1:
        p = float(
            permutation_test(
                (changed,), np.mean, permutation_type="samples", n_resamples=_PERMUTATIONS, rng=_SEED
            ).pvalue
        )
    low, high = _interval_of_mean(differences) if len(changed) else (None, None)
    least_p = min(1.0, 2.0 ** (1 - len(changed)))
    return Difference(
        before=float(earlier.mean()),
        after=float(later.mean()),
        value=float(differences.mean()),
        low=low,
        high=high,
        n=len(differences),
        changed=len(changed),
        p=p,
        least_p=least_p,
    )
