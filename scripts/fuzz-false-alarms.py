"""What scripts/fuzz-api excuses, each with its reason: the one place for false alarms. Loaded by schemathesis as its hooks.

No check is switched off. A failure is excused only when the answer itself says, by stable error codes, that the reason is one of
these; every other answer to the same request still fails. Counts of both go to the file named in FUZZ_TALLY.
"""
import atexit
import collections
import itertools
import json
import os
import re

import schemathesis

# Valid by the document's schemas, and refused: (code of the item, its parameter or member, None for any place) → why no schema can say it.
FILTER = "a filter is a language of its own, which the parameter's description and docs/api.md give"
INEXPRESSIBLE = {
    ("check_failed", None): "a record check compares two fields, or a field with another record's",
    ("conflicting_parameters", "cursor"): "OpenAPI cannot say that two parameters exclude each other (cursor and page)",
    ("invalid_cursor", "cursor"): "a cursor is encrypted by the server; no schema tells a real one from a made one",
    ("invalid_mailed_token", None): "what came by mail is made by the server; no schema tells a real one from a made one",
    ("required", "refreshToken"): "whether a refresh token stands in the body or comes in a cookie, no schema of the body says",
    ("include_too_large", "include"): "how many records there are, no schema says",
    ("immutable_field", None): "a key in the body of a PUT has to be that of the path, a reference in a nested record that to the record around",
    ("relation_not_writable", None): "a PUT takes nested records only where it makes the record, which depends on what is stored",
    ("unknown_parameter", "csv"): "OpenAPI cannot bind a parameter (csv) to the media type that Accept asks for",
    ("sum_out_of_range", None): "what a sum comes to depends on what is stored",
    **{(code, name): FILTER for name in ("filter", "having") for code in (
        "invalid_filter", "unknown_field", "unknown_operator", "operator_not_applicable", "variable_not_allowed", "filter_too_deep",
        "filter_too_large", "wrong_type", "invalid_format", "out_of_range", "value_not_allowed", "nul_character")},
}
# In these, a text names fields: what stands behind a relation is another entity's, whose names the pattern gives by their form only.
NAMES = ("select", "sort", "include", "groupBy", "measures")

tally = collections.Counter()
first = {}
keys = itertools.count(1)


def items_of(response):
    """The items of a problem, or none when the answer is no problem of ours."""
    if not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return []
    try:
        return json.loads(response.content).get("errors", [])
    except ValueError:
        return []


def problem_code(response):
    try:
        return json.loads(response.content).get("code")
    except (ValueError, AttributeError):
        return None


def sent(case, name):
    """What a request has under this name in its query or its body, as text."""
    for container in (case.query, case.body):
        if isinstance(container, dict) and name in container:
            value = container[name]
            return ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return ""


def at(body, pointer):
    """The value at a JSON Pointer of a body; None where nothing is."""
    for step in pointer.split("/")[1:]:
        if isinstance(body, dict):
            body = body.get(step)
        elif isinstance(body, list) and step.isdigit() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def reason_of_item(item, case):
    """Why this refusal of something valid is right; None when it is not."""
    code, pointer = item["code"], item.get("pointer")
    place = item.get("parameter") or (pointer or "").removeprefix("/")
    if code in ("unknown_field", "invalid_parameter") and place in NAMES:
        text = sent(case, place)
        names = [name.lstrip("-") for name in text.split(",")]
        if case.operation.path.endswith("/aggregate"):
            if place == "sort":
                return "what an aggregate is sorted by are the groups and measures of the same request"
            if place == "measures" and code == "invalid_parameter" and "(" in text:
                return "which measures a field has, its type says, and a group's name is taken: no pattern parts them"
        if code == "unknown_field" and re.search(r"[.(]", text):
            return "a name behind a relation is one of another entity's fields, of which the pattern gives the form only"
        if code == "invalid_parameter" and len(set(names)) < len(names):
            return "no pattern can say that a name stands once"
        if code == "invalid_parameter" and re.search(r"[.(]", text):
            return "what is behind a relation: that it leads to one record, has an order, or is a field, another entity's schema says"
        if code == "invalid_parameter" and len(names) > 8 and isinstance(case.body, dict) and isinstance(case.body.get(place), list):
            return "the names of several texts in a list count together"
    if pointer and pointer.startswith("/operations/"):
        return "an operation of a batch is a request of its own, whose path and body another operation of the document describes"
    if pointer and isinstance(case.body, (dict, list)):
        value = at(case.body, pointer)
        if isinstance(value, dict) and "$increment" in value:
            return "what a sum comes to depends on the stored number"
        if code == "out_of_range" and case.method.upper() == "PUT" and is_near_the_largest_key(path_of(case).rsplit("/", 1)[-1]):
            return "a key near the largest is refused where the PUT makes the record, which depends on what is stored"
        if code == "out_of_range" and isinstance(value, float):
            return "the digits of a decimal that JSON has as a binary fraction"
    return INEXPRESSIBLE.get((code, None)) or INEXPRESSIBLE.get((code, place))


def is_near_the_largest_key(text):
    return re.fullmatch(r"\d+", text) is not None and int(text) > 1 << 52


def breaks_pattern(case):
    """Whether a header of the request is not what its own pattern allows: the tool's boundary values pass over patterns of headers."""
    for parameter in case.operation.headers:
        value = (case.headers or {}).get(parameter.name)
        pattern = (parameter.definition.get("schema") or {}).get("pattern")
        if value is not None and pattern and not re.search(pattern, value):
            return True
    return False


def path_of(case):
    """The path as it was sent."""
    return case.as_curl_command().rsplit(" ", 1)[-1].strip("'").split("?")[0]


def reason_to_excuse(failure, case, response):
    kind = type(failure).__name__
    if kind == "RejectedPositiveData":
        items = items_of(response)
        if case.operation.path.endswith("/import") and response.status_code in (400, 422):
            if problem_code(response) in ("import.bad_rows", "import.invalid_file"):
                return "the rows of an import are described at the POST of one record"
        if response.status_code == 412:
            return "412: whether a record has an entity tag depends on what is stored"
        if response.status_code == 400 and breaks_pattern(case):
            return "the tool's boundary value of a header is not what the header's pattern allows"
        if [item["code"] for item in items] == ["invalid_key"] and "%2C" in path_of(case):
            return "the tool encodes the comma of a composite key that it took from a Location, so that it parts nothing"
        reasons = [reason_of_item(item, case) for item in items]
        if response.status_code in (400, 422) and items and all(reasons):
            return f"{items[0]['code']}: {reasons[0]}"
    if kind == "AcceptedNegativeData" and response.status_code == 412:
        return "412: a condition that fails is told before the body is judged (RFC 9110, 13.2.1)"
    if kind == "AcceptedNegativeData" and case.operation.path.endswith("/import") and (case.query or {}).get("onError") == "skip":
        if at(json.loads(response.content), "/data/badRows"):
            return "onError=skip: a bad row is passed over and told in the answer"
    if kind in ("MissingContentType", "MalformedJson") and response.status_code == 201:
        if response.headers.get("preference-applied", [""])[0] == "return=minimal" and not response.content:
            return "return=minimal: a 201 without a body, as the response's description says"
    if kind == "EnsureResourceAvailability" and hidden_by_rule(case):
        return "created, but hidden by the read rule of Product (Discontinued): 201 with null, then 404, as docs/api.md says"
    return None


def hidden_by_rule(case):
    """A product that is not sold any more: the example's only read rule that is a filter."""
    return case.operation.path.startswith("/v1/products/{key}")


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Each request has an Idempotency-Key of its own: the tool sends few of them again and again, with other requests, which is refused (422) before
    anything else of the request is looked at."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,200}", key):
        case.headers["Idempotency-Key"] = f"{key}-{next(keys)}"


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
