"""Several faces through the threads of the pipeline, with doubles at both ends."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fake_pipeline import SETTING, BrightnessReader, frames, gauge_of, grown_booster, wait_for

from realtime.core.clock import SystemClock
from realtime.core.messages import Frame, Verdict
from realtime.runtime.gauge_group import GaugeGroup, Seen
from realtime.runtime.pipeline import Pipeline
from realtime.testing.fake_camera import FakeCamera
from realtime.verdict.booster import ScoreModel


@pytest.fixture(scope="module")
def booster() -> ScoreModel:
    return grown_booster()


class TestSeveralFaces:
    """Two faces, of which the second is there in bright pictures only."""

    class Reader:
        def read(self, frame: Frame) -> tuple[Seen | None, ...]:
            one = BrightnessReader().read(frame)
            return one, (one if frame.image[0, 0, 0] > 100 else None)

    @pytest.fixture
    def verdicts(self) -> list[Verdict]:
        return []

    def run(self, booster: ScoreModel, verdicts: list[Verdict], levels: list[int]) -> Pipeline:
        gauges = [gauge_of(BrightnessReader(), booster, lambda: None) for _ in range(2)]
        pipeline = Pipeline(
            SETTING,
            FakeCamera(frames(levels), clock := SystemClock()),
            GaugeGroup(gauges, self.Reader()),
            clock,
            lossless=True,
            on_verdict=verdicts.append,
        )
        pipeline.start()
        wait_for(lambda: not pipeline.running)
        assert pipeline.stop() == []
        pipeline.raise_failure()
        return pipeline

    def test_all_faces_of_a_tick_are_published_together(
        self, booster: ScoreModel, verdicts: list[Verdict]
    ) -> None:
        pipeline = self.run(booster, verdicts, [50] * 60 + [200] * 60)
        ticks = [
            [each.face for each in verdicts if each.at_s == at_s]
            for at_s in sorted({each.at_s for each in verdicts})
        ]
        assert [1] in ticks
        assert [1, 2] in ticks
        assert ticks == sorted(ticks)
        for one, other in pairwise(verdicts):
            if one.at_s == other.at_s:
                assert one.age_ms == other.age_ms
        snapshot = pipeline.snapshot()
        assert [face.id for face in snapshot.faces] == [1, 2]
        assert set(pipeline.face_verdicts()) == {1, 2}

    def test_every_face_takes_the_next_emotion_and_a_new_neutral(
        self, booster: ScoreModel, verdicts: list[Verdict]
    ) -> None:
        pipeline = self.run(booster, verdicts, [200])
        pipeline.set_emotion("any")
        pipeline.reset_neutral()
        pipeline.show_ghosts(True)
        pipeline._counter.count_captured()
        pipeline._process_frame(frames([200] * 20)[-1])
        pipeline._change_emotion()
        for gauge in pipeline._gauges.gauges:
            assert gauge.judge.emotion == "any"
            assert gauge.judge.show_ghosts
            assert gauge.motion.person.person_id == 1
