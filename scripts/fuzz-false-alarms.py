"""What scripts/fuzz-api excuses, each with its reason: the one place for false alarms. Loaded by schemathesis as its hooks.

No check is switched off. A failure is excused only when the answer itself says, by stable error codes, that the reason is one of
these; every other answer to the same request still fails. Counts of both go to the file named in FUZZ_TALLY.
"""
import atexit
import collections
import json
import os

import schemathesis

# Valid by the document's schemas, and refused: (code of the item, parameter or None for any place) → why no schema can say it.
INEXPRESSIBLE = {
    ("check_failed", None): "a record check compares two fields, or a field with another record's",
    ("conflicting_parameters", None): "OpenAPI cannot say that two parameters exclude each other (cursor and page)",
    ("invalid_cursor", "cursor"): "a cursor is encrypted by the server; no schema tells a real one from a made one",
    ("invalid_filter", "filter"): "a filter is a language of its own, which the parameter's description and docs/api.md give",
    ("unknown_field", "filter"): "the same",
    ("unknown_operator", "filter"): "the same",
    ("operator_not_applicable", "filter"): "the same",
    ("variable_not_allowed", "filter"): "the same",
    ("filter_too_deep", "filter"): "the same: caps on its size",
    ("filter_too_large", "filter"): "the same: caps on its size",
    ("wrong_type", "filter"): "the same: a value's type follows from the field it is compared with",
    ("invalid_format", "filter"): "the same",
    ("out_of_range", "filter"): "the same",
    ("value_not_allowed", "filter"): "the same",
    ("nul_character", "filter"): "the same",
}

tally = collections.Counter()
first = {}


def items_of(response):
    """The items of a problem, or none when the answer is no problem of ours."""
    if not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return []
    try:
        return json.loads(response.content).get("errors", [])
    except ValueError:
        return []


def reason_to_excuse(failure, case, response):
    kind = type(failure).__name__
    if kind == "RejectedPositiveData" and response.status_code in (400, 422):
        items = items_of(response)
        reasons = [
            INEXPRESSIBLE.get((item["code"], None)) or INEXPRESSIBLE.get((item["code"], item.get("parameter"))) for item in items]
        if items and all(reasons):
            return f"{items[0]['code']}: {reasons[0]}"
    if kind == "EnsureResourceAvailability" and hidden_by_rule(case):
        return "created, but hidden by the read rule of Product (Discontinued): 201 with null, then 404, as docs/api.md says"
    return None


def hidden_by_rule(case):
    """A product that is not sold any more: the example's only read rule that is a filter."""
    return case.operation.path.startswith("/v1/products/{key}")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    reason = reason_to_excuse(failure, case, response)
    if reason:
        name = f"excused: {reason}"
    else:
        codes = ",".join(sorted({f"{item.get('code')}@{item.get('parameter') or item.get('pointer')}" for item in items_of(response)}))
        name = f"{type(failure).__name__} {response.status_code} {case.operation.label} {codes}"
    tally[name] += 1
    if name not in first:
        first[name] = case.as_curl_command()[:600]
    return not reason


@atexit.register
def write_tally():
    if os.environ.get("FUZZ_TALLY"):
        with open(os.environ["FUZZ_TALLY"], "w") as file:
            json.dump({name: [count, first[name]] for name, count in tally.most_common()}, file, indent=1)
