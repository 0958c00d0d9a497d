"""Statistics: intervals that hold the truth as often as they say, and a difference tested by hand."""

from __future__ import annotations

import tracemalloc
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rag.evaluation.statistics import Difference, Estimate, Numbers, difference, estimate, percentiles

HALF = [1.0, 0.0] * 5


def found(values: list[float]) -> Estimate:
    """The estimate of values of which there are some."""
    estimated = estimate(values)
    assert estimated is not None
    return estimated


def interval(values: list[float]) -> tuple[float, float]:
    """The interval of values that have one."""
    estimated = found(values)
    assert estimated.low is not None and estimated.high is not None
    return estimated.low, estimated.high


def second_column(rows: Numbers) -> float:
    return float(rows[:, 1].mean())


# --- estimate


def test_there_is_no_estimate_without_values() -> None:
    assert estimate([]) is None
    assert estimate([], second_column) is None


def test_one_value_has_no_interval() -> None:
    assert estimate([0.5]) == Estimate(0.5, None, None, 1)
    assert estimate([(0.5, 1.0)], second_column) == Estimate(1.0, None, None, 1)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_the_interval_contains_the_mean(values: list[float]) -> None:
    assume(len(set(values)) > 1)
    low, high = interval(values)
    mean = sum(values) / len(values)
    assert found(values).value == pytest.approx(mean)
    assert -1e-9 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1 + 1e-9


def test_the_interval_is_about_two_standard_errors_to_each_side() -> None:
    """1.96 * sqrt(.5 * .5 / 400) = .049"""
    low, high = interval(HALF * 40)
    assert low == pytest.approx(0.5 - 0.049, abs=0.006)
    assert high == pytest.approx(0.5 + 0.049, abs=0.006)


def test_more_questions_make_the_interval_narrower() -> None:
    widths = [high - low for low, high in (interval(HALF * times) for times in (1, 4, 16))]
    assert widths[0] > widths[1] > widths[2] > 0


def test_four_times_the_questions_make_it_half_as_wide() -> None:
    (low, high), (low_4, high_4) = interval(HALF * 10), interval(HALF * 40)
    assert (high_4 - low_4) / (high - low) == pytest.approx(1 / 2, rel=0.1)


def test_the_interval_of_a_unanimous_share_is_that_of_wilson() -> None:
    """Of n that are all right it goes from 1 / (1 + z^2 / n), where z = 1.96."""
    z_squared = 1.959964**2
    for n in (1, 10):
        assert interval([1.0] * n) == pytest.approx((1 / (1 + z_squared / n), 1), abs=1e-6)
        assert interval([0.0] * n) == pytest.approx((0, 1 - 1 / (1 + z_squared / n)), abs=1e-6)
    assert interval([1.0] * 10)[0] == pytest.approx(0.7225, abs=1e-4)
    assert (found([1.0] * 10).value, found([0.0] * 10).value) == (1, 0)


def test_one_more_that_is_right_makes_neither_end_lower() -> None:
    """Nowhere from 0 to 11 of 11, though one rule gives way to another at both ends."""
    ends = [interval([1.0] * right + [0.0] * (11 - right)) for right in range(12)]
    assert [low for low, _ in ends] == sorted(low for low, _ in ends)
    assert [high for _, high in ends] == sorted(high for _, high in ends)


def test_other_values_that_agree_get_no_interval_rather_than_one_without_width() -> None:
    assert estimate([0.5] * 4) == Estimate(0.5, None, None, 4)
    assert estimate([1.0] * 10, share=False) == Estimate(1.0, None, None, 10)
    assert estimate([(1, 2), (2, 4)], lambda rows: float(rows[:, 1].sum() / rows[:, 0].sum())) == Estimate(
        2.0, None, None, 2
    )


def test_values_that_are_not_shares_are_resampled_even_when_each_is_0_or_1() -> None:
    estimated = estimate([1.0] * 9 + [0.0], share=False)
    assert estimated is not None and estimated.low is not None
    assert (estimated.low, estimated.high) == pytest.approx((0.7, 1.0), abs=0.11)  # one step of ten


def test_the_same_values_give_the_same_numbers() -> None:
    values = np.random.default_rng(1).random(50).tolist()
    rows = [(0.0, value) for value in values]
    assert estimate(values) == estimate(values)
    assert estimate(rows, second_column) == estimate(rows, second_column)


def test_another_statistic_is_resampled_by_whole_rows() -> None:
    """Of rows the second number is the first doubled and one more, so it is of the sums of every sample."""

    def ratio(rows: Numbers) -> float:
        return float((rows[:, 1].sum() - len(rows)) / rows[:, 0].sum() + rows[:, 0].mean() / 1e6)

    found = estimate([(1, 3), (2, 5), (5, 11)], ratio)
    assert found is not None and found.low is not None and found.high is not None
    assert (found.low, found.value, found.high) == pytest.approx((2, 2, 2), abs=1e-5)
    other = estimate([(0, value) for value in HALF], second_column)
    assert other is not None and other.low is not None and other.high is not None
    assert other.value == 0.5
    assert (other.low, other.high) == pytest.approx((0.2, 0.8), abs=0.11)  # one step of ten


def test_percentiles_are_those_of_numpy_and_each_resample_gives_them_together() -> None:
    values = np.random.default_rng(1).exponential(size=300)
    median, slow = percentiles(values.tolist(), (50, 95))
    assert (median.value, slow.value) == pytest.approx((np.median(values), np.percentile(values, 95)))
    alone = estimate(values.tolist(), lambda drawn: float(np.percentile(drawn, 95)))
    assert slow == alone
    assert median.low is not None and median.high is not None
    assert median.low < median.value < median.high
    assert percentiles([], (50, 95)) == []
    assert percentiles([0.25], (50, 95)) == [Estimate(0.25, None, None, 1)] * 2
    assert percentiles([0.25] * 4, (50,)) == [Estimate(0.25, None, None, 4)]


def test_ten_thousand_values_are_never_resampled_all_at_once() -> None:
    """2,000 resamples of them are 160 MB, of places and of values each; 9,999 swaps 800 MB."""
    values = np.random.default_rng(1).random(10_000)
    tracemalloc.start()
    try:
        differs = difference(values.tolist(), (1 - values).tolist())
        estimate(values.tolist())
        percentiles(values.tolist(), (50,))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert differs.changed == 10_000
    assert peak < 60e6


def test_95_of_100_intervals_hold_the_truth() -> None:
    """Of 200 samples of 100 questions that are each right with a chance of .8."""
    samples = np.random.default_rng(1).random((200, 100)) < 0.8
    intervals = [interval(sample.astype(float).tolist()) for sample in samples]
    assert 180 <= sum(low <= 0.8 <= high for low, high in intervals) <= 200


def test_95_of_100_intervals_of_other_values_hold_the_truth_too() -> None:
    samples = np.random.default_rng(1).random((200, 60))
    intervals = [interval(sample.tolist()) for sample in samples]
    assert 180 <= sum(low <= 0.5 <= high for low, high in intervals) <= 200


# --- difference


def test_five_changes_that_are_all_for_the_better() -> None:
    """Of 2^5 ways to swap, all better and all worse are as large: 2 / 32."""
    differs = difference([0.0] * 5 + [1.0] * 5, [1.0] * 10)
    assert (differs.before, differs.after, differs.value) == (0.5, 1.0, 0.5)
    assert (differs.n, differs.changed) == (10, 5)
    assert differs.p == differs.least_p == 2 / 2**5


def test_one_change_proves_nothing() -> None:
    """Of the 2 ways to swap both are as large."""
    assert difference([0.0], [1.0]) == Difference(0.0, 1.0, 1.0, None, None, 1, 1, 1.0, 1.0)
    differs = difference([0.0, 0.0, 1.0], [0.0, 1.0, 1.0])
    assert (differs.changed, differs.p, differs.least_p) == (1, 1.0, 1.0)


def test_nothing_changed() -> None:
    assert difference([0.0, 1.0, 0.5], [0.0, 1.0, 0.5]) == Difference(
        0.5, 0.5, 0.0, None, None, 3, 0, 1.0, 1.0
    )


def test_no_question_in_common_is_an_error() -> None:
    with pytest.raises(ValueError, match="no question"):
        difference([], [])


STEPS = st.sampled_from([0.0, 0.25, 0.5, 1.0])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(STEPS, STEPS), min_size=1, max_size=8))
def test_p_is_the_share_of_all_swaps_with_a_difference_as_large(pairs: list[tuple[float, float]]) -> None:
    before, after = [one for one, _ in pairs], [other for _, other in pairs]
    steps = [other - one for one, other in pairs]
    swapped = [
        abs(sum(sign * step for sign, step in zip(signs, steps, strict=True)))
        for signs in product((1, -1), repeat=len(steps))
    ]
    differs = difference(before, after)
    assert differs.p == pytest.approx(sum(one >= abs(sum(steps)) for one in swapped) / len(swapped))
    assert differs.value == pytest.approx(sum(steps) / len(steps))
    assert differs.after - differs.before == pytest.approx(differs.value)
    assert (differs.n, differs.changed) == (len(steps), sum(step != 0 for step in steps))
    assert differs.least_p <= differs.p <= 1


@pytest.mark.parametrize("changes", [14, 40, 200])
def test_above_13_changes_p_is_what_scipy_draws(changes: int) -> None:
    from scipy.stats import permutation_test

    steps = np.random.default_rng(changes).normal(1 / np.sqrt(changes), 0.6, changes)
    oracle = permutation_test((steps,), np.mean, permutation_type="samples", n_resamples=9_999, rng=7).pvalue
    assert 0.005 < oracle < 0.9
    assert difference([0.0] * changes, steps.tolist()).p == pytest.approx(oracle, abs=0.02)


def test_sums_that_differ_by_rounding_alone_are_as_large() -> None:
    """.1 + .2 - .3 is not 0 for a computer; no swap is smaller than nothing."""
    assert difference([0.0] * 15, [0.1, 0.2, -0.3] * 5).p == 1


def test_differences_that_are_all_the_same_have_no_interval() -> None:
    differs = difference([0.0] * 10, [1.0] * 10)
    assert (differs.low, differs.high, differs.p) == (None, None, differs.least_p)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(STEPS, STEPS), min_size=3, max_size=20))
def test_the_other_way_round_is_the_same_difference_with_the_other_sign(
    pairs: list[tuple[float, float]],
) -> None:
    pairs = [*pairs, (0.0, 1.0), (0.0, 0.5)]  # at least two that change
    before, after = [one for one, _ in pairs], [other for _, other in pairs]
    there, back = difference(before, after), difference(after, before)
    assert back.value == -there.value
    assert there.low is not None and there.high is not None
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    assert (back.n, back.changed, back.least_p) == (there.n, there.changed, there.least_p)
    assert back.p == pytest.approx(there.p, abs=0.02)  # at random above 13 changes
    assert there.low - 1e-9 <= there.value <= there.high + 1e-9


def test_many_changes_for_the_better_are_significant_and_as_many_both_ways_are_not() -> None:
    better = difference([0.0] * 20 + HALF, [1.0] * 20 + HALF)
    assert better.p < 0.001
    assert better.low is not None and better.low > 0
    mixed = difference(HALF * 2, [1 - value for value in HALF * 2])
    assert (mixed.value, mixed.changed) == (0, 20)
    assert mixed.p == 1
