"""Data go with the tasks that can use them, whatever else their configuration sets."""

import pytest

from gensynth.errors import ConfigurationError
from gensynth.jobs.suitability import check_suitability

TASKS = {
    "classification": "gensynth.tasks.classification.Classification",
    "segmentation": "gensynth.tasks.segmentation.Segmentation",
    "detection": "gensynth.tasks.detection.Detection",
}
DATA = {
    "digits": ("classification", "gensynth.data.digits.Digits"),
    "cifar10": ("classification", "gensynth.data.cifar10.Cifar10"),
    "camvid": ("segmentation", "gensynth.data.camvid.CamVid"),
    "scenes": ("segmentation", "gensynth.data.scenes.Scenes"),
    "penn_fudan": ("detection", "gensynth.data.penn_fudan.PennFudan"),
    "kitti": ("detection", "gensynth.data.kitti.Kitti"),
    "boxed_scenes": ("detection", "gensynth.data.boxed_scenes.BoxedScenes"),
}


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("task", TASKS)
def test_every_pair_of_ours(task: str, data: str) -> None:
    suits, target = DATA[data]
    config = {"task": {"_target_": TASKS[task]}, "data": {"_target_": target}}
    if suits == task:
        check_suitability(config)
        return
    with pytest.raises(ConfigurationError, match=rf"^data={data} has .* task={task} needs") as told:
        check_suitability(config)
    for name in (task, suits):
        assert f"task={name} with data=" in str(told.value)
    assert "\n" not in str(told.value)


def test_what_says_nothing_of_itself_is_let_through() -> None:
    check_suitability(
        {"task": {"_target_": TASKS["detection"]}, "data": {"_target_": "builtins.str"}}
    )
    check_suitability({"run": "last"})
