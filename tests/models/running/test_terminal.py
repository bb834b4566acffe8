import io
import json
import sys

import pytest

from models.running.terminal import answer, progress_bar, run_command


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_each_stage_with_its_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar() as progress:
        progress("reading items", 1, 2)
        progress("settling", 0, 4)
        progress("settling", 1, 4)
    shown = terminal.getvalue()
    assert "reading items" in shown
    assert "1/4" in shown
    assert "left" in shown


def test_a_pipe_sees_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as progress:
        progress("reading items", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_an_answer_is_a_sentence_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    answer("Wrote 3 rows.", {"rows": 3}, as_json=False)
    answer("Wrote 3 rows.", {"rows": 3}, as_json=True)
    sentence, _, rest = capsys.readouterr().out.partition("\n")
    assert sentence == "Wrote 3 rows."
    assert json.loads(rest) == {"rows": 3}


def test_an_argument_that_is_no_text_is_refused_in_a_sentence_and_other_faults_keep_their_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["abonement", "show", "--customer", "\udcff\udcfe"])
    with pytest.raises(SystemExit) as left:
        run_command(sys.argv[3].encode)
    assert left.value.code == 2
    told = "Expected arguments in UTF-8, got '\\udcff\\udcfe': surrogates not allowed. Write it anew.\n"
    assert capsys.readouterr().err == told

    monkeypatch.setattr(sys, "argv", ["abonement", "show"])
    with pytest.raises(UnicodeEncodeError):
        run_command("\udcff".encode)
