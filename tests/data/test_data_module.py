"""The contract of image data, shown on the made release."""

import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from pytorch_lightning import LightningModule, Trainer
from torch import Tensor

from gensynth.data.boxed_scenes import BoxedScenes
from gensynth.data.camvid import CamVid
from gensynth.data.cifar10 import Cifar10
from gensynth.data.data_module import ImageData
from gensynth.data.digits import Digits
from gensynth.data.kitti import Kitti
from gensynth.data.parse27k import Parse27k
from gensynth.data.penn_fudan import PennFudan
from gensynth.data.scenes import Scenes
from gensynth.data.shift import Shift
from gensynth.errors import DataError

Make = Callable[..., Cifar10]
EVERY = [BoxedScenes, CamVid, Cifar10, Digits, Kitti, Parse27k, PennFudan, Scenes]


def test_batches_hold_every_image_once_normalised_in_order(cifar10: Make) -> None:
    data = cifar10()
    images, targets = data.images("train")
    batches = list(data.batches("train", 16))
    assert [len(y) for _, y in batches] == [16, 16, 16, 2]
    assert torch.equal(torch.cat([y for _, y in batches]), targets)
    mean, std = (torch.tensor(one).view(1, 3, 1, 1) for one in (data.mean, data.std))
    oracle = (images.float() / 255 - mean) / std
    torch.testing.assert_close(torch.cat([x for x, _ in batches]), oracle, rtol=0, atol=1e-5)
    assert batches[0][0].is_contiguous(memory_format=torch.channels_last)


def test_an_epoch_of_training_batches_holds_every_image_at_most_once(cifar10: Make) -> None:
    data = cifar10()
    batches = list(data.train_batches(16, epoch=2, seed=5))
    assert len(batches) == data.steps(16) == 3
    seen = torch.cat([indices for indices, _, _ in batches])
    assert torch.equal(seen, data.order(2, 5)[:48])
    assert len(set(seen.tolist())) == 48
    for indices, images, targets in batches:
        assert torch.equal(targets, data.images("train")[1][indices])
        assert torch.equal(images, data.augmented(2, indices))
        assert images.shape == (16, 3, 32, 32)
        assert images.is_contiguous(memory_format=torch.channels_last)


def test_a_batch_larger_than_the_split_holds_all_of_it(cifar10: Make) -> None:
    data = cifar10()
    ((indices, _, _),) = data.train_batches(64, epoch=0, seed=0)
    assert sorted(indices.tolist()) == list(range(50))
    assert data.steps(64) == 1


def test_what_an_image_looks_like_depends_on_the_epoch_only(cifar10: Make) -> None:
    data, other = cifar10(), cifar10(train_images=30)
    indices = torch.tensor([29, 3])
    alone = data.augmented(7, indices)
    for seed in (0, 1):
        for chosen, images, _ in data.train_batches(50, epoch=7, seed=seed):
            places = [chosen.tolist().index(index) for index in indices.tolist()]
            assert torch.equal(images[places], alone)
    assert torch.equal(other.augmented(7, indices), alone)
    assert not torch.equal(data.augmented(8, indices), alone)


def test_order_is_a_function_of_epoch_and_seed_and_leaves_global_state_alone(cifar10: Make) -> None:
    data = cifar10()
    before = torch.random.get_rng_state()
    order = data.order(0, 0)
    list(data.train_batches(10, epoch=0, seed=0))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(order, cifar10().order(0, 0))
    assert sorted(order.tolist()) == list(range(50))
    for epoch, seed in ((1, 0), (0, 1)):
        assert not torch.equal(order, data.order(epoch, seed))


def test_the_digest_follows_the_augmentation(cifar10: Make) -> None:
    weaker = Shift(shift=2, flip=True, border="reflect", seed=0)
    assert cifar10(augmentation=weaker).digest != cifar10().digest


def test_stimuli_are_train_images_from_its_beginning_to_its_end(cifar10: Make) -> None:
    images, targets = cifar10().stimuli(8)
    everything = next(cifar10().batches("train", 50))
    expected = [0, 7, 14, 21, 28, 35, 42, 49]
    assert torch.equal(images, everything[0][expected])
    assert torch.equal(targets, everything[1][expected])
    assert torch.equal(cifar10().stimuli()[0], everything[0])


def test_the_description_is_plain_json(cifar10: Make) -> None:
    data = cifar10()
    described = data.describe()
    assert json.loads(json.dumps(described)) == described
    assert described["digest"] == data.digest
    assert described["classes"] == list(data.classes)
    assert described["counts"]["train"] == 50


@pytest.mark.parametrize("member", EVERY, ids=lambda member: member.__name__)
def test_every_set_states_its_licence_and_how_images_are_prepared(member: type[ImageData]) -> None:
    assert member.licence != ImageData.licence
    assert member.preparation
    assert "\n" not in member.licence + member.preparation


def test_the_licence_is_told_and_changes_no_key(
    cifar10: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cifar10().digest
    monkeypatch.setattr(Cifar10, "licence", "another one")
    monkeypatch.setattr(Cifar10, "preparation", "another one")
    assert cifar10().describe()["licence"] == "another one"
    assert cifar10().digest == before


def test_a_pickled_copy_carries_no_images_and_reads_the_same(cifar10: Make) -> None:
    data = cifar10()
    data.open_test()
    payload = pickle.dumps(data)
    assert len(payload) < 10_000
    copy: Cifar10 = pickle.loads(payload)  # noqa: S301 - made above
    assert copy.digest == data.digest
    assert torch.equal(copy.images("test")[0], data.images("test")[0])
    assert torch.equal(copy.augmented(1, torch.arange(9)), data.augmented(1, torch.arange(9)))


def test_moving_to_where_it_is_changes_nothing(cifar10: Make) -> None:
    data = cifar10()
    images = data.images("train")[0]
    assert data.to("cpu") is data
    assert data.images("train")[0].data_ptr() == images.data_ptr()
    assert data.device == torch.device("cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_a_gpu_makes_the_same_batches(cifar10: Make) -> None:
    here, there = cifar10(), cifar10().to("cuda")
    for ours, theirs in zip(
        here.train_batches(16, epoch=1, seed=2),
        there.train_batches(16, epoch=1, seed=2),
        strict=True,
    ):
        for mine, other in zip(ours, theirs, strict=True):
            assert other.device.type == "cuda"
            torch.testing.assert_close(other.cpu(), mine, rtol=0, atol=1e-6)


def test_the_loaders_give_a_fresh_epoch_every_time_and_the_same_search_split(cifar10: Make) -> None:
    data = cifar10()
    data.batch_size = 25
    train, search = data.train_dataloader(), data.val_dataloader()
    assert (len(train), len(search)) == (2, 1)
    for epoch in (0, 1):
        oracle = data.train_batches(25, epoch, data.order_seed)
        for (images, targets), (_, expected, wanted) in zip(train, oracle, strict=True):
            assert torch.equal(images, expected)
            assert torch.equal(targets, wanted)
        assert torch.equal(next(iter(search))[1], data.images("search")[1])


def test_the_test_loader_needs_an_open_test_split(cifar10: Make) -> None:
    data = cifar10()
    data.setup()
    with pytest.raises(DataError, match="closed"):
        data.test_dataloader()
    data.open_test()
    assert sum(len(targets) for _, targets in data.test_dataloader()) == 20


class Linear(LightningModule):
    """The smallest network a Lightning user could bring."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(3072, 10)
        self.seen: list[Tensor] = []
        self.validated = 0

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        images, targets = batch
        self.seen.append(images)
        return torch.nn.functional.cross_entropy(self.layer(images.flatten(1)), targets)

    def validation_step(self, batch: tuple[Tensor, Tensor]) -> None:
        self.validated += len(batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.01)


@pytest.mark.filterwarnings("ignore:.*LeafSpec.*:FutureWarning")  # Lightning 2.6 on torch 2.15
def test_lightning_trains_on_it(cifar10: Make) -> None:
    data, network = cifar10(), Linear()
    data.batch_size = 25
    options: dict[str, Any] = dict.fromkeys(
        ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False
    )
    trainer = Trainer(max_epochs=2, accelerator="cpu", devices=1, num_sanity_val_steps=0, **options)
    trainer.fit(network, datamodule=data)
    assert network.validated == 2 * 20
    oracle = [x for epoch in (0, 1) for _, x, _ in data.train_batches(25, epoch, data.order_seed)]
    assert len(network.seen) == 4
    for images, expected in zip(network.seen, oracle, strict=True):
        assert torch.equal(images, expected)


def test_samples_are_spread_over_the_split_and_always_the_same(cifar10: Make) -> None:
    data = cifar10()
    pixels, images, targets = data.samples("train", 3)
    every, labels = data.images("train")
    places = [0, 24, 49]  # of 50; halves are rounded to even
    assert torch.equal(pixels, every[places])
    assert torch.equal(targets, labels[places])
    (whole,) = [x for x, _ in data.batches("train", 50)]
    assert torch.equal(images, whole[places])
    assert len(data.samples("train", 1000)[2]) == 50
