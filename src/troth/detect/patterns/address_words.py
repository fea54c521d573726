"""Words of street addresses in several languages: kinds of streets, units, states."""

from __future__ import annotations

from typing import Final

SURE: Final = (
    "street|str|avenue|ave|av|boulevard|blvd|road|rd|lane|ln|drive|dr|parkway|pkwy|highway|hwy|freeway|fwy|turnpike|tpke"
    "|terrace|ter|circle|cir|crescent|cres|cr|courtyard|esplanade|expressway|expy|trail|trl|plaza|plz|causeway|mews"
    "|close|gardens|gdns|grove|square|sq|court|ct|st"
)
"""English kinds of streets that stand after a name."""
OTHERS: Final = (
    "way|place|pl|point|pt|pike|path|pass|row|run|ridge|rdg|hill|hills|loop|park|walk|view|valley|village|meadows|manor"
    "|mill|island|harbor|heights|hollow|green|gate|garden|forest|field|fields|estate|estates|crossing|xing|cove|corner"
    "|commons|cliff|canyon|bridge|branch|bend|beach|alley|aly|rise|vale|wharf|quay|parade|pde|turn|trace|throughway"
)
"""More of them, that are ordinary words: they need more beside them."""
SUFFIXES: Final = (
    "straße|strasse|str\\.|straat|allee|platz|gasse|weg|damm|ufer|steig|chaussee|promenade|markt|laan|plein|gracht|kade|singel|dijk|dreef"
    "|gatan|vägen|gränd|stigen|torget|gata|gaten|vegen|veien|gade|vej|vænget|stræde|allé|plads|katu|kuja|polku|ntie|vegur|braut|stígur|stræti"
    "|utca|ulica|hof|graben|brücke|berget|bakken|haugen|lia|stien|terrasse|vangen|parken|toften|marken"
)
"""Kinds of streets that end a word, in the Germanic languages and Finnish."""
BEFORE: Final = (
    "Calle|C/|C\\.|Avenida|Avda\\.?|Av\\.|Plaza|Pza\\.?|Paseo|Pº|Camino|Carrer|Carretera|Ronda|Rambla|Travesía|Carrera|Cra\\.?|Calzada|Cerrada"
    "|Via|Viale|V\\.le|Piazza|P\\.zza|Piazzale|Corso|C\\.so|Vicolo|Largo|Strada|Lungomare|Contrada|Località"
    "|Rua|R\\.|Avenida|Travessa|Praça|Alameda|Estrada|Rodovia|Quinta"
    "|ulica|ul\\.|aleja|al\\.|plac|pl\\.|os\\.|ulice|náměstí|nám\\.|улица|ул\\.|проспект|пр\\.|бульвар"
    "|An der|Auf der|Auf dem|In der|Zum|Zur|Unter den|Alte|Neue|Lange|Große|Kleine|Obere|Untere|Hinter der"
)
"""Words that stand before the name of a street whose number comes last."""
BEFORE_KNOWN: Final = (
    "Calle|Avenida|Avda\\.|Plaza|Paseo|Camino|Carrer|Carretera|Ronda|Rambla|Carrera|Calzada|Viale|Via|Piazza|Piazzale|Corso"
    "|Vicolo|Largo|Strada|Lungomare|Contrada|Rua|Travessa|Alameda|Estrada|Rodovia|ulica|ulice|ul\\.|aleja"
    "|An der|Auf der|Auf dem|In der|Unter den"
    "|Alte|Neue|Lange|Hinter der|Zum|Zur"
)
"""Those of them that the engine looks for: the others are too short, or too common."""
FRENCH: Final = (
    "rue|avenue|av\\.?|boulevard|boul\\.?|bd\\.?|bld|place|pl\\.|chemin|ch\\.|impasse|imp\\.|all(?:é|e)e|quai|route|rte|cours|square|passage|villa|cité"
    "|ruelle|sentier|esplanade|faubourg|fbg|lotissement|résidence|hameau|lieu-dit"
)
"""Kinds of streets that stand between the number and the name."""
STATES: Final = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN"
    "|TX|UT|VT|VA|WA|WV|WI|WY|PR|GU|VI|AE|AP|AA"
)
STATE_NAMES: Final = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas"
    "|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska"
    "|Nevada|New Hampshire"
    "|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode"
    " Island|South Carolina"
    "|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming"
)
PROVINCES: Final = "AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT"
UNITS: Final = (
    "suite|ste|apt|apartment|unit|room|rm|flat|floor|fl|bldg|building|dept|department|lot|lockbox|slip|trailer|trlr|space|spc|hangar|wohnung|whg"
    "|piso|puerta|interno|scala|appt|appartement|bus|stiege|byt|lok|kv|box|p\\.?[ ]?o\\.?[ ]?box|msc|mailbox|pmb"
)
