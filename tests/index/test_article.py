from dataclasses import replace
from datetime import UTC, date, datetime

from index.article import Article, from_stated, stated


def test_an_article_is_the_same_wherever_it_was_read_from() -> None:
    article = Article(text="It rained.", headline="Rain", path="/a")
    assert replace(article, path="/b").content_hash == article.content_hash


def test_every_stated_fact_makes_another_article() -> None:
    article = Article(text="It rained.")
    changed = [
        replace(article, text="It rained"),
        replace(article, headline="Rain"),
        replace(article, outlet="Rain"),
        replace(article, byline="Rain"),
        replace(article, section="Rain"),
        replace(article, published=date(2023, 11, 15)),
        replace(article, published=datetime(2023, 11, 15)),
        replace(article, modified=date(2023, 11, 15)),
        replace(article, url="Rain"),
        replace(article, credit="Rain"),
    ]
    assert len({a.content_hash for a in [article, *changed]}) == 11


def test_a_stated_day_gets_no_time_and_a_stated_time_keeps_its_zone() -> None:
    day, moment = date(2023, 11, 15), datetime(2023, 11, 15, 13, 10, tzinfo=UTC)
    assert (stated(day), stated(moment), stated(None)) == ("2023-11-15", "2023-11-15T13:10:00+00:00", None)
    assert [from_stated(stated(when)) for when in (day, moment, None)] == [day, moment, None]
    assert not isinstance(from_stated("2023-11-15"), datetime)
