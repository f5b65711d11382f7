"""What organisers see and do when they let a journalist check."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from letters.models.teams import Role
from letters.organising.accounts.sessions import STRONG
from letters.organising.sampling.announcing import FEWEST
from tests.letters.organising.sampling.asked import WITNESS, Desk, sample_desk
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

FORM: dict[str, Any] = {
    "journalist": "Vera Example",
    "outlet": "Example Weekly",
    "wanted": "5",
    "source": "Example lottery of Saturday, main numbers",
    "witness": "",
}
BEACON = "3 14 15 92 65"


def announced(desk: Desk, **changes: Any) -> TestResponse:
    return desk.post("samples", **{**FORM, **changes})


def step(desk: Desk, name: str, **form: Any) -> TestResponse:
    return desk.post("samples/1", step=name, **form)


def wait(desk: Desk) -> None:
    """Until password and second factor are asked for again."""
    clock = desk.runtime.clock
    assert isinstance(clock, Clock)
    clock.now += STRONG + timedelta(seconds=1)


def test_from_the_announcement_to_the_result(desk: Desk) -> None:
    assert "24 counted signers have agreed to be asked." in desk.get("samples").text
    went = announced(desk)
    assert (went.status_code, went.location) == (303, desk.path("samples/1"))
    page = desk.get("samples/1")
    for told in ("Vera Example", "Example lottery of Saturday, main numbers", desk.sample().frame_hash.hex()):
        assert told in page.text
    assert step(desk, "draw", beacon=BEACON).status_code == 303
    page = desk.get("samples/1")
    assert BEACON in page.text
    assert "5 were drawn, and 5 of them still stood and agreed." in page.text
    file = desk.post("samples/1/open", form="names")
    assert file.text.count("@example.org") == 5
    assert file.headers["Content-Disposition"] == 'attachment; filename="sample-5.csv"'
    assert file.headers["Cache-Control"] == "no-store"
    assert step(desk, "report", confirmed=" 4 ").status_code == 303
    page = desk.get("samples/1")
    assert "5 drawn, 4 confirmed, so with 95% confidence at most 65.8% of those" in page.text
    acts = [act for act, _count in desk.acts()]
    assert acts == ["sample-announced", "sample-drawn", "sample-opened", "sample-reported"]


def test_readers_see_each_step_on_the_pages_of_the_count_and_the_log(desk: Desk) -> None:
    steps: list[tuple[Callable[[], TestResponse], str]] = [
        (lambda: announced(desk), "Nobody has been drawn yet."),
        (lambda: step(desk, "draw", beacon=BEACON), "The journalist is asking them."),
        (lambda: step(desk, "report", confirmed="5"), "5 drawn, 5 confirmed"),
    ]
    pages = [f"/en/letters/{desk.slug}/{page}" for page in ("count", "log")]
    assert [page for page in pages if "Checked by journalists" in desk.organiser.get(page).text] == []
    for take, told in steps:
        assert take().status_code == 303
        assert [page for page in pages if told not in desk.organiser.get(page).text] == []


def test_the_list_of_candidates_names_nobody(desk: Desk) -> None:
    announced(desk)
    file = desk.get("samples/1/candidates")
    lines = file.text.splitlines()
    assert len(lines) == 24
    assert lines == sorted(lines)
    assert all(re.fullmatch("[0-9a-f]{64}", line) for line in lines)
    assert bytes.fromhex("".join(lines)) == desk.sample().frame
    assert file.headers["Content-Disposition"] == 'attachment; filename="candidates-24.txt"'
    step(desk, "drop")
    assert "This sample has ended already." in desk.get("samples/1/candidates").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"journalist": "x" * 101}, "Please write the journalist’s name and the outlet"),
        ({"wanted": "0"}, "a whole number from 1 to 300"),
        ({"wanted": "13"}, "At most half of those who agreed may be drawn"),
        ({"source": ""}, "Please say where the drawing value will come from"),
        ({"witness": "nobody.example"}, "Please say where the drawing value will come from"),
    ],
)
def test_a_refused_announcement_comes_back_with_what_was_typed(desk: Desk, changes: dict[str, Any], said: str) -> None:
    page = announced(desk, **changes)
    assert (page.status_code, said in page.text) == (422, True)
    for name, typed in {**FORM, **changes}.items():
        assert name == "witness" or f'name="{name}" type="text" value="{typed}"' in page.text
    assert desk.acts() == []


def test_where_few_agree_the_reason_is_told(organiser: Organiser, mail_server: MailServer) -> None:
    desk = sample_desk(organiser, mail_server)
    desk.willing(range(1, 3))
    desk.release()
    assert f"It takes at least {FEWEST}" in desk.get("samples").text
    page = announced(desk)
    assert (page.status_code, "At least 20 counted signers have to agree" in page.text) == (422, True)


def test_while_one_is_open_no_other_is_announced(desk: Desk) -> None:
    announced(desk)
    page = desk.get("samples")
    assert "One check at a time" in page.text
    assert 'name="journalist"' not in page.text
    assert announced(desk).status_code == 422


def test_a_witness_draws_by_itself(desk: Desk) -> None:
    desk.cosign()
    assert f'value="{WITNESS}"' in desk.get("samples").text
    announced(desk, witness=WITNESS, source="")
    page = desk.get("samples/1")
    assert "It waits for the first cosignature of witness.example.org" in page.text
    assert 'value="draw"' not in page.text
    assert "has not cosigned a later head" in step(desk, "draw").text
    desk.willing(range(30, 32))
    desk.release()
    desk.cosign("\u2014 witness.example.org BBBB")
    assert "\u2014 witness.example.org BBBB" in desk.get("samples/1").text
    assert step(desk, "draw").status_code == 303
    assert desk.sample().beacon == "\u2014 witness.example.org BBBB"


def test_refused_steps_say_why(desk: Desk) -> None:
    announced(desk)
    assert "Please write the drawing value in one line" in step(desk, "draw", beacon="").text
    assert "This sample is not drawn yet" in step(desk, "report", confirmed="5").text
    assert "This sample is not drawn yet" in desk.post("samples/1/open", form="names").text
    step(desk, "draw", beacon=BEACON)
    assert "was drawn already" in step(desk, "draw", beacon="another").text
    page = step(desk, "report", confirmed="6")
    assert (page.status_code, 'value="6"' in page.text) == (422, True)
    assert step(desk, "nonsense").status_code == 400
    assert desk.post("samples/1/open", form="nonsense").status_code == 400


def test_a_sample_that_is_given_up_stays_on_the_list(desk: Desk) -> None:
    announced(desk)
    assert step(desk, "drop").status_code == 303
    page = desk.get("samples")
    assert "given up" in page.text
    assert 'name="journalist"' in page.text


def test_whatever_is_done_asks_for_password_and_second_factor_again(desk: Desk) -> None:
    announced(desk)
    step(desk, "draw", beacon=BEACON)
    wait(desk)
    for page in (
        desk.get("samples/1/open"),
        desk.post("samples/1/open", form="names"),
        step(desk, "report", confirmed="5"),
        announced(desk),
    ):
        assert "again_password" in page.text
        assert "@example.org" not in page.text.replace(desk.organiser.address, "")
    again: dict[str, Any] = desk.organiser.again()
    file = desk.post("samples/1/open", form="names", **again)
    assert file.text.count("@example.org") == 5


def test_an_editor_announces_but_opens_only_with_a_key(desk: Desk) -> None:
    editor = desk.organiser.colleague(Role.EDITOR)
    assert desk.post("samples", who=editor, **FORM).status_code == 303
    assert desk.post("samples/1", who=editor, step="draw", beacon=BEACON).status_code == 303
    posted = [desk.post("samples/1/open", who=editor, form=form) for form in ("names", "sealed", "proofs")]
    for page in (desk.get("samples/1/open", who=editor), *posted):
        assert "Your account cannot open the names" in page.text
        assert "Content-Disposition" not in page.headers
    assert desk.acts()[-1] == ("sample-drawn", 5)
    assert desk.post("samples/1/open", form="names").text.count("@example.org") == 5


def test_a_reviewer_sees_no_samples(desk: Desk) -> None:
    reviewer = desk.organiser.colleague(Role.REVIEWER)
    announced(desk)
    for page in ("samples", "samples/1", "samples/1/candidates", "samples/1/open"):
        assert desk.get(page, who=reviewer).status_code == 403
    assert "samples" not in desk.get("", who=reviewer).text


def test_a_sample_that_was_never_announced_is_not_found(desk: Desk) -> None:
    for page in ("samples/1", "samples/1/candidates", "samples/1/open"):
        assert desk.get(page).status_code == 404
    assert step(desk, "draw", beacon=BEACON).status_code == 404
    assert desk.post("samples/1/open", form="names").status_code == 404


def test_of_a_sealed_letter_two_files_are_handed_over(organiser: Organiser, mail_server: MailServer) -> None:
    desk = sample_desk(organiser, mail_server, custody="offline")
    desk.willing(range(1, 22))
    desk.release()
    announced(desk)
    step(desk, "draw", beacon=BEACON)
    page = desk.get("samples/1/open")
    assert "undersigned unseal sealed-5.jsonl" in page.text
    assert 'value="names"' not in page.text
    assert "is not on this server" in desk.post("samples/1/open", form="names").text
    assert len(desk.post("samples/1/open", form="sealed").text.splitlines()) == 6
    assert len(desk.post("samples/1/open", form="proofs").text.splitlines()) == 6


def test_under_lockdown_the_pages_say_so_and_open_nothing(desk: Desk) -> None:
    announced(desk)
    step(desk, "draw", beacon=BEACON)
    desk.letter_row(locked_on=desk.runtime.clock().date())
    for page in ("samples", "samples/1", "samples/1/open", "samples/1/candidates"):
        assert "The letter is under lockdown" in desk.get(page).text
    answer = desk.post("samples/1/open", form="names")
    assert (answer.status_code, "The letter is under lockdown" in answer.text) == (422, True)
    assert "@example.org" not in answer.text.replace(desk.organiser.address, "")
