"""What the command line and Python share is tested by what both do; here the rest."""

from gensynth.jobs.running import prepare_threads


def test_threads_spin_briefly_unless_the_user_has_said_otherwise() -> None:
    nothing: dict[str, str] = {}
    prepare_threads(nothing)
    assert nothing == {"GOMP_SPINCOUNT": "8000"}
    for said in ({"OMP_WAIT_POLICY": "ACTIVE"}, {"GOMP_SPINCOUNT": "7"}):
        kept = dict(said)
        prepare_threads(kept)
        assert kept == said
