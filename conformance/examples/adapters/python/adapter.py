#!/usr/bin/env python3
"""An adapter for the implementation in `iothub_resource.py`.

    iothub-conformance run --testee 'python3 adapter.py'

The runner writes one JSON object per line to the standard input of the adapter. It reads the answers from the standard
output, one JSON object per line, in the same order. To test your own implementation, copy both files and let the
functions under "Operations" call your code. Remove unsupported operations from `OPERATIONS`. The suite then skips the
cases of these operations.
"""

import base64
import json
import math
import sys

import iothub_resource as resource
from iothub_resource import Members, Refused

NAME = "python-example"
VERSION = "1.0.0"
PROTOCOL_VERSION = 1


class Unsupported(Exception):
    """The adapter does not support the operation, the profile or the version in the request."""


class Senseless(Exception):
    """The arguments of the request are malformed. The text of the exception is the reason."""


# --- Operations: each function takes the request as a dict and returns the value of `ok` ------------------------------


def hello(request):
    version = request.get("version")
    if type(version) is not int or version != PROTOCOL_VERSION:
        raise Unsupported
    return {"name": NAME, "version": VERSION, "ops": list(OPERATIONS), "profiles": list(resource.PROFILES)}


def decode(request):
    profile = read_profile(request)
    direction = read_direction(request)
    payload = read_base64(request, "payload")
    return {"message": resource.decode_message(payload, direction, profile)}


def encode(request):
    profile = read_profile(request)
    message = resource.read_message(read_argument(request, "message"), profile)
    return {"payload": base64.b64encode(resource.encode_message(message)).decode("ascii")}


def topic_format(request):
    direction = read_direction(request)
    product_id = read_string(request, "product_id")
    device_name = read_string(request, "device_name")
    return {"topic": resource.format_topic(direction, product_id, device_name)}


def topic_parse(request):
    return resource.parse_topic(read_string(request, "topic"))


def md5_digest(request):
    return {"md5sum": resource.md5sum_of(read_base64(request, "data"))}


def content_md5_encode(request):
    return {"content_md5": resource.content_md5_of(read_string(request, "md5sum"))}


def content_md5_decode(request):
    return {"md5sum": resource.md5sum_of_content_md5(read_string(request, "content_md5"))}


def trace(request):
    profile = read_profile(request)
    events = read_argument(request, "events")
    if type(events) is not list:
        raise Senseless("events is not an array")
    session = resource.Session(profile)
    for at, event in enumerate(events):
        try:
            observe(session, profile, event)
        except Refused as refused:
            refused.at = at
            raise
    return {"advice": [{"at": at, "code": code} for at, code in session.advice()]}


def observe(session, profile, event):
    if type(event) is not Members:
        raise Senseless("an event is not an object")
    event = dict(event)
    direction = read_direction(event)
    dup = event.get("dup", False)
    if type(dup) is not bool:
        raise Senseless("dup is not a boolean")
    session.observe(resource.read_message(read_argument(event, "message"), profile, direction), dup)


OPERATIONS = {
    "decode": decode,
    "encode": encode,
    "topic_format": topic_format,
    "topic_parse": topic_parse,
    "md5_digest": md5_digest,
    "content_md5_encode": content_md5_encode,
    "content_md5_decode": content_md5_decode,
    "trace": trace,
}


# --- Arguments of a request -------------------------------------------------------------------------------------------


def read_argument(request, key):
    if key not in request:
        raise Senseless(f"{key} is missing")
    return request[key]


def read_string(request, key):
    value = read_argument(request, key)
    if type(value) is not str:
        raise Senseless(f"{key} is not a string")
    return value


def read_base64(request, key):
    try:
        return base64.b64decode(read_string(request, key), validate=True)
    except ValueError:
        raise Senseless(f"{key} is not Base64") from None


def read_direction(request):
    direction = read_string(request, "direction")
    if direction not in resource.DIRECTIONS:
        raise Senseless("direction is neither up nor down")
    return direction


def read_profile(request):
    profile = request.get("profile", resource.DOCUMENTED)
    if profile not in resource.PROFILES:
        raise Unsupported
    return profile


# --- Standard input and output ----------------------------------------------------------------------------------------

_write_json = json.JSONEncoder(separators=(",", ":")).encode


def answer(line):
    """Returns the answer to one line, as bytes with the line end. Every line gets an answer, even a malformed one."""
    id = None
    try:
        request = read_request(line)
        id = request.get("id")
        if type(id) is not int and not (type(id) is float and math.isfinite(id)):
            id = None
            raise Senseless("id is not a number")
        result = {"id": id, "ok": run(request)}
    except Unsupported:
        result = {"id": id, "unsupported": True}
    except Senseless as senseless:
        result = {"id": id, "err": {"detail": str(senseless)}}
    except Refused as refused:
        result = {"id": id, "err": {"code": refused.code}}
        if refused.at is not None:
            result["err"]["at"] = refused.at
    return _write_json(result).encode("ascii") + b"\n"


def run(request):
    op = read_string(request, "op")
    if op == "hello":
        return hello(request)
    if op not in OPERATIONS:
        raise Unsupported
    return OPERATIONS[op](request)


def read_request(line):
    try:
        text = line.decode("utf-8")
        try:
            members = json.loads(text, object_pairs_hook=Members)
        except (RecursionError, ValueError):  # too deep or too long for the module, or not JSON
            members = resource.parse_json(text)
    except (UnicodeDecodeError, Refused):
        raise Senseless("the line is not JSON") from None
    if type(members) is not Members:
        raise Senseless("the line is not an object")
    return dict(members)


def main():
    """Answers all available lines, flushes the output and waits for more input."""
    rest = b""
    while chunk := sys.stdin.buffer.read1(65_536):
        *lines, rest = (rest + chunk).split(b"\n")
        sys.stdout.buffer.write(b"".join(map(answer, lines)))
        sys.stdout.buffer.flush()
    if rest:  # a last line without a line end
        sys.stdout.buffer.write(answer(rest))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
