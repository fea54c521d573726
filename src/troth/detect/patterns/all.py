"""Every recogniser of patterns."""

from __future__ import annotations

from typing import Final

from troth.detect.patterns import addresses, dates, documents, geo, network, people_online
from troth.detect.patterns.coins import WALLET
from troth.detect.patterns.emails import EMAIL, SPELLED_OUT
from troth.detect.patterns.ibans import IBAN
from troth.detect.patterns.national import NATIONAL
from troth.detect.patterns.numbers import NUMBER
from troth.detect.patterns.recogniser import Recogniser

PATTERNS: Final[tuple[Recogniser, ...]] = (
    EMAIL,
    SPELLED_OUT,
    NUMBER,
    IBAN,
    WALLET,
    *NATIONAL,
    documents.PASSPORT,
    documents.MRZ,
    documents.LICENCE,
    documents.LICENCE_GB,
    documents.NHS,
    documents.KVNR,
    documents.MEDICARE_AU,
    documents.MEDICAL,
    documents.VIN,
    documents.VIN_SAID,
    documents.PLATE,
    network.IP_V4,
    network.IP_V6,
    network.MAC,
    people_online.URL,
    people_online.PATH,
    people_online.HANDLE,
    people_online.LOGIN,
    geo.GEO_PAIR,
    geo.GEO_DEGREES,
    geo.GEO_NAMED,
    dates.WORD_DATE,
    dates.EASTERN_DATE,
    dates.AGE,
    addresses.ENGLISH,
    addresses.CORNER,
    addresses.SUFFIX,
    addresses.BEFORE,
    addresses.FRENCH,
    addresses.BOX,
    addresses.UNIT,
    addresses.TOWN,
    addresses.GB,
    addresses.CODE,
)
