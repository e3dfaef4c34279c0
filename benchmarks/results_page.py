"""Write docs/results.md from what the benchmarks recorded; no figure is typed by hand.

python benchmarks/results_page.py
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gensynth.records import MINUS_PROTOTYPE
from gensynth.report.wording import label, plain

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "results", HERE.parent / "docs" / "results.md"
Record = dict[str, Any]

INTRODUCTION = """# What was measured

Written by `benchmarks/results_page.py` from the records in `benchmarks/results/`. Each benchmark's
own text says what it compares and how. Ratios are of paired measurements in one run: median, with
the first and third quartile in brackets. ± is a standard error. A record names the commit that it
was made at; those that name none are older than that, and the code has changed since."""


def page() -> str:
    """Return the whole page."""
    sections = [INTRODUCTION]
    for name, (title, section) in SECTIONS.items():
        path = RESULTS / f"{name}.json"
        if path.exists():
            record = json.loads(path.read_text(encoding="utf-8"))
            told = [f"## {title}", *section(record), origin(name, record)]
            sections.append("\n\n".join(told))
    return "\n\n".join(sections) + "\n"


def origin(name: str, record: Record) -> str:
    """Return where the figures come from."""
    versions = record.get("versions", {})
    packages = ", ".join(f"{package} {listed(one)}" for package, one in versions.items())
    machines = listed(record.get("devices", record.get("device", "")))
    cores = f", {record['cores']} cores" if "cores" in record else ""
    told = f"{machines}{cores}; " if machines else ""
    commits = ", ".join(commit[:8] for commit in record.get("commits", []))
    code = f" at {commits}" if commits else ""
    return f"*`benchmarks/{record.get('benchmark', name)}.py`{code}; {told}{packages}.*"


def listed(value: Any) -> str:
    """Return one value, or several with commas."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def sentence(claim: str) -> str:
    """Return a claim with a capital letter."""
    return claim[0].upper() + claim[1:]


def quartiles(found: Record) -> str:
    """Return a median with its quartiles."""
    low, high = found["quartile_1"], found["quartile_3"]
    return f"{found['median']:.2f} ({low:.2f} to {high:.2f})"


def mean(found: Record, digits: int = 1) -> str:
    """Return a mean with its standard error."""
    if found["mean"] is None:
        return "-"
    error = found["standard_error"]
    told = f"{found['mean']:.{digits}f}"
    return told if error is None else f"{told} ± {error:.{digits}f}"


def throughput(record: Record) -> Iterator[str]:
    """Images per second."""
    s = record["settings"]
    yield (
        f"ResNet-20 on {s['data']}, batch {s['batch_size']}, {s['precision']}, {s['threads']} "
        "threads: how many times as many images per second gensynth learns from as others do."
    )
    names = {"by_hand": "the same by hand in PyTorch", "stock": "Lightning with torchvision"}
    rows = [
        [names[other], quartiles(found), str(found["n"])]
        for other, found in record["ratios"].items()
    ]
    yield table(["compared with", "images per second, ratio", "n"], rows)


def network(record: Record) -> Iterator[str]:
    """How fast a graph runs."""
    s = record["settings"]
    yield (
        f"A training step of ResNet-20 as a graph against one by hand, batch {s['batch_size']}, "
        f"{s['precision']}, {s['threads']} threads: {quartiles(record['ratio'])} times as long "
        f"(n = {record['ratio']['n']})."
    )


def own(record: Record) -> Iterator[str]:
    """What thinking costs."""
    yield sentence(record["claim"]) + "."
    rows = [
        [part, quartiles(found["ratio"]), str(found["ratio"]["n"])]
        for part, found in record["parts"].items()
    ]
    yield table(["part", "ratio", "n"], rows)


def recording(record: Record) -> Iterator[str]:
    """What tracking costs."""
    yield sentence(record["claim"]) + f" (n = {record['n']})."
    rows = [
        [part, f"{found['recording_seconds']:.2f}", f"{found['seconds']:.1f}",
         f"{found['share_percent']:.2f} %"]
        for part, found in ((part, record[part]) for part in ("cycles", "run"))
    ]  # fmt: skip
    yield table(["of", "recording (s)", "all (s)", "share"], rows)


def efficiency(record: Record) -> Iterator[str]:
    """How many trainings a search needs."""
    aim = record.get("aim_percent")
    told = f", for which searches aim at {aim:.2f} % on the images that they see" if aim else ""
    yield (
        f"{sentence(record['claim'])}; accuracy of at least {record['floor_percent']:.2f} %{told}. "
        "The last column: after how many trainings a method's mean is what `random` has with 64, "
        "with a 95 % interval from resampled seeds."
    )
    found = record["summary"]
    numbers = sorted({n for one in found.values() for n in one["net_score"]}, key=int)
    over = ["mean of 8 to 32"] if all("mean_over" in one for one in found.values()) else []
    rows = []
    for method, one in found.items():
        scores = [mean(one["net_score"][n]) if n in one["net_score"] else "" for n in numbers]
        scores += [mean(one["mean_over"])] if over else []
        rows.append([method, str(one["n"]), *scores, needed(one)])
    yield table(
        ["method", "seeds", *(f"NetScore at {n}" for n in numbers), *over, "trainings needed"], rows
    )


def needed(found: Record) -> str:
    """Return how many trainings were needed, and the interval."""
    if found["interval_95"] is None:
        return "too few seeds"
    low, high = ("more" if end is None else str(end) for end in found["interval_95"])
    return f"{found['trainings_to_random_64'] or 'not reached'} ({low} to {high})"


def full_level(record: Record) -> Iterator[str]:
    """What searches nominate, beside uniform scaling and tools that prune."""
    s = record["settings"]
    (bound,) = (b for b in s["requirement"] if b["name"] == "accuracy")
    yield (
        f"{sentence(record['claim'])}; accuracy of at least {bound['limit']:g} % with a margin for "
        f"the step to other images; {s['candidates']} candidates of {s['short_epochs']} epochs, "
        f"{s['long_epochs']} epochs for what is reported. Methods share prototype, recipe and "
        "number of training images."
    )
    for split, found in record["summary"].items():
        rows = [
            [method, str(one["n"]), str(one["nothing_held"]), mean(one["net_score"]),
             ", ".join(f"{accuracy:.2f}" for accuracy in one["accuracies"]) or "-",
             mean(one["parameters"], 0), mean(one["macs"], 0), mean(one["search_leads"])]
            for method, one in found.items()
        ]  # fmt: skip
        yield f"Read on the {split} images:"
        head = ["method", "searches", "nothing held", "NetScore", "accuracies (%)", "parameters"]
        yield table([*head, "multiply-adds", "search is ahead by"], rows)


def whole(record: Record) -> Iterator[str]:
    """What whole runs found, run by run."""
    yield (
        f"{sentence(record['claim'])}. To be nominated, a network had to meet the requirements on "
        "the confirm images with a margin for the step to other images; the uniformly scaled one "
        "is the best of those that did, too. Where a run opened the test split, the same networks "
        "were then read on it; no margin is kept there. Brackets are 95 % intervals from resampled "
        "images, paired where they are of a difference."
    )
    for run in record["runs"]:
        yield from one_run(run)
    for experiment, found in record["summary"].items():
        if found["n"] > 1:
            yield f"Means over {found['n']} runs of {experiment}:"
            yield gains_table({split: found[split] for split in ("confirm", "test")}, mean_of)


def one_run(run: Record) -> Iterator[str]:
    """Yield how a run was made, its networks on each split, then what was gained."""
    environment, limit = run["environment"], run["time_limit_minutes"]
    given_up = (
        f" A long training fails after {limit:g} minutes, a short one after its part of them."
        if limit
        else ""
    )
    yield (
        f"**{run['experiment']}**, seed {run['seed']}, `{' '.join(run['required'])}`. The search: "
        f"{effort(run['search'])}. The control: {effort(run['control'])}. Workers train in "
        f"{environment['precision']} with {environment['threads']} thread(s), "
        f"{environment['workers']} at once.{given_up}"
    )
    if run["nominated"] is None:
        yield "No network met the requirements: none was nominated."
    quality = run["quality"]
    rows = [
        [split, str(run["images"].get(split, "")), who, *cells(one, quality, run["score"])]
        for split, found in run["splits"].items()
        for who, one in found["networks"].items()
    ]
    head = ["split", "images", "network", label(quality), "difference to the prototype (points)"]
    yield table([*head, "parameters", "MACs", label(run["score"]), "requirements"], rows)
    gained = {split: found["gains"] for split, found in run["splits"].items() if found["gains"]}
    if gained:
        yield gains_table(gained, amount)
    if told := run.get("foretold"):
        yield " ".join(
            f"Of {one['n']} networks trained {fidelity}, the inquisitor had foretold "
            f"{one['within_95']} within its 95 % interval, which was "
            f"{one['interval_95']:.2f} points wide in the mean; it missed by "
            f"{one['missed_root_mean_square']:.2f} points (root mean square), "
            f"{one['missed']:+.2f} in the mean (read less foretold)."
            for fidelity, one in told.items()
        )


def seeds(record: Record) -> Iterator[str]:
    """What is luck of a training in what whole runs found."""
    yield (
        f"{sentence(record['claim'])}, and read beside the prototype: differences in points, their "
        "mean with its standard error over the seeds, and in brackets the 95 % interval of that "
        "mean from resampled images, paired."
    )
    rows = []
    for name, run in record["summary"].items():
        for split, one in run["splits"].items():
            low, high = one["interval_95"]
            rows.append(
                [name, split, str(one["images"]), label(run["quality"]), f"{one['prototype']:.2f}",
                 ", ".join(f"{gap:+.2f}" for gap in one["minus_prototype"]),
                 f"{mean(one, 2)} ({low:+.2f} to {high:+.2f})"]
            )  # fmt: skip
    head = ["run", "split", "images", "quality", "prototype", "differences", "mean"]
    yield table(head, rows)


def effort(one: Record) -> str:
    """Return how many trainings there were, and what they took."""
    failed = f", {one['failed']} failed" if one["failed"] else ""
    return (
        f"{one['short']} short and {one['long']} long trainings{failed}, "
        f"{one['worker_hours']:.1f} hours of a worker"
    )


def gains_table(gained: Record, told: Callable[[str, Any], str]) -> str:
    """Return what the nominated network gained, by split."""
    names = dict.fromkeys(name for found in gained.values() for name in found)
    rows = [
        [told_of(name), *(told(name, g[name]) if name in g else "" for g in gained.values())]
        for name in names
    ]
    return table(["nominated", *gained], rows)


def told_of(gain: str) -> str:
    """Return a gain's name as words."""
    for who in ("prototype", "uniform"):
        start = f"gain_over_{who}_"
        if gain.startswith(start):
            return f"{plain(gain.removeprefix(start))} gained over {who}"
    return gain.replace("_", " ").replace("macs", "MACs")


def amount(gain: str, value: float) -> str:
    """Return a gain, with its sign where it is a difference."""
    return f"{value:+.2f}" if gain.startswith("gain_over") else f"{value:.3g}"


def mean_of(gain: str, found: Record) -> str:
    """Return the mean of a gain with its standard error, and n."""
    del gain
    return f"{mean(found, 2)} (n = {found['n']})"


def cells(one: Record, quality: str, score: str) -> list[str]:
    """Return a network's cells."""
    measured, margins = one["measurements"], one["margins"]
    missed = [f"misses {plain(n)} by {-margin:.2f}" for n, margin in margins.items() if margin < 0]
    return [
        estimated(one, quality, ""),
        estimated(one, quality + MINUS_PROTOTYPE, "+"),
        f"{measured['parameters']:,.0f}",
        f"{measured['macs']:,.0f}",
        f"{measured[score]:.2f}",
        ", ".join(missed) or ("hold" if margins else ""),
    ]


def estimated(one: Record, name: str, sign: str) -> str:
    """Return a value with its interval, else its standard error; nothing where there is none."""
    if name not in one["measurements"]:
        return ""
    told = f"{one['measurements'][name]:{sign}.2f}"
    if name in one["intervals_95"]:
        low, high = (f"{end:{sign}.2f}" for end in one["intervals_95"][name])
        return f"{told} ({low} to {high})"
    error = one["standard_errors"].get(name)
    return f"{told} ± {error:.2f}" if error else told


def methods(record: Record) -> Iterator[str]:
    """What whole searches nominate."""
    yield sentence(record["claim"]) + ", by the accuracy that is required."
    rows = []
    for floor, found in record["summary"].items():
        for method, one in found.items():
            (lead,) = (value for name, value in one.items() if name.startswith("lead_over_"))
            rows.append(
                [f"{floor} %", method, str(one["n"]), str(one["nothing_passed"]),
                 mean(one["net_score"]), mean(lead),
                 mean(one["different"], 0), mean(one["median_difference"], 2)]
            )  # fmt: skip
    head = ["accuracy", "method", "seeds", "nothing passed", "NetScore", "lead over the first"]
    yield table([*head, "different of 64 drawn", "median share that differs"], rows)


def fidelity(record: Record) -> Iterator[str]:
    """Whether short trainings tell what long ones would."""
    found, epochs = record["summary"], record["settings"]["epochs"]
    low, high = found["interval_95"]
    yield (
        f"{sentence(record['claim'])}: {found['n']} designs over all operations, "
        f"{epochs['short']} and {epochs['long']} epochs. Spearman's rank correlation is "
        f"{found['rank_correlation']:.2f}, with a 95 % interval from resampled designs of "
        f"{low:.2f} to {high:.2f}. By how many logits designs of an operation are better in the "
        "long run than others with the same short accuracy:"
    )
    rows = [
        [name, str(one["n"]), f"{one['logits']:.2f} ± {one['standard_error']:.2f}"]
        for name, one in found["offsets"].items()
    ]
    yield table(["operation", "designs", "logits"], rows)


def luck(record: Record) -> Iterator[str]:
    """How much trainings of one design differ."""
    yield sentence(record["claim"]) + ": standard deviation, with a 95 % interval."
    rows = []
    for unit, one in record["summary"].items():
        low, high = one["interval_95"]
        rows.append([unit, str(one["n"]), f"{one['deviation']:.2g} ({low:.2g} to {high:.2g})"])
    yield table(["in", "designs", "deviation"], rows)


def beliefs(record: Record) -> Iterator[str]:
    """What is believed before anything is trained, and whether it helps."""
    sets, n = record["summary"], record["settings"]["splits"]
    yield (
        f"{sentence(record['claim'])}: root mean square error on {record['settings']['held_out']} "
        f"recorded networks, in logits, when others are known; n = {n} splits of the same "
        "networks, and standard errors over the splits alone. Which shares something is believed "
        "of was decided by all sets, how much by digits."
    )
    rows = [
        [name, known, mean(one["costs_alone"], 3), mean(one["configured"], 3),
         mean(one["difference"], 3)]
        for name, found in sets.items() for known, one in found["missed_logits"].items()
    ]  # fmt: skip
    yield table(["set", "known", "by costs alone", "as configured", "difference"], rows)
    yield from mixed(record["mixed"], record["settings"])
    yield (
        "Effects, by weighted least squares over all recorded networks, in logits: of costs and "
        "widths per doubling (curvature and imbalance: its square), of the others for a network "
        "that is all of it."
    )
    names = list(dict.fromkeys(name for found in sets.values() for name in found["effects"]))
    effects = [
        [
            name.removeprefix("share "),
            *(effect(found["effects"].get(name)) for found in sets.values()),
        ]
        for name in names
    ]
    yield table(
        ["effect of", *(f"{name} ({found['designs']})" for name, found in sets.items())], effects
    )


def mixed(found: Record, settings: Record) -> Iterator[str]:
    """What is claimed of long trainings by short and long ones."""
    yield (
        f"Long trainings of {settings['foretold']} of {found['designs']} designs on digits, "
        "foretold from short and long trainings of others: the mean logarithm of the density that "
        "was given to what was read (more is better), against that where short trainings are "
        "believed to be as good as long ones; how far readings were, in standard deviations (1 is "
        "right); and by how many points expectations move, at most, when one more training is "
        f"known that shows {settings['collapsed_logits']:g} logits less than it should."
    )
    rows = [
        [known, mean(one["log_density"]["configured"], 2),
         mean(one["log_density"]["difference"], 3), mean(one["distance"]["configured"], 2),
         mean(one["distance"]["alike"], 2),
         mean(one["collapsed_points"], 1)]
        for known, one in found["known"].items()
    ]  # fmt: skip
    yield table(
        ["known", "log density", "difference", "distance", "distance, if as good", "moved by one"],
        rows,
    )


def effect(found: Record | None) -> str:
    """Return an effect with its standard error."""
    return f"{found['logits']:+.2f} ± {found['standard_error']:.2f}" if found else ""


SECTIONS: dict[str, tuple[str, Callable[[Record], Iterator[str]]]] = {
    "whole_runs": ("Whole runs", whole),
    "training_seeds": ("Nominated designs trained again", seeds),
    "full_level": ("Nominated networks on CIFAR-10", full_level),
    "cheap_level": ("Trainings needed on CIFAR-10", efficiency),
    "sample_efficiency": ("Trainings needed in a stand-in world", efficiency),
    "sample_efficiency_cifar10": ("Trainings needed in a stand-in for CIFAR-10", efficiency),
    "fidelity_check": ("Short and long trainings", fidelity),
    "training_luck": ("Two trainings of one design", luck),
    "prior_check": ("What is believed beforehand", beliefs),
    "search_methods": ("Whole searches in a stand-in world", methods),
    "training_throughput": ("Training throughput", throughput),
    "network_speed": ("Networks that run graphs", network),
    "own_time": ("What the search itself costs", own),
    "recording_overhead": ("What recording costs", recording),
}

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
