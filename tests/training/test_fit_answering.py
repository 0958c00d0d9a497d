"""Fitting the answerer: what it measures, worked once by hand."""

import math

import numpy as np
import pytest

from training.fit_answering import Searched, calibration_error, clear_score, reciprocal_rank, share_held


def searched(passages: list[tuple[float, float]], held: list[bool], case: str = "answerable") -> Searched:
    none = np.zeros((0, 0))
    return Searched(
        "made", case, "1", none, none.astype(bool), none.astype(bool), np.array(passages), np.array(held)
    )


def test_the_reciprocal_rank_by_hand() -> None:
    """By the search the answer is second, by the reader first, and once nowhere, which counts for nothing."""
    both = [searched([(1.0, 0.02), (9.0, 0.01)], [False, True]), searched([(1.0, 0.02)], [False])]
    assert reciprocal_rank(both, 0, 1) == 0.5
    assert reciprocal_rank(both, 1, 0) == 1.0


def test_how_far_chances_are_from_what_is_right_by_hand() -> None:
    """Two bins of two: .1 said and none right, .9 said and one of two right."""
    chances, right = np.array([0.1, 0.1, 0.9, 0.9]), np.array([False, False, True, False])
    assert calibration_error(chances, right, bins=2) == pytest.approx((0.1 + 0.4) / 2)


def test_a_sentence_is_shown_only_near_the_best() -> None:
    pairs = [
        (np.array([2.0, 1.5, 0.0]), np.array([False, True, False])),
        (np.array([2.0, 0.0]), np.array([False, True])),
    ]
    assert share_held(pairs, margin=1.0) == 0.5
    assert share_held(pairs, margin=2.0) == 1.0


def test_an_answer_is_clear_from_where_the_best_is_always_among_the_first() -> None:
    stays = [searched([(score, 0.0), (0.0, 0.0)], [True, False]) for score in (9.0, 8.0, 7.0)]
    goes = [searched([(1.0, 0.0), (5.0, 0.0)], [False, True])]
    assert clear_score(stays + goes, first=1) == (7.0, 0.75)


def test_where_no_answer_is_clear_all_is_read() -> None:
    goes = [searched([(1.0, 0.0), (5.0, 0.0)], [False, True])]
    assert clear_score(goes, first=1) == clear_score([], first=1) == (math.inf, 0.0)
