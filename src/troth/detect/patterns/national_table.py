# ruff: noqa: E501 — a table: one line for one thing
"""Which countries' personal numbers are known, how they are written, and what checks them.

Those of the first table are told by their form and check digits alone; those of the second, which look like any other
number, need a word before them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ByForm:
    """A number that its form gives away."""

    country: str
    module: str
    """The module of ``python-stdnum`` that checks it, or ``own.`` and a check of `troth.detect.patterns.national`."""
    form: str
    anchors: tuple[str, ...] = ()
    """None for a number of digits and nothing else: `troth.detect.patterns.numbers` finds them."""
    sure: str = "checksum"
    """``layout`` where nothing but the layout speaks for it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A number that a word before it gives away."""

    country: str
    module: str
    words: tuple[str, ...]
    form: str
    rare: tuple[str, ...] = ()
    """The same words, or the beginnings of them, for the engine."""
    common: tuple[str, ...] = ()
    """Words for the engine that also mean other things: a number must follow at once."""


_DATE6 = r"\d\d[01]\d[0-3]\d"
_IT = r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]"
_MX = r"[A-Z][AEIOUX][A-Z]{2}\d{2}[01]\d[0-3]\d[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z\d]\d"

BY_FORM = (
    ByForm("us", "us.ssn", r"\d{3}-\d{2}-\d{4}", sure="layout"),
    ByForm("us", "us.itin", r"9\d\d-[5-9]\d-\d{4}", sure="layout"),
    ByForm("gb", "own.nino", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?\d\d[ ]\d\d[ ]\d\d[ ]?[A-D]", (r"\b[A-CEGHJ-PR-TW-Z]{2}[ ]?\d\d[ ]\d\d[ ]\d\d[ ]?[A-D]\b",), "layout"),
    ByForm("gb", "own.nino", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", (r"\b[A-CEGHJ-PR-TW-Z]{2}\d{6}[A-D]\b",), "layout"),
    ByForm("it", "it.codicefiscale", rf"(?:{_IT}|{_IT.lower()})", (r"\d\d[A-Za-z]\d\d[A-Za-z]\d{3}[A-Za-z]\b",)),
    ByForm("es", "es.nie", r"[XYZ]-?\d{7}-?[A-Z]", (r"\b[XYZ]-?\d{7}-?[A-Z]\b",)),
    ByForm("es", "es.dni", r"\d{8}-[A-Z]|\d{2}\.\d{3}\.\d{3}-[A-Z]", (r"\d{3}-[A-Z]\b",)),
    ByForm("fr", "fr.nir", r"[12][ ]?\d\d[ ]?(?:[0-3]\d|[4-9]\d)[ ]?\d[\dAB][ ]?\d{3}[ ]?\d{3}[ ]?\d\d"),
    ByForm("br", "br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d\d"),
    ByForm("cn", "cn.ric", r"[1-9]\d{5}(?:19|20)\d\d[01]\d[0-3]\d\d{3}[\dXx]", (r"\b[1-9]\d{16}[\dXx]\b",)),
    ByForm("in", "in_.aadhaar", r"[2-9]\d{3}[ ]\d{4}[ ]\d{4}", sure="layout"),
    ByForm("in", "in_.pan", r"[A-Z]{3}P[A-Z]\d{4}[A-Z]", (r"\b[A-Z]{3}P[A-Z]\d{4}[A-Z]\b",), "layout"),
    ByForm("fi", "fi.hetu", r"[0-3]\d[01]\d\d\d[+\-A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", (r"\d{6}[+\-A-FU-Y]\d{3}[0-9A-Y]\b",)),
    ByForm("se", "se.personnummer", rf"(?:19|20)?{_DATE6}[\-+]\d{{4}}"),
    ByForm("no", "no.fodselsnummer", r"[0-7]\d[0-9]\d\d\d[ ]\d{5}"),
    ByForm("is", "is_.kennitala", r"[0-7]\d[01]\d\d\d-\d{3}[09]"),
    ByForm("be", "be.nn", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d"),
    ByForm("de", "de.idnr", r"\d\d[ ]\d{3}[ ]\d{3}[ ]\d{3}"),
    ByForm("ch", "ch.ssn", r"756\.\d{4}\.\d{4}\.\d\d"),
    ByForm("pt", "pt.cc", r"\d{8}[ ]?\d[ ]?[A-Z][A-Z0-9]\d", (r"\b\d{8}[ ]?\d[ ]?[A-Z][A-Z0-9]\d\b",)),
    ByForm("kr", "kr.rrn", rf"{_DATE6}-[1-8]\d{{6}}"),
    ByForm("sg", "own.nric", r"[STFGM]\d{7}[A-Z]", (r"\b[STFGM]\d{7}[A-Z]\b",)),
    ByForm("hk", "own.hkid", r"[A-Z]{1,2}\d{6}\([0-9A]\)", (r"\b[A-Z]{1,2}\d{6}\([0-9A]\)",)),
    ByForm("th", "th.pin", r"\d-\d{4}-\d{5}-\d\d-\d"),
    ByForm("mx", "mx.curp", _MX, (r"\d{6}[HMX][A-Z]{5}[A-Z\d]\d\b",)),
    ByForm("ar", "ar.cuit", r"(?:20|23|24|27)-\d{8}-\d"),
    ByForm("cl", "cl.rut", r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]", (r"\b\d{1,2}\.\d{3}\.\d{3}-[\dkK]\b",)),
    ByForm("cz", "cz.rc", r"\d\d[0-8]\d[0-3]\d/\d{3,4}"),
    ByForm("lv", "lv.pvn", r"[0-3]\d[01]\d\d\d-\d{5}"),
    ByForm("my", "my.nric", rf"{_DATE6}-\d\d-\d{{4}}", sure="layout"),
    ByForm("pk", "pk.cnic", r"[1-7]\d{4}-\d{7}-\d", sure="layout"),
    ByForm("do", "do.cedula", r"\d{3}-\d{7}-\d"),
    ByForm("ru", "own.snils", r"\d{3}-\d{3}-\d{3}[ \-]\d\d"),
)  # fmt: skip

AFTER_WORDS = (
    Said("us", "us.ssn", (r"ssn", r"social security", r"social sec\.?", r"soc\.? sec\.?"), r"\d{3}[ \-.]?\d{2}[ \-.]?\d{4}", rare=("ssn", "social security", "social sec")),
    Said("us", "us.itin", (r"itin", r"taxpayer id(?:entification)?"), r"9\d\d[ \-]?[5-9]\d[ \-]?\d{4}", rare=("itin",), common=("taxpayer",)),
    Said("gb", "own.nino", (r"nino", r"ni", r"national insurance"), r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ \-]?\d\d[ \-]?\d\d[ \-]?\d\d[ \-]?[A-D]", rare=("nino", "national insurance"), common=("ni",)),
    Said("es", "es.dni", (r"dni", r"nif", r"documento(?: nacional)?(?: de identidad)?"), r"\d{8}[ \-]?[A-Z]", common=("dni", "nif", "documento")),
    Said("br", "br.cpf", (r"cpf",), r"\d{3}\.?\d{3}\.?\d{3}-?\d\d", rare=("cpf",)),
    Said("in", "in_.aadhaar", (r"aadha?ar(?: card)?", r"uid(?:ai)?"), r"[2-9]\d{3}[ \-]?\d{4}[ \-]?\d{4}", rare=("aadhaar", "aadhar", "uidai"), common=("uid",)),
    Said("in", "in_.pan", (r"pan(?: card)?",), r"[A-Z]{5}\d{4}[A-Z]", common=("pan",)),
    Said("se", "se.personnummer", (r"personnummer", r"personnr", r"pnr"), r"(?:19|20)?\d{6}[\-+ ]?\d{4}", rare=("personnummer", "personnr"), common=("pnr",)),
    Said("dk", "dk.cpr", (r"cpr(?:-?nummer|-?nr)?", r"personnummer"), r"[0-3]\d[01]\d\d\d[\- ]?\d{4}", rare=("personnummer",), common=("cpr",)),
    Said("no", "no.fodselsnummer", (r"f[øo]dselsnummer", r"personnummer", r"fnr"), r"\d{6}[ ]?\d{5}", rare=("dselsnummer", "fodselsnummer", "personnummer"), common=("fnr",)),
    Said("is", "is_.kennitala", (r"kennitala", r"kt\.?"), r"[0-7]\d{5}-?\d{4}", rare=("kennitala",)),
    Said("be", "be.nn", (r"rijksregister(?:nummer)?", r"registre national", r"nationaal nummer", r"insz", r"niss"), r"\d\d[.\- ]?\d\d[.\- ]?\d\d[.\- ]?\d{3}[.\- ]?\d\d", rare=("rijksregister", "registre national", "insz", "niss"), common=("nationaal",)),
    Said("nl", "nl.bsn", (r"bsn", r"burgerservicenummer", r"sofi-?nummer"), r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3}", rare=("bsn", "burgerservice", "sofi")),
    Said("de", "de.idnr", (r"steuer-?id(?:entifikationsnummer|nr\.?)?", r"steuer(?:nummer|nr)", r"idnr", r"tax id", r"tin"), r"\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}", rare=("idnr", "steuer-?(?:id|nr|nummer)"), common=("tax id", "tin")),
    Said("de", "own.any", (r"personalausweis(?:nummer|-?nr\.?)?", r"ausweis(?:nummer|-?nr\.?)"), r"[CFGHJKLMNPRTVWXYZ0-9][CFGHJKLMNPRTVWXYZ0-9]{8}\d?", rare=("personalausweis",), common=("ausweis",)),
    Said("de", "own.any", (r"(?:sozial|renten)versicherungs(?:nummer|-?nr\.?)", r"svnr", r"rvnr"), r"\d{2}[ ]?\d{6}[ ]?[A-Z][ ]?\d{3}", rare=("sozialv", "rentenv", "svnr", "rvnr")),
    Said("at", "at.vnr", (r"sozialversicherungs(?:nummer|-?nr\.?)", r"svnr", r"sv-?nummer", r"vsnr"), r"\d{4}[ ]?\d{6}", rare=("sozialv", "svnr"), common=("vsnr",)),
    Said("ch", "ch.ssn", (r"ahv(?:-?nummer|-?nr\.?)?", r"avs"), r"756[.\s]?\d{4}[.\s]?\d{4}[.\s]?\d\d", rare=("ahv",), common=("avs",)),
    Said("pt", "pt.nif", (r"nif", r"contribuinte", r"nr\.? de contribuinte"), r"[1-9]\d{2}[ ]?\d{3}[ ]?\d{3}", rare=("contribuinte",), common=("nif",)),
    Said("ie", "ie.pps", (r"pps(?:n| number| no)?",), r"\d{7}[A-W][A-IW]?", common=("pps", "ppsn")),
    Said("ca", "ca.sin", (r"sin", r"social insurance", r"nas", r"num[eé]ro d'assurance sociale"), r"\d{3}[ \-]?\d{3}[ \-]?\d{3}", rare=("social insurance", "assurance sociale"), common=("sin", "nas")),
    Said("au", "au.tfn", (r"tfn", r"tax file"), r"\d{3}[ ]?\d{3}[ ]?\d{2,3}", rare=("tfn", "tax file")),
    Said("jp", "own.any", (r"my ?number", "マイナンバー", "個人番号"), r"\d{4}[ \-]?\d{4}[ \-]?\d{4}", common=("my ?number",)),
    Said("tw", "own.taiwan", ("身分證字號", "身分證", r"id card", r"(?:national )?id", r"taiwan id"), r"[A-Z][1289]\d{8}", rare=("taiwan id",), common=("id", "id card")),
    Said("th", "th.pin", ("เลขบัตรประชาชน", r"thai id", r"(?:national )?id"), r"\d[ \-]?\d{4}[ \-]?\d{5}[ \-]?\d\d[ \-]?\d", common=("id",)),
    Said("za", "za.idnr", (r"(?:sa )?id", r"identity"), r"\d{6}[ ]?\d{4}[ ]?\d{3}", common=("id", "identity")),
    Said("mx", "mx.rfc", (r"rfc",), r"[A-ZÑ&]{4}\d{6}[A-Z0-9]{3}", common=("rfc",)),
    Said("ar", "ar.dni", (r"dni", r"documento"), r"\d{2}\.?\d{3}\.?\d{3}", common=("dni", "documento")),
    Said("cl", "cl.rut", (r"rut", r"run"), r"\d{1,2}\.?\d{3}\.?\d{3}-?[\dK]", common=("rut",)),
    Said("co", "own.any", (r"c[eé]dula(?: de ciudadan[ií]a)?", r"c\.?c\.?"), r"\d{1,3}(?:\.\d{3}){2,3}|\d{7,10}", rare=("cedula",), common=("dula",)),
    Said("pe", "pe.cui", (r"dni", r"cui"), r"\d{8}-?[\dA-K]?", common=("dni", "cui")),
    Said("tr", "tr.tckimlik", (r"t\.?c\.?(?: kimlik)?(?: no)?", r"kimlik(?: no| numaras.)?"), r"[1-9]\d{10}", rare=("kimlik",)),
    Said("il", "il.idnr", (r"teudat zehut", r"israeli id", "תעודת זהות"), r"\d{9}", rare=("teudat zehut", "israeli id")),
    Said("ro", "ro.cnp", (r"cnp", r"cod numeric personal"), r"[1-9]\d{12}", rare=("cnp", "cod numeric")),
    Said("bg", "bg.egn", (r"egn", "ЕГН"), r"\d{10}", common=("egn",)),
    Said("cz", "cz.rc", (r"rodn[eé] [cč][ií]slo", r"r\.?[cč]\.?"), r"\d{6}/?\d{3,4}", rare=("rodn",)),
    Said("hr", "hr.oib", (r"oib",), r"\d{11}", common=("oib",)),
    Said("ee", "ee.ik", (r"isikukood", r"personal code", r"asmens kodas"), r"[1-8]\d{10}", rare=("isikukood", "personal code", "asmens kodas")),
    Said("lt", "lt.asmens", (r"asmens kodas", r"a\.?k\.?"), r"[1-8]\d{10}", rare=("asmens kodas",)),
    Said("gr", "gr.amka", (r"amka", "ΑΜΚΑ"), r"\d{11}", rare=("amka",)),
    Said("pl", "pl.pesel", (r"pesel",), r"\d{11}", rare=("pesel",)),
    Said("si", "si.emso", (r"em[sš]o",), r"\d{13}", rare=(r"em[s\x80-\xf4]{1,2}o",)),
    Said("rs", "own.jmbg", (r"jmbg", "ЈМБГ"), r"\d{13}", rare=("jmbg",)),
    Said("ru", "own.snils", (r"snils", "СНИЛС"), r"\d{3}[ \-]?\d{3}[ \-]?\d{3}[ \-]?\d\d", rare=("snils",)),
    Said("ru", "ru.inn", (r"inn", "ИНН"), r"\d{12}", common=("inn",)),
    Said("ua", "ua.rntrc", (r"rntrc", "РНОКПП", "ІПН"), r"\d{10}", rare=("rntrc",)),
    Said("id", "id.nik", (r"nik", r"ktp"), r"\d{16}", rare=("ktp",), common=("nik",)),
    Said("eg", "eg.tn", (r"national id", "الرقم القومي"), r"[23]\d{13}", rare=("national id",)),
    Said("nz", "nz.ird", (r"ird",), r"\d{2,3}[ \-]?\d{3}[ \-]?\d{3}", common=("ird",)),
    Said("ec", "ec.ci", (r"c[eé]dula", r"c\.?i\.?"), r"\d{10}|\d{9}-\d", rare=("cedula",), common=("dula",)),
    Said("xx", "own.any", (r"national (?:id(?:entity|entification)?|identity)(?: card)?", r"identity card", r"citizen ?id", r"id card", r"nric", r"personal id(?:entification)?"), r"(?=[A-Z]{0,3}\d)[A-Z0-9](?:[\-/. ]?[A-Z0-9]){5,17}", rare=("national id", "national identity", "national identification", "identity card", "nric"), common=("citizen", "id card", "personal id")),
)  # fmt: skip
