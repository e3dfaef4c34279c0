"""What is missing is said before anything begins."""

import sys

import pytest

from gensynth.errors import ConfigurationError
from gensynth.export.packages import PACKAGES, check_installed


def test_all_there_is_no_complaint() -> None:
    check_installed()


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_missing_is_named_with_the_command_that_installs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError) as caught:
        check_installed()
    assert f"python -m pip install {name}" in str(caught.value)
    assert "\n" not in str(caught.value)
