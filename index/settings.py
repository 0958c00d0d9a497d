"""Settings of the library, and how every setting is read: once, from the environment, validated."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.errors import SettingError

DEFAULT_EMBEDDING_MODEL = "all-MiniLM-L6-v2"


class LibrarySettings(BaseSettings):
    """What `index/` can be told. The rooms above add theirs by inheritance, so an entry point reads one."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    data_dir: Path = Field(default=Path("data"), description="Folder of the library.")
    embedding_model: str = Field(
        default=DEFAULT_EMBEDDING_MODEL,
        description="Sentence-transformers model that embeds the articles: the one that comes with the "
        "requirements, a folder, or a name on the Hugging Face hub (then it is fetched once).",
    )

    @field_validator("data_dir")
    @classmethod
    def _expand_home(cls, value: Path) -> Path:
        return value.expanduser()

    @classmethod
    def from_environment(cls) -> Self:
        """The settings of this process. SettingError names the setting, its value and what is allowed."""
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]).upper()
            raise SettingError(
                f"The setting {name} cannot be {first['input']!r}: {first['msg']}.",
                f"Set {name} to an allowed value, or unset it to use the default. "
                "The README lists every setting.",
            ) from error
