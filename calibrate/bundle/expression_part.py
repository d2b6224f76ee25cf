"""Add an expression read-out to a bundle; all else in it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from calibrate.bundle.writer import write_folder
from engines.bundle.bundle import ARRAYS, Bundle
from engines.bundle.checksums import CHECKSUM_FILE, write_checksums
from realtime.core.messages import Floats
from realtime.landmarks.expression_reader import ExpressionNetwork
from realtime.person.expression_watch import RestLimits
from realtime.runtime.stages_from_bundle import EXPRESSION, HIDDEN_LAYER, OUTPUT_LAYER

CARD = "MODEL_CARD.md"


def expression_arrays(network: ExpressionNetwork) -> dict[str, Floats]:
    """Return the arrays of the read-out by their keys in a bundle."""
    return {HIDDEN_LAYER: network.hidden, OUTPUT_LAYER: network.output}


def rest_json(names: Sequence[str], limits: RestLimits) -> dict[str, object]:
    """Return the limits as the manifest holds them; what counts for nothing has no scale."""
    typical, scale = (_rounded(names, part) for part in (limits.typical, limits.scale))
    return {
        "typical": typical,
        "scale": {name: value for name, value in scale.items() if value != float("inf")},
        "faint": limits.faint,
        "certain": limits.certain,
    }


def _rounded(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def add_expression(
    folder: Path, network: ExpressionNetwork, facts: Mapping[str, object], card_section: str
) -> None:
    """Write the read-out and `facts` of it, such as its limits (`rest_json`), into the bundle in
    `folder`, replacing an older one.

    `card_section` replaces the section of that title in the model card, if there is a card. Raises
    BundleRefused for a bundle that is damaged before.
    """
    section = {**facts, "names": list(network.names)}
    add_section(folder, EXPRESSION, section, card_section, expression_arrays(network))


def add_section(
    folder: Path,
    name: str,
    section: Mapping[str, object],
    card_section: str,
    arrays: Mapping[str, Floats] | None = None,
) -> None:
    """Write the section `name` of the manifest and its `arrays` into the bundle in `folder`.

    All else stays as it is, but for the section of that title in the card.
    """
    bundle = Bundle.load(folder)
    manifest = {**bundle.manifest.values, name: section}
    listed = manifest.pop("files")
    del manifest["format"]
    files = {each: bundle.file(each) for each in listed if each != ARRAYS}
    every = {**bundle.arrays, **(arrays or {})}
    has_checksums = (folder / CHECKSUM_FILE).exists()
    write_folder(folder, manifest, dict(sorted(every.items())), files)
    card = folder / CARD
    if card.exists():
        text = with_section(card.read_text(encoding="utf-8"), card_section)
        card.write_text(text, encoding="utf-8")
    if has_checksums:
        write_checksums(folder)


def with_section(card: str, section: str) -> str:
    """Return the Markdown `card` with `section`, `## Title` and text, replaced or added last."""
    title = section.splitlines()[0]
    parts = card.rstrip("\n").split("\n## ")
    kept = [part for part in parts[1:] if f"## {part.splitlines()[0]}" != title]
    return "\n\n## ".join(part.strip("\n") for part in (parts[0], *kept)) + f"\n\n{section}"
