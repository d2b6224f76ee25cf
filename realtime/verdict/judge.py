"""The verdict stage: one tick in, one verdict out. Owned by the recognition thread."""

from __future__ import annotations

from dataclasses import dataclass

from engines.engine import Tell, untold
from realtime.recognition.refine import Recognisers
from realtime.snapshot import Overall
from realtime.values import Estimate, Quality, State, Tick, Verdict
from realtime.verdict.booster import Booster
from realtime.verdict.evidence import Evidence
from realtime.verdict.gate import Gate
from realtime.verdict.probability import Platt
from realtime.verdict.whole import Whole


@dataclass(frozen=True, slots=True)
class Reading:
    """A verdict without its age: what the tick says, by the networks' estimates (empty where nothing was judged)."""

    state: State
    reason: str
    p_genuine: float | None = None
    score: float | None = None
    estimates: tuple[Estimate, ...] = ()


class Judge:
    """Judges one emotion: gate, recognition, evidence, booster, probability, in that order."""

    def __init__(
        self,
        emotion: str,
        gate: Gate,
        recognisers: Recognisers,
        evidence: Evidence,
        booster: Booster,
        probability: Platt,
        stride_s: float,
    ) -> None:
        self.emotion = emotion
        self._gate = gate
        self._recognisers = recognisers
        self._evidence = evidence
        self._booster = booster
        self._probability = probability
        self._whole = Whole(probability, stride_s)
        self._expressing = False
        self._person = 0

    def warm_up(self, tell: Tell = untold) -> None:
        """Whatever the first verdict would wait for happens here; `tell` is given a line on what takes long."""
        self._recognisers.warm_up(tell)

    def close(self) -> None:
        """Give back what the engines hold."""
        self._recognisers.close()

    @property
    def steps(self) -> int:
        """Recognition steps a tick."""
        return self._recognisers.steps

    @steps.setter
    def steps(self, steps: int) -> None:
        self._recognisers.steps = steps

    def read(self, tick: Tick) -> Reading:
        """Judge `tick`, or say why not."""
        self._meet(tick)
        refused = self._gate.before(tick, self._expressing)
        self._expressing = refused is None
        if refused is not None or tick.window is None:
            self._recognisers.reset()
            self._evidence.ended()
            reading = Reading(*(refused or (State.WARMING_UP, "no window yet")))
        else:
            reading = self._judged(self._recognisers.tick(tick.window))
        self._whole.add(reading.state, reading.score)
        return reading

    def clear(self, quality: Quality) -> bool:
        """Whether the view is good enough to learn anything from. Any thread may ask."""
        return not self._gate.poor_view(quality)

    def overall(self) -> Overall:
        """The verdict on everything so far."""
        return self._whole.overall()

    def _meet(self, tick: Tick) -> None:
        """Nothing of one person is held against the next."""
        if tick.person != self._person and tick.signal:
            self._recognisers.reset()
            self._evidence.ended()
            self._evidence.level.forget()
            self._person = tick.person

    def _judged(self, estimates: tuple[Estimate, ...]) -> Reading:
        score = self._booster.score(self._evidence.inputs(estimates))
        p_genuine = self._probability.p_genuine(score)
        if self._probability.uncertain(p_genuine):
            return Reading(State.UNCERTAIN, "too close to even odds to call", None, score, estimates)
        settled = all(estimate.settled for estimate in estimates)
        return Reading(State.SETTLED if settled else State.JUDGING, "", p_genuine, score, estimates)


def verdict(emotion: str, tick: Tick, reading: Reading, now_s: float) -> Verdict:
    """The reading of `tick` as it leaves the pipeline at `now_s` (monotonic)."""
    face, estimates = tick.face, reading.estimates
    speeds = [estimate.pb_speed for estimate in estimates if estimate.pb_speed is not None]
    return Verdict(
        at_s=tick.at_s,
        frame=tick.frame,
        emotion=emotion,
        state=reading.state,
        p_genuine=reading.p_genuine,
        reason=reading.reason,
        age_ms=max(0.0, (now_s - tick.read_at_s) * 1e3),
        loss=sum(estimate.loss for estimate in estimates) / len(estimates) if estimates else None,
        pb_speed=sum(speeds) / len(speeds) if speeds else None,
        box_px=face.box_px if face else None,
        psr=face.psr if face else None,
    )
