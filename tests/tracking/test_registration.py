"""Models reach the registry with consecutive versions, from any number of runs."""

from pathlib import Path

from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.tracking.registration import log_model, register
from gensynth.tracking.store import open_store


def test_versions_count_up_and_belong_to_their_runs(
    store: Path, tmp_path: Path, graph: Graph
) -> None:
    uri = f"sqlite:///{store / 'mlflow.db'}"
    client, experiment = open_store(uri, "registration", store / "artifacts")
    save(tmp_path / "one.safetensors", GraphNetwork(graph))
    for expected in ["1", "2"]:
        run = client.create_run(experiment).info.run_id
        model = log_model(client, experiment, run, tmp_path / "one.safetensors", graph)
        assert str(model.status) == "READY"
        assert model.source_run_id == run
        assert register(client, "counted", model, run) == expected
        assert client.get_model_version("counted", expected).run_id == run
