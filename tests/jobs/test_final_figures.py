"""A run's last figures: confirm and test apart, gains over what it is compared with."""

from gensynth.jobs.conclusion import Outcome
from gensynth.jobs.final_figures import final_figures, names
from gensynth.records import Candidate, Evaluation
from gensynth.report.result_table import Row


def finalist(number: int) -> Evaluation:
    return Evaluation(Candidate(1, number, 0, (), "0" * 64), "k", "long", "confirm", "completed")


ONE, TWO = finalist(1), finalist(2)
MAIN, CONTROL = Outcome((), (ONE, TWO), ONE), Outcome((), (TWO,), TWO)
NOTHING = Outcome((), (ONE, TWO), None)


def row(name: str, accuracy: float, score: float, split: str = "confirm") -> Row:
    measurements = {"accuracy": accuracy, "net_score": score}
    return Row(name, split, measurements, {}, {"accuracy": accuracy - 89.0})


ROWS = [
    row("prototype", 91.0, 80.0),
    row(ONE.candidate.name, 90.0, 110.0),
    row(TWO.candidate.name, 88.0, 120.0),
    row(f"uniform {TWO.candidate.name}", 89.5, 104.0),
    row("prototype", 90.5, 79.0, "test"),
    row(ONE.candidate.name, 89.8, 109.0, "test"),
]


def test_the_nominated_network_stands_beside_prototype_and_control() -> None:
    figures = final_figures(ROWS, names(MAIN, CONTROL, ONE), "net_score")
    assert figures == {
        "prototype_accuracy": 91.0,
        "prototype_net_score": 80.0,
        "prototype_margin_accuracy": 2.0,
        "nominated_accuracy": 90.0,
        "nominated_net_score": 110.0,
        "nominated_margin_accuracy": 1.0,
        "uniform_accuracy": 89.5,
        "uniform_net_score": 104.0,
        "uniform_margin_accuracy": 0.5,
        "test_prototype_accuracy": 90.5,
        "test_prototype_net_score": 79.0,
        "test_prototype_margin_accuracy": 1.5,
        "test_nominated_accuracy": 89.8,
        "test_nominated_net_score": 109.0,
        "test_nominated_margin_accuracy": 89.8 - 89.0,
        "gain_over_prototype_net_score": 30.0,
        "gain_over_uniform_net_score": 6.0,
    }


def test_without_a_nominated_network_the_nearest_is_summed_up_and_nothing_is_gained() -> None:
    figures = final_figures(ROWS[:4], names(NOTHING, None, TWO), "net_score")
    assert figures["nearest_net_score"] == 120.0
    assert figures["nearest_margin_accuracy"] == -1.0
    assert figures["prototype_net_score"] == 80.0
    assert not [name for name in figures if name.startswith(("nominated", "uniform", "gain"))]


def test_a_control_that_met_nothing_and_a_search_without_finalists_are_left_out() -> None:
    assert names(MAIN, NOTHING, ONE) == {"prototype": "prototype", ONE.candidate.name: "nominated"}
    assert names(Outcome((), (), None), None, None) == {"prototype": "prototype"}
