"""The Hydra entry and what each job does; every `conf/<job>.yaml` is a job."""
