"""Layout of the terminal gauge: a pure function from a snapshot and a size to lines of text."""

from __future__ import annotations

from textwrap import wrap

from rich.console import Group
from rich.text import Text

from realtime.core.messages import Verdict
from realtime.core.snapshot import Snapshot
from realtime.profiling import table
from realtime.view import phrases
from realtime.view.terminal import big_digits
from realtime.view.terminal.emotion_rows import render_emotion_rows
from realtime.view.terminal.face_rows import render_face_rows
from realtime.view.terminal.history_chart import render_history
from realtime.view.terminal.needle import draw_needle
from realtime.view.terminal.pb_map import pb_plot, pb_strip, pb_trail

Lines = list[Text]
_MARGIN = 1
_LABEL = 9
_MAP = 72  # columns of the PB map at most
_CHART_ROWS = 5  # at least; the chart grows into unused lines
_PRIORITY = (
    "state",
    "needle",
    "title",
    "faces",
    "keys",
    "rows",
    "profile",
    "details",
    "history",
    "map",
)


def render_panel(snapshot: Snapshot, size: tuple[int, int]) -> Group:
    """Return exactly `size` = (columns, lines) of text; a small terminal drops minor blocks."""
    columns, rows = size
    width = max(20, columns - 2 * _MARGIN)
    lines = _arrange(_blocks(snapshot, width), snapshot, width, rows)
    lines += [Text()] * (rows - len(lines))
    return Group(*(_with_margin(line, columns) for line in lines[:rows]))


def _blocks(snapshot: Snapshot, width: int) -> dict[str, Lines]:
    return {
        "title": [_title(snapshot, width)],
        "state": state_lines(snapshot, width),
        "needle": draw_needle(snapshot.verdict, width),
        "faces": render_face_rows(snapshot.faces, width),
        "rows": render_emotion_rows(snapshot.rows, width),
        "history": [],
        "map": _map(snapshot, width),
        "profile": _profile(snapshot),
        "details": detail_lines(snapshot, width),
        "keys": [_keys(width)],
    }


def _map(snapshot: Snapshot, width: int) -> Lines:
    """Return the PB map, empty between expressions, so that the lines around it stay in place."""
    if not _has_positions(snapshot):
        return []
    return pb_plot(pb_trail(snapshot.history), min(width, _MAP))


def _has_positions(snapshot: Snapshot) -> bool:
    return any(verdict.pb_position is not None for verdict in snapshot.history)


def _arrange(blocks: dict[str, Lines], snapshot: Snapshot, width: int, rows: int) -> Lines:
    """Stack the blocks that fit, by priority; unused lines become gaps, then history."""
    shown, spare = set[str](), rows
    for name in _PRIORITY:
        need = _CHART_ROWS if name == "history" else len(blocks[name])
        if 0 < need <= spare:
            shown.add(name)
            spare -= need
    if {"map", "details"} <= shown:  # the map says what the strip does
        blocks["details"] = detail_lines(snapshot, width, strip=False)
        spare += 1
    gaps = min(spare, max(0, len(shown) - 1))
    if "history" in shown:
        grown = _CHART_ROWS + (spare - gaps) // 2 * 2
        blocks["history"] = render_history(
            snapshot.history, width, grown, 2 * snapshot.setting.stride_s
        )
    return _stack([blocks[name] for name in blocks if name in shown], gaps)


def _stack(blocks: list[Lines], gaps: int) -> Lines:
    lines: Lines = []
    for number, block in enumerate(blocks):
        lines += [*([Text()] if 0 < number <= gaps else []), *block]
    return lines


def _with_margin(line: Text, columns: int) -> Text:
    padded = Text(" " * _MARGIN, no_wrap=True, overflow="ellipsis").append_text(line)
    padded.truncate(columns, overflow="ellipsis", pad=True)
    return padded


def _title(snapshot: Snapshot, width: int) -> Text:
    subject = phrases.subject(snapshot.setting.emotion, snapshot.verdict, snapshot.faces)
    source = phrases.clean(snapshot.setting.source)
    title = Text().append("Genuine or fake? ", "bold").append(subject, "bold underline")
    if snapshot.recording:
        title.append("  ● recording", "bold")
    room = width - title.cell_len - 2
    end = Text(f"{source}, {snapshot.source_format}" if snapshot.source_format else source, "dim")
    end.truncate(max(0, room), overflow="ellipsis")
    return title.append(" " * max(2, width - title.cell_len - end.cell_len)).append_text(end)


def state_lines(snapshot: Snapshot, width: int) -> Lines:
    """Return the headline: filled badge and tall number, or empty badge and reason."""
    verdict = snapshot.verdict
    if verdict is None:
        return [_badge("○ waiting", "reverse").append(f"  {phrases.WAITING}"), Text(), Text()]
    phrase = phrases.state_phrase(verdict.state, phrases.clean(verdict.emotion))
    if verdict.p_genuine is None:
        head = _badge(f"○ {_name(verdict)}", "reverse").append(f"  {phrase}", "bold")
        reason = [Text(line, "italic") for line in _wrap(phrases.reason(verdict), width)[:2]]
        return [head, *reason, *[Text()] * (2 - len(reason))]
    return _judged_lines(verdict, verdict.p_genuine, phrase, width)


def _wrap(text: str, width: int) -> list[str]:
    """Wrap between words; 50 % is one word."""
    return [line.replace("\xa0", " ") for line in wrap(text.replace(" %", "\xa0%"), width)]


def _judged_lines(verdict: Verdict, p: float, phrase: str, width: int) -> Lines:
    colour = phrases.colour(p)
    head = _badge(f"● {_name(verdict)}", f"bold reverse {colour}")
    head.append(f"  {phrases.tendency(p)}", f"bold {colour}")
    rows = [head, Text(phrase), Text()]
    digits = big_digits.big_digit_rows(phrases.percent(p))
    room = width - len(digits[0]) - len("  genuine")
    if room < head.cell_len:  # the needle below has the number, too
        return rows
    for row, digit_row, unit in zip(rows, digits, ("", "", "genuine"), strict=True):
        row.truncate(room, overflow="ellipsis", pad=True)
        row.append(f" {digit_row} {unit:<7}", colour)
    return rows


def _badge(text: str, style: str) -> Text:
    return Text().append(f" {text} ", style)


def _name(verdict: Verdict) -> str:
    return verdict.state.value.replace("_", " ").upper()


def detail_lines(snapshot: Snapshot, width: int, strip: bool = True) -> Lines:
    """Return labelled lines: verdict so far, PB if `strip`, face and view, speed, person."""
    rows = {"so far": _run_verdict(snapshot)}
    if strip and _has_positions(snapshot):
        rows["PB"] = ""
    rows |= {
        "face": "none" if snapshot.face is None else phrases.tracking_line(snapshot.face),
        "view": "none"
        if snapshot.landmarks is None
        else phrases.view_quality_line(snapshot.landmarks.quality),
        "speed": _speed(snapshot),
        "frames": phrases.clean(phrases.frames_line(snapshot.counts)),
        "engine": _engine(snapshot),
    }
    if snapshot.landmarks is not None and snapshot.landmarks.expression is not None:
        rows["shows"] = phrases.expression_line(snapshot.landmarks.expression)
    if snapshot.person is not None:
        rows["person"] = phrases.person_line(snapshot.person, snapshot.setting.person)
    if snapshot.notice:
        rows["note"] = phrases.clean(snapshot.notice)
    lines = {
        label: Text().append(label.ljust(_LABEL), "dim").append(text)
        for label, text in rows.items()
    }
    if "PB" in lines:
        lines["PB"].append_text(pb_strip(pb_trail(snapshot.history), width - _LABEL))
    return list(lines.values())


def _profile(snapshot: Snapshot) -> Lines:
    if snapshot.profile is None:
        return []
    lines = [*table.table_lines(snapshot.profile), table.hints(snapshot.profile)[0]]
    return [Text(line, "dim" if number == 0 else "") for number, line in enumerate(lines)]


def _run_verdict(snapshot: Snapshot) -> str:
    """Return the run's verdict; without a current reading it shows no number."""
    if snapshot.run_verdict is None:
        return phrases.NOTHING_JUDGED
    judged = snapshot.verdict is not None and snapshot.verdict.p_genuine is not None
    return phrases.run_verdict_phrase(snapshot.run_verdict, number=judged)


def _speed(snapshot: Snapshot) -> str:
    rates, ages = snapshot.rates, snapshot.ages
    fps = f"{rates.captured_hz:.1f} frames/s in, {rates.processed_hz:.1f} out"
    if ages is None:
        return fps
    return f"{fps}; age of a reading p50 {ages.p50:.0f} ms, p95 {ages.p95:.0f} ms"


def _engine(snapshot: Snapshot) -> str:
    setting = snapshot.setting
    timing = f"{setting.window_s:g} s of movement every {setting.stride_s:g} s"
    return f"{phrases.engine(setting)}, {timing}"


def _keys(width: int) -> Text:
    """Return the keys and their meaning, as many as fit."""
    line = Text()
    for key, meaning in phrases.KEYS:
        if line.cell_len + len(f" {key}  {meaning}") > width:
            break
        line.append(f" {key} ", "reverse").append(f" {meaning}   ", "dim")
    return line
