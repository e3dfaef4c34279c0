"""A plot is rendered once, the same every time."""

from matplotlib.figure import Figure

from gensynth.report.document import Plot


def drawn() -> Figure:
    figure = Figure()
    figure.subplots().plot([0, 1], [1, 0], marker="o")
    return figure


def test_equal_figures_give_equal_plots() -> None:
    assert Plot.of("a", drawn(), "b") == Plot.of("a", drawn(), "b")
