"""What every probe must do."""

# ruff: noqa: D102 - the name of a test says what it shows

import json
import pickle
from abc import ABC, abstractmethod
from dataclasses import asdict

import numpy as np
import pytest
import torch
from torch import nn

from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.network.graph_network import GraphNetwork
from gensynth.testing.untouched import untouched


class ProbeSuite(ABC):
    """Subclass, override the three fixtures, and pytest checks your probe."""

    @pytest.fixture
    @abstractmethod
    def probe(self) -> Probe:
        """The probe."""

    @pytest.fixture
    @abstractmethod
    def network(self) -> GraphNetwork:
        """A small network of the kind that the probe is for."""

    @pytest.fixture
    @abstractmethod
    def split(self) -> Stimulus:
        """Images with classes, of the network's input shape, to choose stimuli from."""

    @pytest.fixture
    def stimulus(self, probe: Probe, split: Stimulus) -> Stimulus:
        """Stimuli that the probe chose."""
        return probe.stimuli(split, np.random.default_rng(0))

    def test_the_same_rng_gives_the_same_stimuli(
        self, probe: Probe, split: Stimulus, stimulus: Stimulus
    ) -> None:
        again = probe.stimuli(split, np.random.default_rng(0))
        assert torch.equal(again.inputs, stimulus.inputs)
        assert torch.equal(again.classes, stimulus.classes)

    def test_stimuli_fit_together(self, split: Stimulus, stimulus: Stimulus) -> None:
        assert len(stimulus.inputs) == len(stimulus.classes) > 0
        assert stimulus.inputs.shape[1:] == split.inputs.shape[1:]
        assert stimulus.inputs.dtype == torch.float32
        assert stimulus.class_count == split.class_count

    def test_the_network_is_left_as_it_was_found(
        self, probe: Probe, network: GraphNetwork, stimulus: Stimulus
    ) -> None:
        network.train()
        next(m for m in network.modules() if isinstance(m, nn.BatchNorm2d)).eval()
        with untouched(network):
            probe.respond(network, stimulus)

    def test_a_probe_repeats_itself(
        self, probe: Probe, network: GraphNetwork, stimulus: Stimulus
    ) -> None:
        answers = probe.respond(network, stimulus)
        assert probe.respond(network, stimulus) == answers
        assert pickle.loads(pickle.dumps(probe)).respond(network, stimulus) == answers  # noqa: S301

    def test_the_mode_of_the_network_does_not_matter(
        self, probe: Probe, network: GraphNetwork, stimulus: Stimulus
    ) -> None:
        evaluating = probe.respond(network.eval(), stimulus)
        assert probe.respond(network.train(), stimulus) == evaluating

    def test_responses_are_plain_and_about_the_network(
        self, probe: Probe, network: GraphNetwork, stimulus: Stimulus
    ) -> None:
        responses = probe.respond(network, stimulus)
        assert len({(r.probe, r.place, r.quantity) for r in responses}) == len(responses) > 0
        for response in responses:
            channels = network.graph.shapes[response.place][0]
            assert response.probe
            assert response.quantity
            assert len(response.curve) in (1, channels)
            assert np.isfinite(response.curve).all()
            assert sorted(response.order) in ([], list(range(channels)))
            plain = json.loads(json.dumps(asdict(response)))
            assert plain == {
                **asdict(response),
                "curve": [*response.curve],
                "order": [*response.order],
            }
