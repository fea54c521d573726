"""Pools of names, places, organisations and addresses that generated texts draw from."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from faker import Faker

from training.names import lists

LATIN = (
    "en_US en_US en_US en_US en_GB en_GB en_AU en_CA en_IE en_NZ en_IN en_PK en_NG de_DE de_DE de_AT de_CH fr_FR fr_FR fr_CA es_ES "
    "es_ES es_MX es_CO es_AR it_IT pt_BR pt_PT nl_NL nl_BE sv_SE da_DK fi_FI no_NO pl_PL cs_CZ sk_SK hu_HU ro_RO hr_HR "
    "sl_SI et_EE lv_LV lt_LT tr_TR id_ID en_PH vi_VN is_IS az_AZ sw zu_ZA"
).split()
ADDRESSED = (
    "en_US en_US en_US en_US en_GB en_GB en_AU en_CA en_IE en_NZ en_IN de_DE de_DE de_AT de_CH fr_FR fr_FR fr_CA es_ES es_MX it_IT pt_BR "
    "pt_PT nl_NL nl_BE sv_SE da_DK fi_FI no_NO pl_PL cs_CZ hu_HU ro_RO en_PH id_ID hr_HR sk_SK"
).split()
_EAST = {
    "last": "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim "
    "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Nguyen Tran Le Pham Hoang "
    "Phan Vu Dang Bui Do Singh Kumar Sharma Patel Gupta Khan Ahmed Ali Hussain Hassan Ibrahim Mohamed Abdullah Rahman Islam Das Roy "
    "Reddy Rao Nair Iyer Okafor Adeyemi Mensah Diallo Traore Kone Abebe Tesfaye Ivanov Petrov Sokolov Popov Volkov Kuznetsov Shevchenko "
    "Bondarenko Kovalenko Papadopoulos Georgiou Cohen Levi Mizrahi Haddad Khoury Nasser Mansour Farouk Yilmaz Kaya Demir".split(),
    "first": "Wei Fang Jing Min Lei Yan Xiu Qiang Hao Yu Jun Ming Xin Ying Mei Ji-hoon Min-jun Seo-yeon Ji-woo Haruto Yui Sakura Hiroshi "
    "Kenji Yuki Akira Naoko Minh Linh Huong Tuan Arjun Priya Rahul Anjali Vikram Sanjay Deepa Lakshmi Ravi Sunita Mohammed Ahmed "
    "Fatima Aisha Omar Ali Hassan Yusuf Zainab Khadija Ibrahim Layla Amina Karim Chidi Ngozi Kwame Ama Kofi Abena Olu Tunde Aminata "
    "Dmitri Sergei Olga Natasha Vladimir Svetlana Yuri Oksana Andriy Nikos Eleni Yannis Dimitra Avi Noa Moshe Rivka Mehmet Ayşe Emre "
    "Siddharth Kavya Rohan Ananya Xiaoming Guoqiang".split(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pools:
    """What is drawn, as often as it stands there."""

    first: list[str]
    last: list[str]
    full: list[tuple[str, str]]
    city: list[str]
    country: list[str]
    region: list[str]
    address: list[str]
    street: list[str]
    company: list[str]
    email: list[str]
    phone: list[str]
    job: list[str]


def pools(seed: int = 7, size: int = 4000) -> Pools:
    """All pools, the same for the same seed and versions of the packages."""
    draw = random.Random(seed)
    full = _people(draw, size * 5)
    cities = [(town.name, town.people) for town in lists.towns() if town.people >= 3000]
    city = draw.choices([n for n, _ in cities], [p**0.45 for _, p in cities], k=size * 5)
    country = [n for n, people in lists.countries().items() for _ in range(1 + int((people / 1e6) ** 0.5))]
    country += "USA US UK U.S. America England Scotland Wales Britain Holland UAE".split() * 6
    region = list(lists.states().values()) * 2 + [f"{name} County" for name in lists.counties()[:200]]
    region += "Bavaria Catalonia Ontario Quebec Tuscany Sicily Normandy Brittany Andalusia Saxony Hesse Punjab Gujarat Kerala Queensland Victoria".split()
    fakes = {name: _faker(name, seed) for name in sorted(set(ADDRESSED))}
    american = fakes["en_US"]
    address, street, company, email, phone, job = [], [], [], [], [], []
    for _ in range(size):
        fake = fakes[draw.choice(ADDRESSED)]
        address.append(fake.address())
        street.append(fake.street_address())
        company.append(getattr(fake, "company", american.company)())
        email.append(fake.email())
        phone.append(getattr(fake, "phone_number", american.phone_number)())
        job.append(american.job())
    return Pools(
        [f for f, _ in full],
        [n for _, n in full],
        full,
        city,
        country,
        region,
        address,
        street,
        company,
        email,
        phone,
        job,
    )


def _faker(locale: str, seed: int) -> Faker:
    fake = Faker(locale)
    fake.seed_instance(seed)
    return fake


def _people(draw: random.Random, count: int) -> list[tuple[str, str]]:
    us = lists.us_names()
    by_locale = lists.faker_names()
    full = []
    for _ in range(count):
        kind = draw.random()
        if kind < 0.3:
            first = us["first"][min(int(draw.expovariate(1 / 400)), len(us["first"]) - 1)]
            last = us["last"][min(int(draw.expovariate(1 / 4000)), len(us["last"]) - 1)]
        elif kind < 0.45:
            first, last = draw.choice(_EAST["first"]), draw.choice(_EAST["last"])
        else:
            own = by_locale[draw.choice([name for name in LATIN if name in by_locale])]
            if not own["first"] or not own["last"]:
                continue
            first, last = draw.choice(own["first"]), draw.choice(own["last"])
            if not re.match(r"[^\W\d_]", first) or ord(first[0]) > 0x250 or ord(last[0]) > 0x250:
                continue
        if draw.random() < 0.05:
            last = f"{last}-{us['last'][min(int(draw.expovariate(1 / 2000)), 80000)]}"
        if draw.random() < 0.03:
            last = (
                draw.choice(
                    ("van der ", "de ", "von ", "Mc", "O'", "Mac", "al-", "El ", "Di ", "van ", "St. ")
                )
                + last
            )
        full.append((first, last))
    return full
