"""Statistics: how sure a score is, and whether two runs differ; by scipy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_RESAMPLES = 2_000  # the ends of an interval then move by less than a tenth of its width between seeds
_PERMUTATIONS = 9_999
_EXACT = 13  # changes of which all 2^13 swaps are tried; of more, no more than _PERMUTATIONS
_AT_ONCE = 1_000_000  # numbers drawn at a time: 10,000 questions would else take gigabytes
_LEVEL = 0.95
_ENDS = ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2)
_SEED = 20231115


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score over `n` questions, with its 95 % interval (None where resampling would show no doubt at all)."""

    value: float
    low: float | None
    high: float | None
    n: int


def estimate(
    values: Sequence[Any], statistic: Callable[[Numbers], float] | None = None, share: bool = True
) -> Estimate | None:
    """The mean of the values, or another statistic of their array, with its interval; None without values.

    The percentile bootstrap over questions (Efron and Tibshirani, "An introduction to the bootstrap", 1993).
    Where all values are the same it would find no doubt at all: then there is no interval, but for a share
    (`share`) of which all are 0, or all are 1. Its interval is that of Wilson (J. Am. Stat. Assoc. 1927),
    which holds for few and extreme ones too (Brown, Cai and DasGupta, "Interval estimation for a binomial
    proportion", Statistical Science 2001): of 10 answers that are all right, the true share may still be .72.
    """
    n = len(values)
    if n == 0:
        return None
    numbers = np.asarray(values, float)
    if statistic is not None:
        resampled = [statistic(numbers[draw]) for draws in _resamples(n) for draw in draws] if n > 1 else []
        return _estimate(statistic(numbers), resampled, n)
    if share and set(values) in ({0.0}, {1.0}):
        from scipy.stats import binomtest

        wilson = binomtest(int(numbers.sum()), n).proportion_ci(_LEVEL, method="wilson")
        return Estimate(float(numbers.mean()), float(wilson.low), float(wilson.high), n)
    low, high = _interval_of_mean(numbers)
    return Estimate(float(numbers.mean()), low, high, n)


def percentiles(values: Sequence[float], shares: Sequence[float]) -> list[Estimate]:
    """These percentiles of the values, each with its bootstrap interval; empty without values."""
    n = len(values)
    if n == 0:
        return []
    numbers = np.asarray(values, float)
    resampled = np.concatenate(
        [np.percentile(numbers[draws], shares, axis=1) for draws in _resamples(n)], axis=1
    )
    found = np.percentile(numbers, shares)
    return [_estimate(float(value), of_one, n) for value, of_one in zip(found, resampled, strict=True)]


def _resamples(n: int) -> Iterator[NDArray[np.int64]]:
    """Places of the n values, a row for each resample, as many at a time as fit."""
    rng = np.random.default_rng(_SEED)
    yield from (rng.integers(0, n, (rows, n)) for rows in _blocks(_RESAMPLES, n))


def _blocks(rows: int, n: int) -> Iterator[int]:
    most = max(1, _AT_ONCE // n)
    yield from (min(most, rows - done) for done in range(0, rows, most))


def _estimate(value: float, resampled: Sequence[float] | Numbers, n: int) -> Estimate:
    if not len(resampled) or min(resampled) == max(resampled):
        return Estimate(value, None, None, n)
    low, high = np.quantile(resampled, _ENDS)
    return Estimate(value, float(low), float(high), n)


def _interval_of_mean(numbers: Numbers) -> tuple[float, float] | tuple[None, None]:
    from scipy.stats import bootstrap

    if (numbers == numbers[0]).all():
        return None, None
    found = bootstrap(
        (numbers,),
        np.mean,
        n_resamples=_RESAMPLES,
        batch=max(1, _AT_ONCE // len(numbers)),
        method="percentile",
        confidence_level=_LEVEL,
        rng=_SEED,
    ).confidence_interval
    return float(found.low), float(found.high)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a score differs between two runs over the same `n` questions, of which `changed` differ at all.

    `before` and `after` are the means of the two, `value` that of the paired differences, `low` and `high`
    the ends of its 95 % interval (None where all differences are the same), `p` how likely one at least as
    large would be if it made no difference which run an answer came from, and `least_p` the smallest that so
    few changes can reach: where it is above .05, no difference could be called significant.
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
    CIKM 2007): all 2^changed swaps for up to 13 changes, else 9,999. ValueError without questions.
    """
    earlier, later = np.asarray(before, float), np.asarray(after, float)
    differences = later - earlier
    if not len(differences):
        raise ValueError("there is no question that both runs score")
    changed = differences[differences != 0]
    low, high = _interval_of_mean(differences)
    least_p = min(1.0, 2.0 ** (1 - len(changed)))
    return Difference(
        before=float(earlier.mean()),
        after=float(later.mean()),
        value=float(differences.mean()),
        low=low,
        high=high,
        n=len(differences),
        changed=len(changed),
        p=_p(changed),
        least_p=least_p,
    )


def _p(changed: Numbers) -> float:
    """How often the changes, each with its sign drawn at random, add up to at least as much as they do."""
    if len(changed) < 2:
        return 1.0  # of a single change too: swapped or not, it is as large
    if len(changed) <= _EXACT:
        from scipy.stats import permutation_test

        return float(permutation_test((changed,), np.mean, permutation_type="samples", rng=_SEED).pvalue)
    rng = np.random.default_rng(_SEED)
    # Sums that are equal but for rounding count as equal, as they do for scipy.
    enough = abs(changed.sum()) - 100 * np.finfo(float).eps * np.abs(changed).sum()
    count = 0
    for rows in _blocks(_PERMUTATIONS, len(changed)):
        signs = rng.integers(0, 2, (rows, len(changed)), dtype=np.int8) * 2 - 1
        count += int(np.count_nonzero(np.abs(signs @ changed) >= enough))
    return (count + 1) / (_PERMUTATIONS + 1)
