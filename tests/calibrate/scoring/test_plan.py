from dataclasses import replace
from pathlib import Path

from calibrate.scoring.inputs import ClipEntry
from calibrate.scoring.inspection import FileFacts
from calibrate.scoring.plan import ScoreOptions, ScorePlan, judged_emotion
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle

OPTIONS = ScoreOptions(DEFAULT_BUNDLE, "any", 60)


def plan_of(bundle: Bundle, *clips: tuple[str, str, str], **options: object) -> ScorePlan:
    """Return a plan of clips given as name, content and person."""
    entries = tuple(ClipEntry(Path(name), person, "fear") for name, _, person in clips)
    facts = {Path(name): FileFacts(content) for name, content, _ in clips}
    return ScorePlan(entries, facts, replace(OPTIONS, **options), bundle, "1.0")  # type: ignore[arg-type]


def test_a_content_is_recorded_once_whatever_its_names(bundle: Bundle) -> None:
    plan = plan_of(bundle, ("a", "1", "P"), ("b", "1", "P"), ("c", "2", "P"), ("d", "3", ""))
    assert [task.path.name for task in plan.record_tasks()] == ["a", "c"]
    person, stranger = plan.persons()
    assert len(plan.judge_task(person, {}).clips) == 2  # its twin tells nothing of a clip
    assert plan.judge_task(stranger, {}).path == Path("d")


def test_work_is_found_by_content_options_bundle_and_the_other_clips(bundle: Bundle) -> None:
    def key(plan: ScorePlan) -> str:
        return plan.judge_task(plan.persons()[0], {}).key

    one = plan_of(bundle, ("a", "1", "P"), ("b", "2", "P"))
    moved = plan_of(bundle, ("y/b", "2", "P"), ("x/a", "1", "P"))
    assert key(one) == key(moved)
    other = {
        key(one),
        key(plan_of(bundle, ("a", "1", "P"), ("b", "3", "P"))),
        key(plan_of(bundle, ("a", "1", "P"))),
        key(plan_of(bundle, ("a", "1", ""), ("b", "2", "P"))),
        key(plan_of(bundle, ("a", "1", "P"), ("b", "2", "P"), most_known=3)),
        key(plan_of(bundle, ("a", "1", "P"), ("b", "2", "P"), with_ticks=True)),
        key(replace(one, version="1.1")),
    }
    assert len(other) == 7


def test_an_unreadable_clip_is_in_no_task(bundle: Bundle) -> None:
    plan = plan_of(bundle, ("a", "1", "P"), ("b", "2", "P"))
    broken = {plan.recording_key(plan.entries[0]): "it broke off"}
    assert len(plan.judge_task(plan.persons()[0], broken).clips) == 1
    gone = replace(plan, facts={**plan.facts, Path("b"): FileFacts("", error="gone")})
    assert [task.path.name for task in gone.record_tasks()] == ["a"]


def test_an_emotion_without_data_is_judged_as_any(bundle: Bundle) -> None:
    asked = {name: judged_emotion(bundle, name).emotion for name in ("fear", "joy", "auto", "any")}
    assert asked == {"fear": "fear", "joy": "any", "auto": "any", "any": "any"}


def test_twenty_thousand_clips_are_planned_without_reading_one(bundle: Bundle) -> None:
    plan = plan_of(bundle, *((f"{n}.mp4", str(n), f"P{n % 400}") for n in range(20_000)))
    assert len(plan.record_tasks()) == 20_000
    assert sum(len(plan.judge_task(own, {}).clips) for own in plan.persons()) == 20_000
