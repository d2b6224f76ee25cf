"""The verdict stage: one tick in, one reading out. Owned by the recognition thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engines.engine import Progress, no_progress
from realtime.core.labels import ALL, ANY, AUTO
from realtime.core.messages import Estimate, PersonStatus, State, Tick, ViewQuality, Window
from realtime.core.snapshot import Ghosts, RunVerdict
from realtime.core.tracing import NO_TRACING, RECOGNITION, VERDICT, Tracer
from realtime.recognition.recogniser import RecogniserSet
from realtime.verdict.emotion_fit import EmotionErrors, EmotionSelector, best_emotion, emotion_of
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.gate import Gate
from realtime.verdict.prototypes import GhostPlayer
from realtime.verdict.reading import Reading


class Judge:
    """Gate, recognition, evidence, booster, probability, in that order, for the emotion that is asked about.

    `opinions` are by the names that can be asked, `any` among them where `all` or `auto` may be; one whose emotion has
    another name only lends its voice. `all` reads every one and lets `any` speak first, `auto` follows the emotion
    whose own network predicts the movement best.
    """

    def __init__(
        self,
        emotion: str,
        gate: Gate,
        recognisers: RecogniserSet,
        judges: Mapping[str, EmotionJudge],
        player: GhostPlayer | None = None,
        tracer: Tracer = NO_TRACING,
    ) -> None:
        self._gate, self._recognisers, self._player, self._spans = gate, recognisers, player, tracer
        self._opinions = dict(judges)
        self._everyone = tuple(name for name, opinion in judges.items() if opinion.emotion == name)
        self._fits, self._lead = EmotionErrors(), EmotionSelector()
        self._expressing = False
        self._person_id = 0
        self._said: dict[str, None] = {}  # the emotions that spoke, in order
        self.show_ghosts = False
        self.set_emotion(emotion)

    def set_emotion(self, emotion: str) -> None:
        """From now on `emotion` is asked about: one of the opinions', `all` or `auto`. The movement begins anew."""
        self.emotion = emotion
        self._running = self._networks()
        self._end()

    def warm_up(self, progress: Progress = no_progress) -> None:
        """Whatever the first verdict would wait for happens here; `tell` is given a line on what takes long."""
        self._recognisers.warm_up(progress)

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
        if tick.signal:
            self._set_person(tick.person)
        refused = self._gate.refuse(tick, self._expressing)
        self._expressing = refused is None
        if refused is None and tick.window is not None:
            reading = self._judged(tick.window, tick.frame)
        else:
            self._end()
            reading = self._silent(*(refused or (State.WARMING_UP, "no window yet")))
        self._take(reading)
        return reading

    def is_clear_view(self, quality: ViewQuality, psr: float) -> bool:
        """Whether the view is good enough to learn anything from. Any thread may ask."""
        return not self._gate.poor_view(quality, psr)

    @property
    def bias(self) -> tuple[float, float]:
        """The person's level and the expressions that it rests on; final once the recognition thread has ended."""
        return self._opinions[self._first()].mean_bias

    @property
    def confirmed_bias(self) -> tuple[float, float]:
        """As `level`, but what is surely of the person who is expected."""
        return self._opinions[self._first()].confirmed_bias

    def run_verdict(self) -> RunVerdict:
        """The verdict on everything so far of the emotion that speaks first."""
        return self._opinions[self._first()].run_verdict()

    def run_verdicts(self) -> dict[str, RunVerdict]:
        """The verdict on everything so far, of each emotion that spoke."""
        if not self._said:
            return {self.emotion: self.run_verdict()}
        return {name: self._opinions[name].run_verdict() for name in self._said}

    def _first(self) -> str:
        """Who speaks for what is asked."""
        if self.emotion == AUTO and self._lead.emotion is not None:
            return self._lead.emotion
        return ANY if self.emotion in (ALL, AUTO) else self.emotion

    def _silent(self, state: State, reason: str) -> Reading:
        """Nothing to judge. Under `auto` nobody is followed then, and the reading is of what was asked."""
        first = AUTO if self.emotion == AUTO else self._first()
        rows = (
            tuple(Reading(state, reason, emotion=name) for name in self._everyone)
            if self.emotion == ALL
            else ()
        )
        return Reading(state, reason, emotion=first, rows=rows)

    def _take(self, reading: Reading) -> None:
        """What was said belongs to the verdict on everything; a silent `auto` is nobody's but `any`'s."""
        for said in reading.rows or (reading,):
            if said.emotion != AUTO:
                self._said[said.emotion] = None
            self._opinions[ANY if said.emotion == AUTO else said.emotion].record(said)

    def _judged(self, window: Window, frame: int) -> Reading:
        with self._spans.span(RECOGNITION, frame):
            estimates = self._recognisers.tick_subset(window, self._running)
        with self._spans.span(VERDICT, frame):
            self._fits.add(window, estimates)
            misfits = self._fits.mean_errors()
            self._lead.select(misfits)
            for opinion in self._opinions.values():
                opinion.observe(estimates)
            first = self._read(self._first(), estimates, misfits)
            rows = (
                [self._read(name, estimates, misfits) for name in self._everyone]
                if self.emotion == ALL
                else []
            )
            return replace(first, rows=tuple(rows), ghosts=self._ghosts(window))

    def _read(
        self, name: str, estimates: Mapping[str, Estimate], misfits: Mapping[str, float]
    ) -> Reading:
        opinion = self._opinions[name]
        reading = replace(opinion.read(estimates), emotion=name)
        misfit = misfits.get(opinion.emotion)
        other = self._gate.other_emotion(opinion.emotion, misfit, best_emotion(misfits))
        if other:
            state = State.OTHER_EMOTION
            return Reading(
                state,
                other,
                emotion=name,
                prediction_error=misfit,
                pb_position=reading.pb_position,
                estimates=reading.estimates,
            )
        return replace(reading, prediction_error=misfit)

    def _ghosts(self, window: Window) -> Ghosts | None:
        prototypes = self._opinions[self._first()].prototypes
        if not self.show_ghosts or self._player is None or prototypes is None:
            return None
        return self._player.ghosts(self._recognisers, prototypes, window)

    def _networks(self) -> frozenset[str]:
        """The networks that must run for what is asked: those that speak, and those whose fit is compared."""
        asked = self._everyone if self.emotion in (ALL, AUTO) else (self.emotion,)
        names = {network for name in asked for network in self._opinions[name].networks}
        names |= {shown.network for name in asked if (shown := self._opinions[name].prototypes)}
        if self.emotion in (ALL, AUTO) or self._gate.prediction_error_max:
            names |= {network for network in self._recognisers.names if emotion_of(network) != ANY}
        return frozenset(names)

    def _set_person(self, person: PersonStatus) -> None:
        """End the current expression at a person change, and pass the status on to every emotion."""
        if person.person_id != self._person_id:
            self._end()
        self._person_id = person.person_id
        for opinion in self._opinions.values():
            opinion.set_person(person)

    def _end(self) -> None:
        """The movement is over."""
        self._recognisers.reset()
        self._fits.reset()
        self._lead.reset()
        for opinion in self._opinions.values():
            opinion.end_expression()
