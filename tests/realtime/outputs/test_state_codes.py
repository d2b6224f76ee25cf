from realtime.core.messages import State
from realtime.outputs.state_codes import STATE_CODES


def test_every_state_has_the_code_that_programs_know() -> None:
    assert set(STATE_CODES) == {state.value for state in State}
    assert list(STATE_CODES.values()) == list(range(9))
    assert (STATE_CODES["no_face"], STATE_CODES["judging"], STATE_CODES["settled"]) == (1, 6, 7)
