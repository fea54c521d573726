"""Words of the special categories of Art. 9 GDPR, in several languages. A ``*`` stands for any ending."""

from __future__ import annotations

from typing import Final

SPECIAL_WORDS: Final = {
    "health": """
        diagnos*, hiv, diabet*, cancer, tumour, tumor, chemo*, leukemia, leukaemia, depress*, anxiety, bipolar,
        schizophren*, autis*, adhd, ptsd, epilep*, asthma*, pregnan*, miscarriage*, abortion*, antidepressant*, insulin,
        ritalin, prozac, xanax, methadone, addict*, alcoholic*, rehab, surgery, eating disorder*, anorex*, bulimi*,
        suicid*, self-harm*, disabilit*, disabled, dementia, alzheimer*, parkinson*, sclerosis, therapist, psychiatrist,
        medication, hepatitis, dialysis, infertil*, ivf, heart attack, panic attack*, burnout, overdose*,
        krebs, schwanger*, krank*, therapie, behinder*, schwerbehinder*, magersucht, fehlgeburt, angststörung*,
        enceinte, grossesse, dépress*, maladie*, diabète, avortement, handicap*, cáncer, embarazad*, depresión,
        enfermedad*, aborto, discapacidad, cancro, incinta, depressione, malattia, grávida, câncer, depressão, doença*,
        kanker, zwanger*, depressie, ziekte, miskraam, gravid*, cukrzyc*, ciąż*
    """,
    "religion": """
        catholic*, christian*, muslim*, jewish, jew, jews, hindu*, buddhist*, atheist*, mormon*, jehovah*, islam*, mosque,
        synagogue, ramadan, sabbath, baptis*, baptiz*, sikh*, quaker*, my faith, my religion, evangelical*, protestant*,
        church, rabbi, imam, confirmation class,
        katholi*, evangelisch*, moslem*, jüdisch*, konvertier*, catholique*, musulman*, juif*, juive*, athée*, católic*,
        judío*, judía*, musulmán*, cattolic*, ebre*, ate*, katholiek*, joods*, katolik*, muzułman*
    """,
    "politics": """
        republican*, democrat*, socialist*, communist*, conservative*, libertarian*, voted for, party member*, member of
        the party, labour party, green party, tory, tories, political views, political opinion*, canvass*, brexiteer*,
        far-right, far-left, antifa, anarchist*, marxist*,
        afd, cdu, spd, parteimitglied*, gewählt, parti socialiste, rassemblement national, afiliad*, votei, voté,
        partito, partij
    """,
    "sex_life": """
        gay, lesbian*, bisexual*, homosexual*, asexual*, pansexual*, transgender*, transsexual*, trans woman, trans man,
        queer, nonbinary, non-binary, sexual orientation, sex life, sexuality, erectile, libido, std, chlamydia,
        schwul, lesbisch*, bisexuell*, homosexuell*, homosexuel*, lesbienne*, bisexuel*, lesbiana*, lésbica*, omosessual*,
        biseksu*, homoseksu*
    """,
    "ethnicity": """
        i am black, i'm black, black man, black woman, black people, roma, romani, latino, latina, latinx, hispanic,
        african american, asian american, indigenous, aboriginal*,
        native american, ethnicity, ethnic, skin colour, skin color, descent, biracial, mixed race, kurd*, racis*,
        migrationshintergrund, hautfarbe, sinti, origine ethnique, couleur de peau, gitan*, étnic*, color de piel
    """,
    "union": """
        trade union*, labour union*, labor union*, our union, my union, union member*, union rep*, shop steward*, the union,
        unionis*, unioniz*, gewerkschaft*, betriebsrat*, syndicat*, syndiqu*, sindicato*, sindacato, vakbond*, fackförbund*
    """,
    "biometric": """
        fingerprint*, retina, iris scan*, face scan*, facial recognition, faceprint*, voiceprint*, palm print*, biometric*,
        fingerabdr*, gesichtserkennung, empreinte digitale, empreintes digitales, huella dactilar, huellas dactilares,
        impronta digitale, vingerafdruk*
    """,
    "genetic": """
        dna, genome, genetic*, 23andme, brca, brca1, brca2, gene mutation*, hereditary, gentest*, erbgut, adn, genoma
    """,
}
"""Category to words and phrases."""
