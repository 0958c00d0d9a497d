"""What a source states about an article besides its text."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from index.article import StatedTime


@dataclass(frozen=True, slots=True)
class Facts:
    """The metadata of one article as far as it is known; None is unknown. Fields as in `Article`."""

    headline: str | None = None
    outlet: str | None = None
    byline: str | None = None
    section: str | None = None
    published: StatedTime | None = None
    modified: StatedTime | None = None
    url: str | None = None
    credit: str | None = None

    def filled_from(self, other: Facts) -> Facts:
        """These facts, with what they leave open taken from `other`.

        >>> Facts(headline="Rain").filled_from(Facts(headline="Sun", section="Weather"))
        ... # doctest: +ELLIPSIS
        Facts(headline='Rain', outlet=None, byline=None, section='Weather', ...)
        """
        gaps = {f.name: getattr(other, f.name) for f in fields(self) if getattr(self, f.name) is None}
        return replace(self, **gaps)
