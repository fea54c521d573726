"""A table of what the patterns find, whole, and of what they leave alone."""

from __future__ import annotations

import pytest

from troth.detect.patterns.all import PATTERNS
from troth.detect.patterns.forms import FORMS
from troth.detect.patterns.scan import Scanner
from troth.detect.text.view import view_of

VIN = "1HGBH41JXMN109186"
MRZ = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"

FOUND = [
    # e-mail
    ("write to ann@example.org.", "ann@example.org", "EMAIL"),
    ("<First.Last+tag@mail.example.co.uk>", "First.Last+tag@mail.example.co.uk", "EMAIL"),
    ("mailto:a_b-c%d@ex-ample.io?subject=x", "a_b-c%d@ex-ample.io", "EMAIL"),
    ("müller@bücher.example", "müller@bücher.example", "EMAIL"),
    ("по почте иван@почта.рф!", "иван@почта.рф", "EMAIL"),
    ("'o.neil@example.org'", "o.neil@example.org", "EMAIL"),
    ("ann at example dot com", "ann at example dot com", "EMAIL"),
    ("ann.lee [at] example [dot] co.uk", "ann.lee [at] example [dot] co.uk", "EMAIL"),
    ("ann(at)example.org", "ann(at)example.org", "EMAIL"),
    # telephone
    ("call +49 30 1234567 today", "+49 30 1234567", "PHONE"),
    ("+1 (415) 555-2671", "+1 (415) 555-2671", "PHONE"),
    ("WhatsApp +5511987654321", "+5511987654321", "PHONE"),
    ("0049 30 1234567", "0049 30 1234567", "PHONE"),
    ("+46 (0)179 459 33", "+46 (0)179 459 33", "PHONE"),
    ("(415) 555-2671 or more", "(415) 555-2671", "PHONE"),
    ("415.555.2671", "415.555.2671", "PHONE"),
    ("1-800-555-0199.", "1-800-555-0199", "PHONE"),
    ("259.735.7502x459", "259.735.7502x459", "PHONE"),
    ("I live at 020 7946 0958 now", "020 7946 0958", "PHONE"),
    ("bien, 06 12 34 56 78 merci", "06 12 34 56 78", "PHONE"),
    ("0171/1234567", "0171/1234567", "PHONE"),
    ("0961-7596216", "0961-7596216", "PHONE"),
    ("звони 8 (495) 123-45-67", "8 (495) 123-45-67", "PHONE"),
    ("98765 43210", "98765 43210", "PHONE"),
    ("my phone is 4155552671", "4155552671", "PHONE"),
    ("call me at 555-0123", "555-0123", "PHONE"),
    ("Tel.: 12 34 56 78", "12 34 56 78", "PHONE"),
    ("Mi teléfono es 655 437 108, gracias", "655 437 108", "PHONE"),
    ("655 437 108 office", "655 437 108", "PHONE"),
    ("222 123 456", "222 123 456", "PHONE"),
    # payment cards
    ("4111 1111 1111 1111", "4111 1111 1111 1111", "CREDIT_CARD"),
    ("4111111111111111 12/28 123", "4111111111111111", "CREDIT_CARD"),
    ("amex 3782-822463-10005", "3782-822463-10005", "CREDIT_CARD"),
    ("5555 5555 5555 4444 99", "5555 5555 5555 4444", "CREDIT_CARD"),
    ("6011000990139424", "6011000990139424", "CREDIT_CARD"),
    ("jcb 180016070420458", "180016070420458", "CREDIT_CARD"),
    ("maestro 6759 8410 3431", "6759 8410 3431", "CREDIT_CARD"),
    # bank
    ("DE89 3704 0044 0532 0130 00 and more", "DE89 3704 0044 0532 0130 00", "IBAN"),
    ("to GB82WEST12345698765432 please", "GB82WEST12345698765432", "IBAN"),
    ("iban fr1420041010050500013m02606 ok", "fr1420041010050500013m02606", "IBAN"),
    ("wire it to my bank, account number 12345678", "12345678", "BANK_ACCOUNT"),
    # wallets
    ("1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "CRYPTO_WALLET"),
    ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "CRYPTO_WALLET"),
    ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "CRYPTO_WALLET"),
    ("send eth to 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "CRYPTO_WALLET"),
    # documents
    ("passport number: C01X00T47", "C01X00T47", "PASSPORT"),
    ("Reisepassnummer ist C01X00T47.", "C01X00T47", "PASSPORT"),
    (MRZ, MRZ, "PASSPORT"),
    ("My driver's license number is F162823540116", "F162823540116", "DRIVING_LICENCE"),
    ("licence MORGA753116SM9IJ was found", "MORGA753116SM9IJ", "DRIVING_LICENCE"),
    ("NHS number 943 476 5919", "943 476 5919", "MEDICAL_ID"),
    ("Versichertennummer: A123456780", "A123456780", "MEDICAL_ID"),
    ("Medicare 2123 45670 1", "2123 45670 1", "MEDICAL_ID"),
    ("patient id: 8837261", "8837261", "MEDICAL_ID"),
    (f"a car, {VIN}, red", VIN, "VEHICLE"),
    ("license plate: 7ABC123", "7ABC123", "VEHICLE"),
    ("Kennzeichen B-AB 1234", "B-AB 1234", "VEHICLE"),
    # machines
    ("from 192.168.1.17:8080", "192.168.1.17", "IP"),
    ("8.8.8.8 is up", "8.8.8.8", "IP"),
    ("DB_HOST=203.0.113.208", "203.0.113.208", "IP"),
    ("Failed password for ann from 5.3.2.1 port 22 ssh2", "5.3.2.1", "IP"),
    ('5.3.2.1 - - [10/Oct/2000:13:55:36] "GET /v1.2/ HTTP/1.0"', "5.3.2.1", "IP"),
    ("5.3.2.1\n5.3.2.2\n", "5.3.2.1", "IP"),
    ("upgrade the server 85.12.44.3 to version 2", "85.12.44.3", "IP"),
    ("at 2001:db8::ff00:42:8329.", "2001:db8::ff00:42:8329", "IP"),
    ("[fe80::1ff:fe23:4567:890a]", "fe80::1ff:fe23:4567:890a", "IP"),
    ("::ffff:203.0.113.7 came", "::ffff:203.0.113.7", "IP"),
    ("eth0 00:1A:2B:3C:4D:5E up", "00:1A:2B:3C:4D:5E", "MAC"),
    # persons on the web and on machines
    ("https://ann:s3cr3t9@db.example.org/x", "https://ann:s3cr3t9@db.example.org/x", "URL"),
    ("see https://www.linkedin.com/in/ann-lee-123/.", "https://www.linkedin.com/in/ann-lee-123/", "URL"),
    ("(http://www.cs.example.edu/~alee)", "http://www.cs.example.edu/~alee", "URL"),
    ("My website is https://annlee.dev/", "https://annlee.dev/", "URL"),
    ("open /home/annlee/notes.txt", "annlee", "PATH"),
    (r"C:\Users\Annlee\Desktop", "Annlee", "PATH"),
    ("thanks @ann_lee!", "@ann_lee", "USERNAME"),
    ("my username is ann_lee99", "ann_lee99", "USERNAME"),
    # places
    ("meet at 52.52001, 13.40495", "52.52001, 13.40495", "GEO"),
    ("48°51'24\"N 2°21'03\"E", "48°51'24\"N 2°21'03\"E", "GEO"),
    # dates and ages
    ("She was born on 9/20/1968.", "9/20/1968", "DATE_OF_BIRTH"),
    ('{"dob": "1990-01-02"}', "1990-01-02", "DATE_OF_BIRTH"),
    ("geboren am 3. März 1980 in Ulm", "3. März 1980", "DATE_OF_BIRTH"),
    ("née le 14 juillet 1975", "14 juillet 1975", "DATE_OF_BIRTH"),
    ("we met on 24 December 2019", "24 December 2019", "DATE"),
    ("on March 3rd, 2021 it rained", "March 3rd, 2021", "DATE"),
    ("el 5 de mayo de 2020 fuimos", "5 de mayo de 2020", "DATE"),
    ("on 3rd May", "3rd May", "DATE"),
    ("le 1er mars, on part", "1er mars", "DATE"),
    ("due by 03/14/21", "03/14/21", "DATE"),
    ("am 03.04.21 war es kalt", "03.04.21", "DATE"),
    ("since 2021.03.04 we live here", "2021.03.04", "DATE"),
    ("op 3 maart 2021 was het koud", "3 maart 2021", "DATE"),
    ("3. marts 2021", "3. marts 2021", "DATE"),
    ("dnia 3 września 2021", "3 września 2021", "DATE"),
    ("dne 3. září 2021", "3. září 2021", "DATE"),
    ("3 Şubat 2021", "3 Şubat 2021", "DATE"),
    ("3. huhtikuuta 2021", "3. huhtikuuta 2021", "DATE"),
    ("3 октября 2021 года", "3 октября 2021", "DATE"),
    ("2021年3月3日", "2021年3月3日", "DATE"),
    ("우리는 2021년 3월 3일 만났다", "2021년 3월 3일", "DATE"),
    ("On 2018-02-24 12:45:18, the minister", "2018-02-24 12:45:18", "DATE"),
    ("a 19 year old man", "19", "AGE"),
    ("I just turned 46", "46", "AGE"),
    ("retired at the age of 61", "61", "AGE"),
    ("Written when he was 65.", "65", "AGE"),
    ("j'ai 34 ans", "34", "AGE"),
    ("tengo 25 años", "25", "AGE"),
    # addresses
    ("I am at 1600 Amphitheatre Parkway, Mountain View, CA 94043 now", "1600 Amphitheatre Parkway, Mountain View, CA 94043", "ADDRESS"),
    ("at 350 Fifth Avenue, Suite 200, New York, NY 10118.", "350 Fifth Avenue, Suite 200, New York, NY 10118", "ADDRESS"),
    ("10 Downing Street, London SW1A 2AA", "10 Downing Street, London SW1A 2AA", "ADDRESS"),
    ("Hauptstraße 12a, 10115 Berlin", "Hauptstraße 12a, 10115 Berlin", "ADDRESS"),
    ("an 12 bis rue de la Paix, 75002 Paris", "12 bis rue de la Paix, 75002 Paris", "ADDRESS"),
    ("en Calle de Alcalá 45, 28014 Madrid", "Calle de Alcalá 45, 28014 Madrid", "ADDRESS"),
    ("in Via Garibaldi 8, 20121 Milano", "Via Garibaldi 8, 20121 Milano", "ADDRESS"),
    ("op Kerkstraat 101, 1017 GC Amsterdam", "Kerkstraat 101, 1017 GC Amsterdam", "ADDRESS"),
    ("P.O. Box 149, Springfield, IL 62701", "P.O. Box 149, Springfield, IL 62701", "ADDRESS"),
    ("My zip code is 2371", "2371", "ADDRESS"),
    ("from Mobile, AL 36695-9444 by post", "Mobile, AL 36695-9444", "ADDRESS"),
]  # fmt: skip

LEFT_ALONE = [
    "no at sign here", "user@host", "1 @ 2.50 each", "git@github.com:troth/troth.git", "logo@2x.png", "meet me at noon",
    "order 4155552671", "order no. 2024-000123-77", "invoice 20240131-0042", "order 415-555-2671", "from 09:00 to 17:30",
    "version 10.2.3.4", "v1.2.3.4-rc1", "python 3.11.7, numpy 2.4.6", "1.2.3.4.5", "999.1.1.1", "255.255.255.0",
    "127.0.0.1 and ::1 and 0.0.0.0", "$1,234,567.89 and 12 345 678 EUR", "1234567890123456", "4111 1111 1111 1112",
    "ISBN 978-3-16-148410-0", "0.123456789012345", "1700000000000", "DE89 3704 0044 0532 0130 01", "GB82 WEST",
    "std::vector<int> and a::b::c", "12:30:45", "UUID 123e4567-e89b-12d3-a456-426614174000",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "commit 5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    "0000 4f 6b 0a 01 02 03 04 05 06 07", "2024-05-01 10:00:00,123 INFO ready", "release 2024.05.01-2", "I was born in 1984 and have 3 cats",
    "chapter 12, pages 345-367", "the 555-2671 people", "https://example.org/2024/01/02/page?id=12345678901",
    "https://docs.python.org/3/library/re.html", "/home/user/x and /Users/Shared", "0x0000000000000000000000000000000000000000",
    "it may 5 times fail", "10 years older than I", "turn 180 degrees", "In 2008 Wall Street fell", "chapter 5 The Long Road",
    "5 miles down the road", "0 1 0 0 1 1 0 1 0 0 1 1 0 1 0", "matrix [[0.12345, 0.54321, 0.99999], [1.12345, 2.54321, 3.99999]]",
    "pip install tool==2020.12.11 broke, 3.17.12.2 was fine", "Pin 3.17.12.2 until 2020.12.11 is yanked.", "version 2020.12.11",
    "IDEA 2023.10.12 crashes", "the tag 2021.09.09", "2021.09.09 is newer", "v1.2.2021", "upgrade from 2.3.4.5 to 2.3.4.6",
    "Upgrade to 10.0.14.5", 'AssemblyVersion("1.2.3.4")', "driver 31.0.15.37", "npm i x@1.2.3.4", "the 5.2.1.0 update", "OID 1.3.6.1",
    "march 5 miles", "Jun 3 10:00:00 host sshd: ready", "3月3日本", "on 12/13 of them", "Chrome/99.0.48.51",
    "passport please", "my id is fine", "SSN rules", "visit 12 rue", "Section 4.2.1.7", "11111111111",
]  # fmt: skip


def found(text: str) -> list[tuple[str, str]]:
    return [(text[f.start : f.end], f.kind) for f in Scanner(PATTERNS).find([view_of(text)])[0]]


@pytest.mark.parametrize(("text", "expected", "kind"), FOUND, ids=[text[:40] for text, _, _ in FOUND])
def test_found_whole(text: str, expected: str, kind: str) -> None:
    assert (expected, kind) in found(text)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    assert found(text) == []


def test_every_kind_is_in_the_table() -> None:
    assert {kind for recogniser in PATTERNS for kind in recogniser.kinds} <= {
        kind for _, _, kind in FOUND
    } | {"NATIONAL_ID"}


def test_every_form_says_how_often_it_is_right() -> None:
    assert all(0 < form.confidence <= 1 for form in FORMS.values())
    seen = {
        f.why.partition(":")[0] for text, _, _ in FOUND for f in Scanner(PATTERNS).find([view_of(text)])[0]
    }
    assert seen <= set(FORMS)
