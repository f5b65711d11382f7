"""Challenges: spent once, whoever races; found again by what they prove; swept when their day has passed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.parts.clock import Clock
from verification.mailbox.challenges import (
    Kind,
    Outcome,
    challenge_about,
    find_challenge,
    open_challenge,
    spend,
    spend_all_about,
    spend_instead,
    sweep_challenges,
)

ID, OTHER_ID, SUBJECT, OTHER_SUBJECT = (bytes([number]) * 16 for number in range(1, 5))
TODAY = Clock().now.date()


def test_a_challenge_is_found_as_it_was_opened(session: Session) -> None:
    open_challenge(session, ID, Kind.CONFIRM, SUBJECT, TODAY)
    challenge = find_challenge(session, ID)
    assert (challenge.id, challenge.kind, challenge.subject) == (ID, Kind.CONFIRM, SUBJECT)
    assert challenge.outcome is None
    assert challenge.shown_until is None
    assert find_challenge(session, OTHER_ID) is None


def test_spending_gives_the_subject_once_and_keeps_the_first_outcome(session: Session) -> None:
    open_challenge(session, ID, Kind.CONFIRM, SUBJECT, TODAY)
    assert spend(session, ID, Outcome.CONFIRMED, Clock().now) == SUBJECT
    assert spend(session, ID, Outcome.DECLINED) is None
    challenge = find_challenge(session, ID)
    assert challenge.outcome is Outcome.CONFIRMED
    assert challenge.shown_until == Clock().now


def test_spending_what_is_not_there_gives_nothing(session: Session) -> None:
    assert spend(session, ID, Outcome.CONFIRMED) is None


def test_racing_clicks_spend_a_challenge_once(engine: Engine) -> None:
    racers = 8
    start = Barrier(racers)
    with Session(engine) as session:
        open_challenge(session, ID, Kind.CONFIRM, SUBJECT, TODAY)
        session.commit()

    def click(_number: int) -> bytes | None:
        start.wait()
        with Session(engine) as session:
            subject = spend(session, ID, Outcome.CONFIRMED)
            session.commit()
        return subject

    with ThreadPoolExecutor(racers) as threads:
        won = [subject for subject in threads.map(click, range(racers)) if subject is not None]
    assert won == [SUBJECT]


def test_a_spent_challenge_can_be_corrected_by_who_spent_it(session: Session) -> None:
    open_challenge(session, ID, Kind.CONFIRM, SUBJECT, TODAY)
    spend(session, ID, Outcome.CONFIRMED, Clock().now)
    spend_instead(session, ID, Outcome.SUPERSEDED)
    challenge = find_challenge(session, ID)
    assert (challenge.outcome, challenge.shown_until) == (Outcome.SUPERSEDED, None)


def test_spending_all_about_some_subjects_leaves_others_and_earlier_outcomes(session: Session) -> None:
    third = bytes([9]) * 16
    open_challenge(session, ID, Kind.CONFIRM, SUBJECT, TODAY)
    open_challenge(session, OTHER_ID, Kind.CONFIRM, OTHER_SUBJECT, TODAY)
    open_challenge(session, third, Kind.CONFIRM, SUBJECT, TODAY)
    spend(session, third, Outcome.DECLINED)
    spend_all_about(session, [SUBJECT], Outcome.SUPERSEDED)
    outcomes = [find_challenge(session, id).outcome for id in (ID, OTHER_ID, third)]
    assert outcomes == [Outcome.SUPERSEDED, None, Outcome.DECLINED]


def test_an_open_challenge_is_found_by_its_subject_until_it_is_spent(session: Session) -> None:
    open_challenge(session, ID, Kind.MANAGE, SUBJECT, None)
    assert challenge_about(session, Kind.MANAGE, SUBJECT).id == ID
    assert challenge_about(session, Kind.CONFIRM, SUBJECT) is None
    spend(session, ID, Outcome.WITHDRAWN)
    assert challenge_about(session, Kind.MANAGE, SUBJECT) is None


def test_sweeping_takes_what_expired_before_today_and_forgets_shown_links(session: Session, clock: Clock) -> None:
    yesterday = TODAY - timedelta(days=1)
    open_challenge(session, ID, Kind.CONFIRM, SUBJECT, yesterday)
    open_challenge(session, OTHER_ID, Kind.CONFIRM, OTHER_SUBJECT, TODAY)
    spend(session, OTHER_ID, Outcome.CONFIRMED, clock.now)
    lasting = bytes([9]) * 16
    open_challenge(session, lasting, Kind.MANAGE, SUBJECT, None)
    sweep_challenges(session, clock.now)
    assert find_challenge(session, ID) is None
    assert find_challenge(session, lasting) is not None
    assert find_challenge(session, OTHER_ID).shown_until is None


def test_sweeping_leaves_a_link_that_is_still_shown(session: Session, clock: Clock) -> None:
    open_challenge(session, ID, Kind.CONFIRM, SUBJECT, TODAY)
    until = clock.now + timedelta(minutes=15)
    spend(session, ID, Outcome.CONFIRMED, until)
    sweep_challenges(session, clock.now)
    assert find_challenge(session, ID).shown_until == until


@pytest.mark.parametrize(
    ("id", "expires_on"), [(b"short", TODAY), (bytes(17), TODAY), (ID, None)], ids=["short", "long", "without a day"]
)
def test_the_database_refuses_an_impossible_challenge(session: Session, id: bytes, expires_on: None) -> None:
    with pytest.raises(IntegrityError):
        open_challenge(session, id, Kind.CONFIRM, SUBJECT, expires_on)
