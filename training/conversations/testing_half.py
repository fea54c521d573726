"""Templates of the testing half, none of which is in the other: flags of Art. 9 GDPR, and turns."""

TEMPLATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "",
        (
            "Good morning. This is {a.full}; parcel {order} has not come.",
            "Good morning {a.first}! May I have a number to reach you?",
            "Sure: {phone}. {a.first}'s husband {b.first} can take the call too.",
            "Noted, {b.first} {a.last} on {phone}.",
        ),
    ),
    (
        "",
        (
            "hey can u write a bday msg for {a.flow}, shes turning {age}",
            "Happy birthday {a.first}!",
            "lol {a.flow} will love it, sign as {b.flow}",
        ),
    ),
    (
        "",
        (
            "Will mark the papers in May. Grant access to art, hope, faith and joy.",
            "Who will mark them?",
            "I said {a.full} will. {a.first} marks on Sundays.",
        ),
    ),
    (
        "",
        (
            "panic: runtime error\n\tat /Users/{a.login}/work/svc/main.go:42\n\tat build {version}",
            "Which user? {a.login}?",
            "yes thats me, {a.full}, ping {a.email}",
        ),
    ),
    (
        "",
        (
            "pip install tool=={datever} broke, {version} was fine",
            "Pin {version} until {datever} is yanked.",
            "serial {number}, ticket {stamp}",
        ),
    ),
    (
        "",
        (
            'config.yaml:\n  host: {ip}\n  user: {a.login}\n  password: "{password}"\n  secret: {placeholder}',
            "I see a real password: {password}. The secret {placeholder} is fine.",
        ),
    ),
    (
        "",
        (
            "const s3 = new S3({accessKeyId: '{aws}', secretAccessKey: '{apikey}'});",
            "Revoke {aws} in the console.",
        ),
    ),
    (
        "",
        (
            "please deliver to {address} before noon, ask for {a.full}",
            "{address} is outside our area, {a.first}.",
            "then {address:2}",
        ),
    ),
    (
        "",
        ("refund to {iban} pls, card was {card}", "Done: {iban}.", "{a.initial} confirmed; invoice {order}"),
    ),
    (
        "",
        (
            "<{a.first}> anyone from {city}?\n<{b.first}> me\n<{a.first}> {b.first}, cool, i moved to {country}",
            "Who lives in {city}?",
            "{b.first} lives in {city}.",
        ),
    ),
    (
        "",
        (
            "From: {a.full} <{a.email}>\nTo: {b.full} <{b.email}>\nSubject: visit\n\nHi {b.first},\nI land in {city} at noon.\n{a.first}",
            "Reply politely as {b.first}.",
            "Dear {a.first},\n\nsee you in {city}.\n\n{b.full}\n{org}\n{phone}",
        ),
    ),
    ("", ("its {a.typo}, i mean {a.first}", "Hi {a.first}.")),
    (
        "",
        (
            "Signed-off-by: {a.full} <{a.email}>\nReviewed-by: {b.full}\nFixes: {hash}",
            "{b.first} reviewed {hash}.",
        ),
    ),
    ("", ("error id {uuid}, book {isbn}, cron at {stamp}, commit {hash}", "Nothing personal in {uuid}.")),
    ("", ('customers = [("{a.full}", "{phone}"), ("{b.full}", "{phone:2}")]', "Sort them by {b.last}.")),
    ("", ("id,name,mail\n{stamp},{a.full},{a.email}\n{number},{b.full},{b.email}", "Row two is {b.first}.")),
    (
        "health",
        ("hi, {a.first} here, my HIV test came back positive", "I am sorry, {a.first}. Do you have support?"),
    ),
    ("health", ("my son has autism and takes ritalin", "Thank you for telling me.")),
    ("health", ("ich bin schwanger und habe starke Depressionen", "Das tut mir leid.")),
    ("religion", ("I'm a practising Muslim and I fast in Ramadan.", "When does it begin?")),
    ("politics", ("I am a registered Republican and I canvass for the party", "I see.")),
    ("sex_life", ("my wife found out that i am bisexual", "How did she react?")),
    (
        "ethnicity",
        ("I am Black and my colleagues make comments about my skin colour", "That is not acceptable."),
    ),
    ("union", ("my employer fired me because I joined the trade union", "That may be unlawful.")),
    ("genetic", ("I uploaded my DNA test, does 23andMe keep my genome?", "It may.")),
    (
        "",
        (
            "How is cancer treated in dogs?",
            "Vets use surgery.",
            "what is a union in SQL, and a republican form of government?",
        ),
    ),
    (
        "",
        (
            "Summarise the reformation in one line.",
            "Luther criticised the church.",
            "translate 'strike' into german",
        ),
    ),
    (
        "",
        (
            "curl -u {a.login}:{password} https://example.org/v2",
            "Use a netrc instead of {password}.",
            "export TOKEN={placeholder}",
        ),
    ),
    (
        "",
        (
            "slack bot token {slack} leaked, help",
            "Revoke {slack}.",
            "is {hexkey} one too? it says api_key={hexkey}",
        ),
    ),
    ("", ("{a.upper} CALLED. CALL {a.first} BACK AT {phone}", "Who called?", "{a.full}")),
    (
        "",
        (
            "Applicant: {a.turned}; DOB: {born}; SSN {ssn}; resides at {address}",
            "{a.last} was born on {born}.",
        ),
    ),
)
"""Each conversation, turn by turn."""
