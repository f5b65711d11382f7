"""A warm server, where every process has kept pages with names, shows none of them two seconds after the command."""

import time
from contextlib import closing

from tests.faults.processes import Answer, Command, Visitor, Web
from tests.parts.campaign import Campaign

NAME, PSEUDONYM, FIRST = "Printed Example", "name pseudonym", "first-signatories"
WITHIN = 2.0


def pages(campaign: Campaign) -> list[str]:
    letter = f"/en/letters/{campaign.slug}"
    return [letter, f"{letter}/signatories", f"{letter}/signatories?q=printed", f"/letters/{campaign.slug}/signatories"]


def ask_all(web: Web, paths: list[str], times: int, **headers: str) -> list[Answer]:
    """Ask for every page, each time over a connection of its own, so that each process answers some."""
    answers = []
    for _time in range(times):
        with closing(Visitor(web.url, headers)) as visitor:
            answers += [visitor.get(path) for path in paths]
    return answers


def shows_somebody(answer: Answer) -> bool:
    return any(word.encode() in answer.body for word in (NAME, PSEUDONYM, FIRST))


def test_no_process_serves_a_name_two_seconds_after_a_lockdown(campaign: Campaign, web: Web, command: Command) -> None:
    campaign.join(1, display="named", name=f"{NAME} 1")
    campaign.join(2, display="pseudonym")
    campaign.release()
    web.start()
    paths = pages(campaign)
    warm = ask_all(web, paths, 12)
    assert all(answer.status == 200 and shows_somebody(answer) for answer in warm)
    etags = {answer.headers["etag"] for answer in warm if "etag" in answer.headers}

    assert command("lockdown", campaign.slug, "--yes").returncode == 0
    time.sleep(WITHIN)

    for answer in ask_all(web, paths, 12):
        assert answer.status == 200
        assert not shows_somebody(answer)
        assert b"notice-warning" in answer.body
    again = ask_all(web, paths, 6, **{"If-None-Match": ", ".join(sorted(etags))})
    assert {answer.status for answer in again} == {200}
    assert not any(map(shows_somebody, again))


def test_no_process_serves_a_letter_two_seconds_after_it_was_taken_down(
    campaign: Campaign, web: Web, command: Command
) -> None:
    campaign.join(1, display="named", name=f"{NAME} 1")
    campaign.release()
    web.start()
    paths = [*pages(campaign), f"/letters/{campaign.slug}/badge.svg", f"/api/v1/letters/{campaign.slug}/count"]
    assert {answer.status for answer in ask_all(web, paths, 12)} == {200}

    assert command("letter", "takedown", campaign.slug, "--reason", "An example").returncode == 0
    time.sleep(WITHIN)

    answers = ask_all(web, paths, 12)
    assert {answer.status for answer in answers} == {410}
    assert all(b"An example" in answer.body for answer in answers)
