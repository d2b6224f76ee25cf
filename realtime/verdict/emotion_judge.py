"""What one emotion makes of a movement: its evidence, its trees, its probability."""

from __future__ import annotations

from collections.abc import Mapping

from realtime.core.messages import Estimate, Floats, PersonStatus, State
from realtime.core.snapshot import RunVerdict
from realtime.verdict.booster import ScoreModel
from realtime.verdict.calibration import CalibrationByExperience, PlattScaling
from realtime.verdict.features import FeatureExtractor
from realtime.verdict.prototypes import Prototypes
from realtime.verdict.reading import Reading
from realtime.verdict.run_average import RunAverage


class EmotionJudge:
    """Judges movement as one emotion, by the estimates of its `networks`. Owned by the recognition thread.

    `prototypes` are those of one more network that its map and its ghosts are drawn with; None in a bundle without.
    """

    def __init__(
        self,
        emotion: str,
        networks: tuple[str, ...],
        features: FeatureExtractor,
        booster: ScoreModel,
        calibration: CalibrationByExperience | PlattScaling,
        stride_s: float,
        prototypes: Prototypes | None = None,
    ) -> None:
        self.emotion, self.networks, self.prototypes = emotion, networks, prototypes
        self._evidence, self._booster = features, booster
        self._maps = (
            calibration
            if isinstance(calibration, CalibrationByExperience)
            else CalibrationByExperience(((0, calibration),))
        )
        self._probability = self._maps.at(0)
        self._whole = RunAverage(
            PlattScaling(1.0, 0.0, self._probability.abstain_margin), stride_s
        )  # log odds need no further map
        self._inputs: Floats | None = None
        self._person = PersonStatus()
        self._expression = 0  # the so many-th of theirs that is heard

    @property
    def bias(self) -> float:
        """The person's level, as far as it is known."""
        return self._evidence.bias.shrunk

    @property
    def mean_bias(self) -> tuple[float, float]:
        """The level as it was seen, and the expressions that it rests on."""
        return self._evidence.bias.mean

    @property
    def confirmed_bias(self) -> tuple[float, float]:
        """Of that what is surely of the person who is expected."""
        return self._evidence.bias.confirmed

    def set_person(self, person: PersonStatus) -> None:
        """Switch to `person`, as tracked at this tick; every tick calls this before `observe`."""
        bias = self._evidence.bias
        if person.person_id != self._person.person_id:
            self.end_expression()
            bias.reset(expected=person.is_expected)
        if person.is_expected:
            bias.confirm(person.confirmed_expressions)
        self._person = person
        self._probability = self._maps.at(person.known_expressions, person.is_expected)

    def observe(self, estimates: Mapping[str, Estimate]) -> None:
        """Take in a tick, whether or not it will be asked about it: the person's level comes out of all of them."""
        if all(network in estimates for network in self.networks):
            self._expression = (
                self._person.known_expressions + 1
            )  # not yet counted: where the face is lost, that comes after its end
            self._inputs = self._evidence.features(
                [estimates[network] for network in self.networks]
            )

    def read(self, estimates: Mapping[str, Estimate]) -> Reading:
        """What it makes of the tick that it heard last."""
        assert self._inputs is not None, "hear comes before read"
        mine = tuple(estimates[network] for network in self.networks)
        score = self._booster.score(self._inputs)
        p_genuine = self._probability.p_genuine(score)
        place = self._place(estimates)
        if self._probability.is_uncertain(p_genuine):
            reason = "too close to even odds to call"
            return Reading(
                State.UNCERTAIN, reason, None, score, mine, self.emotion, pb_position=place
            )
        state = State.SETTLED if all(estimate.settled for estimate in mine) else State.JUDGING
        return Reading(state, "", p_genuine, score, mine, self.emotion, pb_position=place)

    def record(self, reading: Reading) -> None:
        """A reading of it was said: it belongs to the verdict on everything."""
        self._whole.add(
            reading.state,
            None if reading.score is None else self._probability.log_odds(reading.score),
        )

    def end_expression(self) -> None:
        """The movement is over."""
        self._inputs = None
        self._evidence.end_expression(self._expression)

    def run_verdict(self) -> RunVerdict:
        """The verdict on everything that was said so far."""
        return self._whole.verdict()

    def _place(self, estimates: Mapping[str, Estimate]) -> tuple[float, float] | None:
        if self.prototypes is None or self.prototypes.network not in estimates:
            return None
        return self.prototypes.position(estimates[self.prototypes.network].pb)
