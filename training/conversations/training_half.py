"""Templates of the training half: flags of Art. 9 GDPR, and turns. Slots: `training.conversations.values`."""

TEMPLATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "",
        (
            "Hi, my name is {a.full} and I never got order {order}.",
            "I'm sorry to hear that, {a.first}. Which e-mail did you use?",
            "It's {a.email}, or call {phone}.",
            "Thank you {a.first}, I will mark the order as lost.",
        ),
    ),
    (
        "",
        (
            "yo its {a.flow} {a.flow} whats the number of {b.low}",
            "no clue {a.flow}, ask {b.flow}",
            "k will do, may take a while",
        ),
    ),
    (
        "",
        (
            "Will you draft a letter from {a.full} to {b.full}? May works best.",
            "Dear {b.first},\n\nWill you join us in May?\n\nBest,\n{a.first}",
            "Rose prices rose again, mark my words; frank talk, I may sue.",
        ),
    ),
    (
        "",
        (
            'Traceback (most recent call last):\n  File "/home/{a.login}/app/main.py", line 12, in <module>\n    run()\nValueError: bad id {number}',
            "The path shows it runs as {a.login}. Upgrade to {version}.",
            "# TODO({a.login}): ask {a.full} about build {hash}",
        ),
    ),
    (
        "",
        (
            "Which release is newer, {datever} or {version}?",
            "{datever} is newer. The tag {datever} points to {hash}.",
            "and {version}? my dob is {born} btw",
        ),
    ),
    (
        "",
        (
            "here is my .env\nDB_HOST={ip}\nDB_PASSWORD={password}\nAPI_KEY={placeholder}\nSTRIPE={stripe}",
            "Never paste keys. Rotate {stripe} and the password {password} now; keep API_KEY={placeholder} as a placeholder.",
        ),
    ),
    (
        "",
        (
            '```python\nclient = Client(token="{github}")\nuser = "{a.login}"\n```',
            'Replace {github} by os.environ["TOKEN"].',
        ),
    ),
    (
        "",
        (
            "ship it to {a.full}, {address}",
            "To confirm: {address}, phone {phone}?",
            "yes {phone}, card {card}",
        ),
    ),
    (
        "",
        (
            "my iban is {iban}, name {a.full}",
            "I can't store {iban}, {a.first}.",
            "ok. ssn {ssn}, tracking {number}",
        ),
    ),
    (
        "",
        (
            "{a.first}: hey\n{b.first}: hey {a.first}, you in {city}?\n{a.first}: no, {city:2}",
            "Summarise the chat.",
            "{a.first} is in {city:2}; {b.first} asked about {city}.",
        ),
    ),
    (
        "",
        (
            "write an email to {a.full} at {org} about the meeting in {city}",
            "Subject: Meeting\n\nDear {a.first},\n\nlet us meet in {city}.",
            "cc {b.email}",
        ),
    ),
    ("", ("Hello, {a.typo} here. Sorry, typo: {a.first}.", "No problem {a.first}!")),
    (
        "",
        (
            "git log\ncommit {hash}\nAuthor: {a.full} <{a.email}>\nDate:   Mon Jun 3 10:00:00 2024\n\n    fix #{stamp}",
            "{a.first} fixed it in {hash}.",
        ),
    ),
    ("", ("The isbn is {isbn}, uuid {uuid}, epoch {stamp}.", "{uuid} is a version 4 uuid.")),
    (
        "",
        (
            "SELECT * FROM users WHERE name = '{a.full}' AND email = '{a.email}';",
            "UPDATE users SET phone = '{phone}' WHERE email = '{a.email}';",
        ),
    ),
    ("", ('{"name": "{a.full}", "city": "{city}", "order": "{order}"}}', "{a.last} lives in {city}.")),
    (
        "health",
        (
            "i was diagnosed with diabetes last year, signed {a.full}",
            "I'm sorry to hear about your diagnosis, {a.first}.",
        ),
    ),
    (
        "health",
        ("My doctor put me on antidepressants after the miscarriage.", "That must be hard. How are you now?"),
    ),
    ("religion", ("As a Catholic I go to mass every Sunday with {a.first}.", "How nice.")),
    ("politics", ("I voted for the Greens and I am a member of the party.", "Noted.")),
    ("sex_life", ("I'm gay and my parents don't know yet.", "Take your time.")),
    ("ethnicity", ("my family is Roma and we face racism", "I am sorry.")),
    ("union", ("I am a shop steward of our union and we are on strike", "Good luck.")),
    ("biometric", ("they scanned my fingerprint and my retina at work", "Did you agree?")),
    (
        "",
        (
            "Explain diabetes to a student.",
            "Diabetes is a disease in which blood sugar is high.",
            "and the history of the Catholic church?",
        ),
    ),
    ("", ("what do labour unions do?", "A union bargains for workers.", "who may vote in May?")),
    ("", ("-H 'Authorization: Bearer {jwt}' fails with 401", "Your token {jwt} is expired.")),
    ("", ("scp key.pem {a.login}@{ip}:\n{pem}", "Remove that key at once.")),
    (
        "",
        (
            "MEETING NOTES\nPresent: {a.full}, {b.full}, {c.initial}\n{a.first} will ask {b.first}'s team; {c.last} may join.",
            "Who is {c.last}?",
        ),
    ),
    ("", ("Patient {a.turned}, born {born}, age {age}", "{a.last} is {age}.")),
)
"""Each conversation, turn by turn."""
