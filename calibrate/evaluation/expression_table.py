"""The expression read-out in words: its correlation with the teacher, action by action."""

from __future__ import annotations

from collections.abc import Mapping

TITLE = "## Expression read-out"
SECTION = """{title}
What a frame shows, action by action, in the person's own left and right: {frames} frames of
{people} people taught by MediaPipe's Face Landmarker. Pearson correlation with the teacher on
people held out ({folds} folds by person), by `calibrate expression SAMPLES --bundle BUNDLE`.
Data: {data}.

{table}

It says how a face looks, not what the person feels, and it is the teacher's student: where that is
wrong, so is this.
"""


def correlation_table(correlations: Mapping[str, float]) -> str:
    """Return a Markdown table, a row for each action."""
    rows = (f"| {name.replace('_', ' ')} | {r:.2f} |" for name, r in correlations.items())
    return "\n".join(("| action | r |", "|---|---|", *rows))


def expression_section(
    correlations: Mapping[str, float], data: str, frames: int, people: int, folds: int
) -> str:
    """Return the section of the model card; `data` names what was learned from, and its terms."""
    return SECTION.format(
        title=TITLE,
        table=correlation_table(correlations),
        data=data.rstrip("."),
        frames=frames,
        people=people,
        folds=folds,
    )
