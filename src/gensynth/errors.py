"""The project's errors: one clear line each, with the value, what is allowed, and the fix."""


class GensynthError(Exception):
    """Something the user can mend; the message is one line a person can act on."""


class ConfigurationError(GensynthError):
    """A configuration value is wrong, unknown, or contradicts another one."""


class DataError(GensynthError):
    """Data are missing, damaged, or not what their name promises."""


class InvalidGraph(GensynthError):
    """A graph breaks a law: unknown input, shapes that do not fit, bad attribute."""


class InvalidDesign(GensynthError):
    """A design is not a legal variation of its prototype."""


class RequirementError(GensynthError):
    """A requirement is malformed, or no design of the space can meet it."""


class NothingMetRequirements(GensynthError):
    """A synthesis ended without a network that meets the requirements; names the nearest."""


class CandidatesFailed(GensynthError):
    """A search found nothing that can be trained; holds the last cause."""


class TrainingFailed(GensynthError):
    """A network could not be trained: its loss is no number, or it took too long."""


class ExportFailed(GensynthError):
    """A network was exported, and the files do not answer as it does."""
