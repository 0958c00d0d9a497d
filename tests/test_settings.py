"""Every setting is in the README, and a bad value says what to do."""

import re
from pathlib import Path

import pytest

from index.errors import SettingError
from web.settings import WebSettings

README = Path(__file__).parents[1] / "README.md"


def test_the_readme_lists_every_setting_with_its_default_and_meaning() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| `(.*?)` \| (.*?) \|$", README.read_text(), re.MULTILINE)
    settings = [
        (name.upper(), str(field.default), field.description)
        for name, field in WebSettings.model_fields.items()
    ]
    assert rows == settings


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("WEB_PORT", "eighty", "valid integer"),
        ("WEB_PORT", "70000", "less than or equal to 65535"),
        ("TOP_K", "0", "greater than or equal to 1"),
    ],
)
def test_a_bad_value_names_the_setting_the_value_and_what_is_allowed(
    name: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=f"The setting {name} cannot be '{value}': .*{reason}"):
        WebSettings.from_environment()


def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "")
    assert WebSettings.from_environment().web_port == 7860
