"""Statistics: intervals that hold the truth as often as they say, and a difference tested by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.evaluation.statistics import Difference, Estimate, Numbers, difference, estimate

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


def test_the_interval_of_the_unanimous_is_that_of_clopper_and_pearson() -> None:
    """All of 10 are right with a chance of .025 when the true share is .025 ** (1 / 10) = .6915."""
    assert pytest.approx(0.6915, abs=1e-4) == 0.025 ** (1 / 10)
    assert interval([1.0] * 10) == pytest.approx((0.025 ** (1 / 10), 1))
    assert interval([0.0] * 10) == pytest.approx((0, 1 - 0.025 ** (1 / 10)))
    assert (found([1.0] * 10).value, found([0.0] * 10).value) == (1, 0)


def test_one_that_is_right_shows_almost_nothing() -> None:
    """The exact interval of 1 of 1 goes from .025 ** (1 / 1)."""
    assert interval([1.0]) == pytest.approx((0.025, 1))


def test_values_that_agree_on_something_else_leave_no_doubt() -> None:
    assert interval([0.5] * 4) == (0.5, 0.5)


def test_the_same_values_give_the_same_numbers() -> None:
    values = np.random.default_rng(1).random(50).tolist()
    rows = [(0.0, value) for value in values]
    assert estimate(values) == estimate(values)
    assert estimate(rows, second_column) == estimate(rows, second_column)


def test_another_statistic_is_resampled_by_whole_rows() -> None:
    """Of rows the second number is the first doubled, so it is of every sample."""

    def ratio(rows: Numbers) -> float:
        return float(rows[:, 1].sum() / rows[:, 0].sum())

    assert estimate([(1, 2), (2, 4), (5, 10)], ratio) == Estimate(2.0, 2.0, 2.0, 3)
    other = estimate([(0, value) for value in HALF], second_column)
    assert other is not None and other.low is not None and other.high is not None
    assert other.value == 0.5
    assert (other.low, other.high) == pytest.approx(interval(HALF), abs=0.11)  # one step of ten


def test_95_of_100_intervals_hold_the_truth() -> None:
    """Of 200 samples of 100 questions that are each right with a chance of .8."""
    samples = np.random.default_rng(1).random((200, 100)) < 0.8
    intervals = [interval(sample.astype(float).tolist()) for sample in samples]
    assert 180 <= sum(low <= 0.8 <= high for low, high in intervals) <= 200


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
