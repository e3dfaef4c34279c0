"""Numbers and names as people write them."""

from collections.abc import Sequence

PERCENTAGES = frozenset(
    {"accuracy", "pixel_accuracy", "pixel_accuracy_with_void", "mean_class_accuracy", "mean_iou"}
    | {"ap_50", "ap_coco", "detectnet_map"}
)
COUNTS = frozenset({"parameters", "macs"})
LABELS = {
    "macs": "MACs",
    "net_score": "NetScore",
    "information_density": "information density (% per thousand parameters)",
    "latency_ms": "latency (ms)",
    "energy_mj": "energy per inference (mJ)",
    "mean_iou": "mean intersection over union (%)",
    "ap_50": "average precision at IoU 0.5 (%)",
    "ap_coco": "average precision, COCO (%)",
    "detectnet_map": "DIGITS mAP (%)",
}
FACTORS = ((1e9, "G", "billion"), (1e6, "M", "million"), (1e3, "K", "thousand"))
UNITS = frozenset({"bits", "channels", "nats", "points", "percent", "share", "ms", "mj"})
MINUS, PLUS_MINUS = "\N{MINUS SIGN}", "\N{PLUS-MINUS SIGN}"
KEEP, YES = {"True": "keep", "False": "drop"}, {"True": "yes", "False": "no"}
MOST_DECIMALS = 4
Z95 = 1.96
"""Half a 95 % interval, in standard errors."""


def count(number: float) -> str:
    """Return a count in three digits: 853, 13.9 K, 2.52 M, 174 G.

    >>> [count(n) for n in (853, 13902, 2516608, 174.3e9)]
    ['853', '13.9 K', '2.52 M', '174 G']
    """
    for factor, letter, _ in FACTORS:
        if abs(number) >= factor:
            return f"{number / factor:.3g} {letter}"
    return f"{number:.3g}"


def figure_of(name: str, value: float) -> str:
    """Return a measurement's value as a table shows it.

    >>> figure_of("macs", 97120.0), figure_of("accuracy", 94.5), figure_of("net_score", 136.636)
    ('97,120', '94.50', '136.64')
    """
    whole = name in COUNTS or (float(value).is_integer() and abs(value) >= 1000)
    tiny = 0 < abs(value) < 0.1
    text = f"{value:,.0f}" if whole else f"{value:.2g}" if tiny else f"{value:,.2f}"
    return text.replace("-", MINUS) if not tiny else text


def signed(value: float, digits: int = 2) -> str:
    """Return a number with its sign.

    >>> signed(1.25), signed(-0.5) == f"{MINUS}0.50"
    ('+1.25', True)
    """
    return f"{value:+,.{digits}f}".replace("-", MINUS)


def label(name: str) -> str:
    """Return a measurement's name with its unit.

    >>> label("accuracy"), label("macs"), label("latency_ms")
    ('accuracy (%)', 'MACs', 'latency (ms)')
    """
    if name in LABELS:
        return LABELS[name]
    return f"{plain(name)} (%)" if is_percentage(name) else plain(name)


def is_percentage(name: str) -> bool:
    """Whether a measurement is in percent, so that differences are in points."""
    return name in PERCENTAGES or name.startswith("iou_")


def plain(name: str) -> str:
    """Return a measurement's name without underscores and without its unit.

    >>> plain("pixel_accuracy"), plain("net_score"), plain("information_density")
    ('pixel accuracy', 'NetScore', 'information density')
    """
    known = LABELS.get(name, name.replace("_", " "))
    return known.partition(" (")[0]


def option_text(choice: str, option: str) -> str:
    """Return an option of a choice in few characters.

    >>> option_text("body.operation", "inverted_bottleneck_se"), option_text("block.keep", "False")
    ('inverted + SE', 'drop')
    """
    if option in ("True", "False"):
        return (KEEP if choice.endswith(".keep") else YES)[option]
    words = option.replace("inverted_bottleneck", "inverted").replace("_se", " + SE")
    return words.replace("_", " ")


def quantity(name: str) -> str:
    """Return the name of what was read or concluded, its unit in brackets.

    >>> quantity("usable_class_information_bits"), quantity("effective_rank")
    ('usable class information (bits)', 'effective rank')
    """
    words, _, unit = name.rpartition("_")
    return f"{words.replace('_', ' ')} ({unit})" if unit in UNITS else name.replace("_", " ")


def estimate(value: float, error: float) -> str:
    """Return an estimate with its 95 % interval, in as many decimals as that has meaning.

    >>> estimate(97.0, 0.9), estimate(0.36836, 0.001)
    ('97.00 ± 1.76', '0.3684 ± 0.0020')
    """
    half = Z95 * error
    digits = 2
    while digits < MOST_DECIMALS and round(half, digits) < 10 ** (1 - digits):
        digits += 1
    return f"{value:,.{digits}f} {PLUS_MINUS} {half:.{digits}f}".replace("-", MINUS)


def scaled(name: str, values: Sequence[float]) -> tuple[float, str]:
    """Return what to divide values by for an axis, and the axis's label.

    >>> scaled("macs", [40e6, 2e6])
    (1000000.0, 'MACs (million)')
    """
    largest = max((abs(value) for value in values), default=0.0)
    for factor, _, word in FACTORS if name in COUNTS else ():
        if largest >= factor:
            return factor, f"{label(name)} ({word})"
    return 1.0, label(name)
