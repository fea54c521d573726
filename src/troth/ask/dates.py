"""Days, as people of a language write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from troth.types.moment import Moment

_MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
_FORMS: Final = {
    "en": "{day} {month} {year}",
    "de": "{day}. {month} {year}",
    "fr": "{day} {month} {year}",
    "es": "{day} de {month} de {year}",
    "ja": "{year}年{number}月{day}日",
    "ar": "{day} {month} {year}",
}


def date_in(locale: str, moment: Moment) -> str:
    """The day of a moment (UTC) in a locale; in a language that is not known, as ISO 8601 has it.

    >>> date_in("de", 1_759_881_600_000_000), date_in("ja-JP", 1_759_881_600_000_000), date_in("nl", 1_759_881_600_000_000)
    ('8. Oktober 2025', '2025年10月8日', '2025-10-08')
    """
    day = datetime.fromtimestamp(moment / 1_000_000, UTC)
    language = locale.split("-", maxsplit=1)[0]
    if language not in _FORMS:
        return day.date().isoformat()
    months = _MONTHS.get(language, "").split()
    month = months[day.month - 1] if months else ""
    return _FORMS[language].format(day=day.day, month=month, number=day.month, year=day.year)
