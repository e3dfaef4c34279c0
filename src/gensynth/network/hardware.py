"""What the machine offers: device, precision, memory, and how its cores are shared out."""

import ctypes
import os
import platform
from pathlib import Path
from typing import Literal

import torch

Precision = Literal["float32", "bfloat16"]

_MMAP_MAX, _TRIM_THRESHOLD = -4, -1
_KEEP = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1))
"""glibc's mallopt: no allocation gets pages of its own, and none is given back below 2 GiB."""


def detect_device() -> torch.device:
    """Return the first CUDA device if there is one, the CPU otherwise."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


def detect_precision(device: torch.device | str) -> Precision:
    """Return bfloat16 where the device multiplies it in hardware, float32 elsewhere.

    On a CPU that is AMX or AVX-512 BF16; on CUDA, compute capability 8.0 or above.
    """
    kind = torch.device(device).type
    if kind == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = kind == "cpu" and any(
            map(_cpu_has, ("_is_amx_tile_supported", "_is_avx512_bf16_supported"))
        )
    return "bfloat16" if fast else "float32"


def processor_name(device: torch.device, cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return what computes there, by a name that times can be compared by.

    Of a CPU its model name, with family and model number where the system lists them: virtual
    machines call processors of several generations by the same name.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    listed = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    pairs = (line.split(":", 1) for line in listed.split("\n\n")[0].splitlines() if ":" in line)
    first = {name.strip(): value.strip() for name, value in pairs}
    name = first.get("model name") or platform.processor() or platform.machine()
    if {"cpu family", "model"} <= first.keys():
        name += f" (family {first['cpu family']}, model {first['model']})"
    return name


def threads_per_process(workers: int, jobs: int = 1) -> int:
    """Return how many threads each of `workers` processes in each of `jobs` runs may use.

    Threads beyond the cores slow training down many times over; so the cores this process may run
    on (its CPU affinity) are divided, with at least one thread each.
    """
    return max(1, available_cores() // (workers * jobs))


def available_cores() -> int:
    """Return the number of cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):  # Linux; elsewhere affinity cannot be read
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def keep_freed_memory() -> bool:
    """Let this process keep the memory it frees for what it allocates next; tell whether it can.

    A training step frees and allocates the same large tensors over and over. glibc returns such
    memory to the system at once, and has its pages cleared when it comes back, which takes a tenth
    to a third of a step on the CPU. Other C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is None:
        return False
    return all(mallopt(setting, value) for setting, value in _KEEP)


def return_freed_memory() -> None:
    """Give the system back what this process freed and keeps, where the C library can.

    Between tasks that allocate other sizes than the one before: the next one could not use it.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _cpu_has(question: str) -> bool:
    """Ask torch about an instruction set; a torch that does not know the question means no."""
    ask = getattr(torch.cpu, question, None)
    return bool(ask()) if ask is not None else False
