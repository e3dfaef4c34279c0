"""Training networks: the recipe, Lightning's loop around it, and measuring what came out."""

from gensynth.training.fit_report import FitReport
from gensynth.training.pictures import draw_pictures
from gensynth.training.progress import Progress, ProgressFile
from gensynth.training.quality import evaluate_quality
from gensynth.training.seeded import seeded
from gensynth.training.time_limit import TimeLimit
from gensynth.training.training import Training

__all__ = [
    "FitReport",
    "Progress",
    "ProgressFile",
    "TimeLimit",
    "Training",
    "draw_pictures",
    "evaluate_quality",
    "seeded",
]
