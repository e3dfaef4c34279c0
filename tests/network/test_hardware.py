"""Hardware is detected where it exists, and cores are shared out without overbooking."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gensynth.network import hardware
from gensynth.network.hardware import (
    available_cores,
    detect_device,
    detect_precision,
    processor_name,
    threads_per_process,
)


@pytest.mark.parametrize(
    ("amx", "avx512_bf16", "expected"),
    [
        (True, False, "bfloat16"),
        (False, True, "bfloat16"),
        (False, False, "float32"),
    ],
)
def test_precision_of_a_cpu_follows_its_instructions(
    monkeypatch: pytest.MonkeyPatch, amx: bool, avx512_bf16: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512_bf16, raising=False)
    assert detect_precision("cpu") == expected


def test_a_torch_that_cannot_tell_means_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported", raising=False)
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    assert detect_precision(torch.device("cpu")) == "float32"


@pytest.mark.parametrize(("supported", "expected"), [(True, "bfloat16"), (False, "float32")])
def test_precision_of_cuda(monkeypatch: pytest.MonkeyPatch, supported: bool, expected: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: supported)
    assert detect_precision("cuda") == expected


@pytest.mark.parametrize("present", [True, False])
def test_device_is_cuda_if_present(monkeypatch: pytest.MonkeyPatch, present: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: present)
    assert detect_device().type == ("cuda" if present else "cpu")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (
            (
                "processor\t: 0\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n\n"
                "processor\t: 1\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: another\n"
            ),
            "AMD EPYC (family 26, model 2)",
        ),
        ("processor\t: 0\nBogoMIPS\t: 108.00\nCPU architecture: 8\n", "of the platform"),
        (None, "of the platform"),
    ],
    ids=["x86", "arm", "no list"],
)
def test_a_cpu_is_told_from_others_of_its_model_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listed: str | None, expected: str
) -> None:
    monkeypatch.setattr(platform, "processor", lambda: "of the platform")
    path = tmp_path / "cpuinfo"
    if listed is not None:
        path.write_text(listed)
    assert processor_name(torch.device("cpu"), path) == expected


def test_a_gpu_s_name_is_cuda_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"the one at {device.index}")
    assert processor_name(torch.device("cuda", 1)) == "the one at 1"


@pytest.mark.parametrize(
    ("cores", "workers", "jobs", "expected"),
    [(2, 1, 1, 2), (2, 2, 1, 1), (2, 2, 4, 1), (16, 3, 1, 5), (16, 3, 2, 2)],
)
def test_threads_never_exceed_cores(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int, jobs: int, expected: int
) -> None:
    monkeypatch.setattr(hardware, "available_cores", lambda: cores)
    assert threads_per_process(workers, jobs) == expected


def test_cores_honour_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 6}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert available_cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert available_cores() == 64


def test_freed_memory_is_kept_where_the_c_library_can() -> None:
    code = (
        "import resource, torch\n"
        "from gensynth.network.hardware import keep_freed_memory\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    for _ in range(20):\n"
        "        torch.zeros(2**22)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "usual = faults()\n"
        "kept = keep_freed_memory()\n"
        "torch.zeros(2**22)\n"
        "print(int(kept), usual, faults())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    kept, usual, now = map(int, done.stdout.split())
    if not kept:
        pytest.skip("no glibc")
    assert now < usual / 2


def test_memory_that_is_kept_can_be_returned() -> None:
    code = (
        "import resource, torch\n"
        "from gensynth.network.hardware import keep_freed_memory, return_freed_memory\n"
        "def resident():\n"
        "    pages = int(open('/proc/self/statm').read().split()[1])\n"
        "    return pages * resource.getpagesize() // 2**20\n"
        "kept = keep_freed_memory()\n"
        "before = resident()\n"
        "pieces = [torch.zeros(2**16) for _ in range(1600)]\n"
        "last = torch.zeros(1)\n"
        "del pieces\n"
        "full = resident()\n"
        "return_freed_memory()\n"
        "print(int(kept), full - before, resident() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    kept, full_mib, left_mib = map(int, done.stdout.split())
    if not kept:
        pytest.skip("no glibc")
    assert full_mib > 300  # of 400: without returning there would be nothing to see
    assert left_mib < 100


def test_other_c_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    assert not hardware.keep_freed_memory()
    hardware.return_freed_memory()
