"""Signers who click again and again, all at once."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing

from sqlalchemy import func, select

from letters.models.signatures import SignatureRow, SignatureState
from letters.runtime import Runtime
from tests.faults.measured import Measure
from tests.faults.processes import Command, Visitor, Web, at_once, await_that, form_of, links_by_address, person
from tests.parts.campaign import Campaign

CLICKS, THREADS = 5, 16


def test_each_signature_counts_once_however_often_it_is_clicked(
    campaign: Campaign,
    web: Web,
    command: Command,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    signers, slug = repetitions(50, 200), campaign.slug
    web.start()
    form, people = form_of(web.url, slug), [person(number) for number in range(signers)]
    signed = at_once(
        web.url, THREADS, people, lambda visitor, who: visitor.post(f"/letters/{slug}/sign", {**form, **who}).status
    )
    campaign.send_mail()
    links = links_by_address(campaign.mail_server.accepted)
    clicks = [link for received in links.values() for link in received for _ in range(CLICKS)]
    clicked = at_once(web.url, THREADS, clicks, lambda visitor, link: visitor.post(link, {}).status)

    release = command("editions", "release", slug, "--now")
    recount = command("recount", slug)
    await_that(lambda: count_of(web.url, slug)["edition"] == 1, 5, lambda: release.stdout + release.stderr)

    assert (Counter(signed), Counter(clicked)) == ({303: signers}, {303: signers * CLICKS})
    total, rows = count_of(web.url, slug)["total"], confirmed(campaign.runtime)
    assert (total, rows, recount.returncode) == (signers, signers, 0), recount.stdout
    assert f"edition 1, total {signers}" in release.stdout
    measured(
        f"signatures confirmed by {CLICKS} clicks each, from {THREADS} threads",
        f"{signers} signatures, {len(clicks)} clicks",
        lost=signers - total,
        counted_twice=max(0, total - signers),
        sent_twice=len(campaign.mail_server.accepted) - len(links),
        remark="total, rows and edition agree; every click was answered alike",
    )


def confirmed(runtime: Runtime) -> int:
    query = select(func.count()).where(SignatureRow.state == SignatureState.CONFIRMED.value)
    with runtime.reading() as session:
        return session.scalar(query)


def count_of(url: str, slug: str) -> Mapping[str, int]:
    with closing(Visitor(url)) as visitor:
        return json.loads(visitor.get(f"/api/v1/letters/{slug}/count").body)
