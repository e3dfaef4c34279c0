"""What configuration files may interpolate: `${outputs:}`, `${data_dir:}`, `${unique:}`, ..."""

from gensynth.jobs import places
from gensynth.jobs.compatibility import register_resolver
from gensynth.jobs.options_help import options_help


def register() -> None:
    """Register every resolver; repeating it is harmless."""
    resolvers = {
        "conf_options": options_help,
        "data_dir": lambda: str(places.data()),
        "launcher_jobs": places.launcher_jobs,
        "mlflow_uri": places.mlflow_uri,
        "outputs": lambda: str(places.outputs()),
    }
    for name, resolver in resolvers.items():
        register_resolver(name, resolver)
    # Cached: Hydra asks for the run folder many times, and worker processes get the cache.
    register_resolver("unique", places.unique_name, cached=True)
