from engines.errors import EngineInputError, GaugeError


def test_a_message_is_one_line_without_control_characters() -> None:
    assert str(GaugeError("no file\n  a\x1b[2J; name another")) == "no file a?[2J; name another"


def test_an_input_error_is_a_value_error() -> None:
    assert issubclass(EngineInputError, ValueError)
