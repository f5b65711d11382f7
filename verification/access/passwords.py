"""Which passwords are good enough: long, and not to be guessed by a program that knows people (zxcvbn)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Literal

from verification.errors import Refusal
from verification.late import Late

if TYPE_CHECKING:
    import zxcvbn
    from zxcvbn import matching
else:
    zxcvbn, matching = map(Late, ("zxcvbn", "zxcvbn.matching"))

LEAST, LONGEST = 12, 200
"""Characters."""
GOOD = 3
"""Of zxcvbn's scores 0 to 4: more than 10^8 guesses."""

_LOOKED_AT = 32
"""Characters that zxcvbn is asked about. More only make a password better, and it needs seconds for some of 72."""
_SHORTEST_WORD = 3
_WORD = re.compile(r"[^\W_]+")
_ASKING = Lock()

_KEYS = str.maketrans(
    "йцукенгшщзхъфывапролджэячсмитьбюёіўЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁІЎ",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`soQWERTYUIOP[]ASDFGHJKL;'ZXCVBNM,.`SO",
)
"""The Latin letters on the keys of the Russian and Belarusian layouts: zxcvbn's lists know «пароль» as gfhjkm."""

_COMMON = """
пароль привет любовь солнце солнышко россия беларусь украина москва минск победа свобода мир жыве слава родина
доктор врач медсестра фельдшер больница поликлиника медицина здоровье здравоохранение минздрав пациент скорая помощь
письмо подпись открытое александр алексей андрей дмитрий сергей николай владимир михаил иван максим анна наталья наташа
татьяна ольга елена екатерина мария светлана ирина прывітанне каханне радзіма доктар лекар бальніца
"""
"""Words that zxcvbn, which knows English, has never heard of."""


class WeakPassword(Refusal):
    """The password is not good enough; `reason` says why."""

    def __init__(self, reason: Literal["short", "long", "guessable", "personal"]) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason


def check_strength(password: str, about: Sequence[str]) -> None:
    """Raises `WeakPassword`; `about` is what a guesser knows: the address, the name, the site.

    `personal` is a password that would do for somebody else: it must be good without these words, too.
    """
    if len(password) > LONGEST:
        raise WeakPassword("long")
    password = unicodedata.normalize("NFKC", password)
    if len(password) < LEAST:
        raise WeakPassword("short")
    common = _words([_COMMON])
    if _is_guessable(password, common):
        raise WeakPassword("guessable")
    words = _words(about)
    if _is_guessable(_without(words, password), [*words, *common]):
        raise WeakPassword("personal")


def _words(about: Sequence[str]) -> list[str]:
    """The texts and their words, each as it is written and as the keys that write it."""
    texts = [unicodedata.normalize("NFKC", text) for text in about]
    words = {word for text in texts for word in (text, *_WORD.findall(text)) if len(word) >= _SHORTEST_WORD}
    return sorted({*words, *(word.translate(_KEYS) for word in words)}, key=len, reverse=True)


def _without(words: Sequence[str], password: str) -> str:
    """What is left of a password when these words, the longest first, are taken out."""
    return re.sub("|".join(map(re.escape, words)), "", password, flags=re.IGNORECASE) if words else password


def _is_guessable(password: str, words: Sequence[str]) -> bool:
    """Whether it is guessed as it is written, or by the keys that write it."""
    looked_at = password[:_LOOKED_AT]
    return any(_score(typed, words) < GOOD for typed in {looked_at, looked_at.translate(_KEYS)})


def _score(password: str, words: Sequence[str]) -> int:
    """The library keeps the words in its own dictionaries, for the next caller to find: they are taken out again."""
    if not password:
        return 0
    with _ASKING:
        try:
            score: int = zxcvbn.zxcvbn(password, words)["score"]
        finally:
            matching.RANKED_DICTIONARIES.pop("user_inputs", None)
    return score


_SENTENCES = {
    "short": f"The password is too short: take at least {LEAST} characters, for example four words.",
    "long": f"The password is too long: take at most {LONGEST} characters.",
    "guessable": "The password is easy to guess: take four or more words that have nothing to do with each other.",
    "personal": "The password is easy to guess for somebody who knows your name or address: take other words.",
}
