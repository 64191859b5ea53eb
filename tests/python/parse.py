"""Reads expositions back with prometheus-client, an implementation that is not ours.

In: a JSON list of [format, text] on standard input, format being "text" or "openmetrics".
Out: a JSON list, per exposition {"families": [{name, type, help, unit, samples: [[name, labels, value, exemplar]]}]} or {"error": why}.
An exemplar is {labels, value, time}, or null. Values are strings, because JSON has neither infinities nor NaN.
"""

import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

PARSERS = {
    "text": parser.text_string_to_metric_families,
    "openmetrics": openmetrics.text_string_to_metric_families,
}


def exemplar(sample):
    found = getattr(sample, "exemplar", None)
    if found is None:
        return None
    return {"labels": found.labels, "value": repr(float(found.value)), "time": repr(float(found.timestamp))}


def family(metric):
    return {
        "name": metric.name,
        "type": metric.type,
        "help": metric.documentation,
        "unit": metric.unit,
        "samples": [[s.name, s.labels, repr(float(s.value)), exemplar(s)] for s in metric.samples],
    }


def read(form, text):
    try:
        return {"families": [family(metric) for metric in PARSERS[form](text)]}
    except Exception as error:  # The exceptions of the parsers are not documented; each one is a finding.
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([read(form, text) for form, text in json.load(sys.stdin)], sys.stdout)
