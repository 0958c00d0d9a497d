"""The errors of Dateline, one tree; each says what went wrong and what to do next.

    DatelineError
    ├── SettingError          a setting has a value that cannot be used
    ├── ReadError             one file holds no article that can be read; the others go on
    ├── ModelError            a model (embedding or reader) is missing, damaged or cannot be loaded
    ├── EvaluationError       questions, results or floors that an evaluation cannot work with
    └── LibraryError          the library cannot do what was asked
        ├── LibraryInUse      another process owns it
        ├── LibraryMismatch   it was made with another embedding model or a newer Dateline
        ├── LibraryDamaged    what is stored contradicts itself
        └── UnknownArticle    no article has this id

Nothing found is not an error: it is an Answer with `refused` set.
"""

from __future__ import annotations


class DatelineError(Exception):
    """What went wrong (`message`) and what to do next (`hint`)."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}"


class SettingError(DatelineError):
    """A setting has a value that cannot be used."""


class ReadError(DatelineError):
    """One file holds no article that can be read."""


class ModelError(DatelineError):
    """A model (embedding or reader) is missing, damaged or cannot be loaded."""


class EvaluationError(DatelineError):
    """Questions, results or floors are not what an evaluation can work with."""


class LibraryError(DatelineError):
    """The library cannot do what was asked."""


class LibraryInUse(LibraryError):
    """Another process owns the library."""


class LibraryMismatch(LibraryError):
    """The library was made with another embedding model or by a newer Dateline."""


class LibraryDamaged(LibraryError):
    """What the library stores contradicts itself."""


class UnknownArticle(LibraryError):
    """No article in the library has this id."""
