"""Configuration becomes objects, and everything that goes wrong names its place."""

from typing import Any

import pytest
from omegaconf import OmegaConf

from gensynth.errors import ConfigurationError
from gensynth.jobs.build import build
from gensynth.performance.net_score import NetScore

NET_SCORE = {
    "_target_": "gensynth.performance.net_score.NetScore",
    "quality": "accuracy",
    "alpha": 2.0,
    "beta": 0.5,
    "gamma": 0.5,
}


def build_performance(**changes: Any) -> Any:
    return build(OmegaConf.create({"performance": NET_SCORE | changes}).performance)


def test_objects_are_built() -> None:
    assert isinstance(build_performance(), NetScore)


def test_containers_arrive_as_plain_python_and_live_objects_as_positional_arguments() -> None:
    cfg = OmegaConf.create({"_target_": "builtins.dict", "widths": [1, 2], "more": {"a": 1}})
    built = build(cfg, [("live", "yes")])
    assert built == {"live": "yes", "widths": [1, 2], "more": {"a": 1}}
    assert type(built["widths"]) is list
    assert type(built["more"]) is dict


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"_target_": "gensynth.performance.no_such.Thing"}, "no_such"),
        ({"nonsense": 1}, "nonsense"),
        ({"alpha": "???"}, "alpha"),
        ({"alpha": "${nowhere}"}, "nowhere"),
    ],
)
def test_what_goes_wrong_is_one_line_that_names_the_node(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build_performance(**changes)
    text = str(caught.value)
    assert text.startswith("performance (")
    assert words in text
    assert "\n" not in text


def test_an_error_of_the_project_passes_unchanged() -> None:
    with pytest.raises(ConfigurationError) as caught:
        build(
            OmegaConf.create(
                {
                    "_target_": "gensynth.tasks.classification.Classification",
                    "label_smoothing": 2.0,
                    "distillation_weight": 0.0,
                    "temperature": 1.0,
                }
            )
        )
    assert str(caught.value).startswith("task.label_smoothing=2.0")
