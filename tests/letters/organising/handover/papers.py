"""A paper to change for each test."""

from dataclasses import fields
from datetime import date

from letters.organising.handover.paper import Breakdown, Figure, Line, Paper, Signatory, Words

WORDS = Words(**{field.name: f"Words: {field.name.replace('_', ' ')}" for field in fields(Words)})

PAPER = Paper(
    language="ru",
    day=date(2026, 12, 3),
    title="Остановите насилие",
    addressee="Министру здравоохранения",
    text="Мы пишем **открыто**.\n\n## Что мы видим\n\n1. Первое\n2. Второе\n",
    corrections=[Line("5 декабря 2026", "Читать: бригада.")],
    responsible="Группа «Пример», letters@example.org",
    edition="Выпуск 12, 3 декабря 2026, 06:00 UTC",
    total="4 410",
    signatures="подписей",
    sum="4 410 = 4 425 − 12 − 3",
    breakdowns_note="С округлением вниз.",
    breakdowns=[Breakdown("По профессиям", "Профессия", [Figure("Врачи", "1 200", 0.27), Figure("другое", "10–60")])],
    reported=[],
    proofs=["Каждая подпись подтверждена."],
    addresses=[Line("Счёт", "https://undersigned.example/ru/letters/stop-the-violence/editions/12")],
    log_head=None,
    hidden="",
    first_signatories=[Signatory("Иван Образцов", "профессор")],
    signatories=[
        Signatory("Вера Примерная", "медсестра, Минская область"),
        Signatory("Тихое озеро 417", pseudonymous=True),
    ],
    words=WORDS,
)
