"""What the checks of words know of each language. A language that is not here is checked for less, and that is said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """Word beginnings, in lower case, as they stand in a text; and how long a sentence may be."""

    question_marks: str
    training: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    accept: tuple[str, ...]
    """What agrees to terms or to anything, and answers no question."""
    later: tuple[str, ...]
    pushing: tuple[str, ...]
    negatives: tuple[str, ...]
    longest: int
    """Words of a sentence, on average; letters, where words are not parted by spaces."""
    spaced: bool = True


LANGUAGES = {
    "en": Language(
        "?", ("train",), ("yes",), ("no",),
        ("accept", "got it", "ok", "okay", "continue", "agree", "i understand"),
        ("not now", "later", "maybe", "skip", "remind", "ask me", "decide later"),
        ("help us", "help improve", "you can help", "miss out", "missing out", "sadly", "unfortunately", "are you sure",
         "recommended", "best experience", "better experience", "join", "exciting", "love", "please consider",
          "don't worry", "improve your", "for everyone", "limited", "lose"),
        ("not", "no", "never", "don't", "cannot", "without", "unless", "nothing", "un-check", "uncheck"), 18,
    ),
    "de": Language(
        "?", ("train",), ("ja",), ("nein",),
        ("akzeptier", "zustimm", "verstanden", "weiter", "ok", "einverstanden"),
        ("später", "nicht jetzt", "vielleicht", "überspringen", "erinner"),
        ("helfen sie", "helft", "verpassen", "leider", "empfohlen", "sicher, dass", "beste erlebnis", "besseres erlebnis",
         "wir würden uns freuen", "verlieren"),
        ("nicht", "nichts", "kein", "nie", "ohne"), 18,
    ),
    "fr": Language(
        "?", ("entraîn", "entrain"), ("oui",), ("non",),
        ("accept", "d’accord", "d'accord", "compris", "continuer", "ok"),
        ("plus tard", "pas maintenant", "peut-être", "passer", "rappel"),
        ("aidez", "manquer", "hélas", "malheureusement", "recommandé", "êtes-vous sûr", "meilleure expérience", "perdre"),
        ("pas", "jamais", "rien", "aucun", "sans"), 20,
    ),
    "es": Language(
        "?", ("entren",), ("sí", "si,"), ("no",),
        ("acept", "de acuerdo", "entendido", "continuar", "ok"),
        ("más tarde", "ahora no", "quizá", "omitir", "recordar"),
        ("ayúde", "ayude a", "perderse", "lamentablemente", "recomendado", "está seguro", "mejor experiencia", "perder"),
        ("no", "nunca", "nada", "ningun", "ningún", "sin"), 20,
    ),
    "ja": Language(
        "？?", ("学習", "トレーニング"), ("はい",), ("いいえ",),
        ("同意", "了解", "ok", "続ける", "承諾"),
        ("あとで", "後で", "今はしない", "スキップ"),
        ("ご協力", "お手伝い", "残念", "おすすめ", "推奨", "よろしいですか", "より良い体験", "失"),
        ("ない", "ません"), 60, spaced=False,
    ),
    "ar": Language(
        "؟?", ("تدريب",), ("نعم",), ("لا",),
        ("أوافق", "موافق", "قبول", "متابعة", "حسن"),
        ("لاحق", "ليس الآن", "ربما", "تخط"),
        ("ساعدنا", "ستفوت", "للأسف", "موصى", "هل أنت متأكد", "أفضل تجربة", "تخسر"),
        ("لا ", "لن", "لم", "ليس", "أبد", "بدون"), 20,
    ),
}  # fmt: skip
"""By the language of a BCP 47 tag."""


def language_of(locale: str) -> Language | None:
    """What is known of the language of a locale, or None."""
    return LANGUAGES.get(locale.split("-", maxsplit=1)[0].lower())
