"""Ordinary words and short carriers in languages other than English, for generated texts.

The words come from `faker`'s lists; for languages without one, a few of the commonest stand here.
"""

from __future__ import annotations

import importlib
from functools import cache

_LISTED = {"de": "de_DE", "fr": "fr_FR", "es": "es_ES", "it": "it_IT", "nl": "nl_NL", "da": "da_DK", "pl": "pl_PL",
           "cs": "cs_CZ", "la": "la", "fil": "fil_PH"}  # fmt: skip
_WRITTEN = {
    "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser "
    "quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter seus quem nas me "
    "esse eles estão você tinha foram essa num nem suas meu às minha têm numa pelos elas havia seja qual será nós tenho lhe "
    "deles essas esses pelas este fosse dele anos governo cidade parte primeiro ano dia tempo casa vida mundo homem trabalho "
    "grande novo todos cada onde então ainda sobre outros grupo empresa presidente país segundo três dois durante contra milhões",
    "sv": "och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan när år under också "
    "efter eller nu sin där vid mot ska skulle kommer ut får finns vara hade alla andra mycket än här då sedan över bara "
    "in blir upp även vad få två vill ha många hur mer går sverige detta nya procent skall hon utan sina något denna kunde "
    "bli man oss några blev allt dem annat mellan första stora del tid dag regeringen människor landet stad staden tre samma "
    "mest hela flera blivit varit gjorde säger sade sa enligt dessa deras hans hennes börjar börjat bara ändå mindre",
    "no": "og i det er på som en å for av at med til den har de ikke om et han men var jeg seg fra vi så kan når år etter også "
    "eller nå sin der ved mot skal ville kommer ut får finnes være hadde alle andre mye enn her da siden over bare inn blir "
    "opp selv hva to vil mange hvordan mer går dette nye hun uten noe denne kunne bli man oss noen ble alt dem mellom første",
    "fi": "ja on ei että oli se hän mutta ovat kun myös joka tai niin mukaan kuin jos vain jo nyt sitä ole olla sen mitä sekä vuoden "
    "vuonna hyvin kanssa olisi enää kuitenkin sitten mukana ennen jälkeen noin aikana paljon kaikki tämä minä sinä me te he",
    "tr": "ve bir bu da de için ile çok daha gibi olarak en ne kadar ama olan sonra var değil ben sen o biz siz onlar her şey zaman "
    "yeni iyi büyük gün yıl insan ev iş su yok mi mı ise ya hem göre kendi önce bütün aynı başka hiç nasıl neden olduğu",
    "id": "yang dan di dengan untuk pada ke dari dalam ini itu tidak adalah akan oleh juga atau sebagai telah lebih bisa dapat saya "
    "kami kita mereka ada orang tahun hari waktu baru sudah karena seperti setelah antara tersebut menjadi banyak belum hanya",
}  # fmt: skip

CARRIERS = {
    "de": ("{F} und {F} wohnen in {C}.", "ich heiße {P}", "Mein Name ist {P}.", "Herr {L} kommt aus {C}, {N}.", "Frau {L} hat angerufen.", "Sehr geehrte Frau {L},",
           "Sehr geehrter Herr {L},", "Mit freundlichen Grüßen\n{P}\n{O}", "wir fahren nach {C}", "{P} ist {k} in {C}.", "Hallo {F},", "Die Firma {O} in {C} hat {k}.", "Anschrift: {A}", "ich wohne in der {S}", "{L} sagte, die {K} sei {k}."),
    "fr": ("{F} et {F} habitent à {C}.", "je m'appelle {P}", "Monsieur {L} vient de {C}.", "Mme {L} a appelé.", "Chère {F},", "Bonjour {F},", "Cordialement,\n{P}\n{O}", "nous allons à {C}, en {N}",
           "{P}, {k} de {O}, est {k}.", "J'habite au {S}", "Adresse : {A}", "selon {L}, la {k} est {k}", "{P} est né à {C} en {n}."),
    "es": ("{F} y {F} viven en {C}.", "me llamo {P}", "El señor {L} viene de {C}.", "La Sra. {L} llamó ayer.", "Hola {F},", "Estimado Sr. {L}:", "Saludos,\n{P}\n{O}", "vamos a {C}, {N}", "{P} es {k} de {O}.",
           "Vivo en {S}", "Dirección: {A}", "según {L}, el {k} es {k}", "{P} nació en {C} en {n}."),
    "it": ("{F} e {F} abitano a {C}.", "mi chiamo {P}", "Il signor {L} viene da {C}.", "Ciao {F},", "Gentile Dott. {L},", "Cordiali saluti,\n{P}\n{O}", "andiamo a {C}, in {N}", "abito in {S}", "Indirizzo: {A}", "{P} è {k} di {O}."),
    "pt": ("{F} e {F} moram em {C}.", "meu nome é {P}", "O senhor {L} vem de {C}.", "Olá {F},", "Atenciosamente,\n{P}\n{O}", "vamos para {C}, {N}", "moro na {S}", "Endereço: {A}", "segundo {L}, o {k} é {k}", "{P} nasceu em {C} em {n}.", "o {k} de {P} em {C}"),
    "nl": ("{F} en {F} wonen in {C}.", "ik heet {P}", "De heer {L} komt uit {C}.", "Beste {F},", "Met vriendelijke groet,\n{P}\n{O}", "we gaan naar {C}, {N}", "ik woon op {S}", "Adres: {A}", "volgens {L} is de {k} {k}"),
    "sv": ("{F} och {F} bor i {C}.", "jag heter {P}", "Hej {F},", "Med vänliga hälsningar\n{P}\n{O}", "vi åker till {C} i {N}", "jag bor på {S}", "Adress: {A}", "enligt {L} är {k} {k}", "{P} föddes i {C} år {n}.", "{P}, {k} på {O}, sade att {k}"),
    "da": ("{F} og {F} bor i {C}.", "jeg hedder {P}", "Hej {F},", "Venlig hilsen\n{P}\n{O}", "vi rejser til {C} i {N}", "jeg bor på {S}", "Adresse: {A}", "ifølge {L} er {k} {k}", "{P} blev født i {C} i {n}.", "{L} siger, at {k} er {k}"),
    "no": ("{F} og {F} bor i {C}.", "jeg heter {P}", "Hei {F},", "Vennlig hilsen\n{P}\n{O}", "vi reiser til {C} i {N}", "ifølge {L} er {k} {k}"),
    "pl": ("{F} i {F} mieszkają w {C}.", "nazywam się {P}", "Pan {L} jest z {C}.", "Cześć {F},", "Pozdrawiam,\n{P}\n{O}", "Adres: {A}"),
    "cs": ("{F} a {F} bydlí v {C}.", "jmenuji se {P}", "Pan {L} je z {C}.", "Ahoj {F},", "S pozdravem\n{P}\n{O}", "Adresa: {A}"),
    "fi": ("{F} ja {F}, {C}.", "nimeni on {P}", "Hei {F},", "Ystävällisin terveisin\n{P}\n{O}", "Osoite: {A}"),
    "tr": ("{F} ve {F}, {C}.", "benim adım {P}", "Merhaba {F},", "Saygılarımla\n{P}\n{O}"),
    "id": ("{F} dan {F} tinggal di {C}.", "nama saya {P}", "Halo {F},", "Salam,\n{P}\n{O}", "Alamat: {A}"),
    "la": ("{k} {k}",),
    "fil": ("Si {F} ay nasa {C}.", "ako si {P}"),
}  # fmt: skip
"""Carriers by language; slots as in `training.names.templates`."""

OFTEN = (
    "de de de de fr fr fr fr es es es es it it it pt pt pt nl nl sv sv da da no pl cs fi tr id la fil".split()
)
"""Languages, as often as they are drawn."""


@cache
def words_of(language: str) -> tuple[str, ...]:
    """Ordinary words of a language."""
    if language in _WRITTEN:
        return tuple(_WRITTEN[language].split())
    provider = importlib.import_module(f"faker.providers.lorem.{_LISTED[language]}").Provider
    return tuple(provider.word_list)


def languages() -> tuple[str, ...]:
    """All languages that have words here."""
    return tuple(sorted({*_LISTED, *_WRITTEN}))
