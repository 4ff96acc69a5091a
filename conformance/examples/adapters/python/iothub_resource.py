"""Tencent Cloud IoT Hub "resource management": the messages, the topics, the digests and the rules between messages.

This module implements the project's specification (`docs/`). The comments contain the ids of the requirements. The
module needs Python 3.9 or newer and only the standard library. It is independent of the adapter in `adapter.py`.
"""

import base64
import hashlib
import json
import re
from collections import Counter, deque, namedtuple

DOCUMENTED = "documented"  # only the messages on the published pages
DEPLOYED = "deployed"  # also the messages of the vendor's SDK and of the live service
PROFILES = (DOCUMENTED, DEPLOYED)

UP = "up"
DOWN = "down"
DIRECTIONS = (UP, DOWN)

MAX_PAYLOAD = 16_384  # bytes, ENC-1


class Refused(Exception):
    """The input violates the specification. `code` is the code of the rejection or of the finding."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code
        self.at = None  # the index of the offending message in a sequence, from 0


# --- JSON -------------------------------------------------------------------------------------------------------------
#
# The standard `json` module accepts `NaN` and reads `-0` as `0`. It fails at values that are about a thousand levels
# deep and at integers with more than 4,300 digits. Skipped values may be that deep and that long (ENC-5). Therefore,
# this module has a small reader with its own stack.


class Members(list):
    """A JSON object: its (key, value) pairs in the order of the text, including repeated keys."""


_TOKEN = re.compile(
    r"""[ \t\n\r]* (?:
        (?P<mark>   [][{}:,] )
      | (?P<string> "[^"\\\x00-\x1f]* (?: \\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}) [^"\\\x00-\x1f]* )*" )
      | (?P<number> -?(?:0|[1-9][0-9]*) (?:\.[0-9]+)? (?:[eE][+-]?[0-9]+)? )
      | (?P<word>   true|false|null )
      | (?P<end>    \Z )
      | (?P<junk>   . )
    )""",
    re.VERBOSE | re.DOTALL,
)
_INTEGER = re.compile(r"(?!-0)-?[0-9]+")


def parse_json(text):
    """Returns the JSON value in `text`: an object as `Members`, and any other value as in the `json` module."""
    document = container = []  # the text is treated as an array with one value and without brackets
    around = []  # the containers around `container`, the outermost first
    key = None
    expected = "value"
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        token = match[kind]
        in_object = type(container) is Members
        if expected == "comma":  # after a value: a comma, the closing bracket or the end of the text
            if token == "," and container is not document:
                expected = "key" if in_object else "value"
                continue
            if kind == "end" and container is document:
                return document[0]
        elif expected == "colon":
            if token != ":":
                break
            expected = "value"
            continue
        elif expected in ("key", "key or end"):
            if kind == "string":
                key = _parse_string(token)
                expected = "colon"
                continue
        elif kind in _SCALARS:
            _put(container, key, _SCALARS[kind](token))
            expected = "comma"
            continue
        elif token in ("{", "["):
            opened = Members() if token == "{" else []
            _put(container, key, opened)
            around.append(container)
            container = opened
            expected = "key or end" if token == "{" else "value or end"
            continue
        if around and token == ("}" if in_object else "]") and expected not in ("key", "value"):
            container = around.pop()
            expected = "comma"
            continue
        break
    raise Refused("invalid-json")


def _put(container, key, value):
    container.append((key, value) if type(container) is Members else value)


def _parse_string(token):
    return json.loads(token) if "\\" in token else token[1:-1]


def _parse_number(token):
    """Returns an `int` for a number that is written as an integer (ENC-9), or else a `float`, which no key accepts."""
    if _INTEGER.fullmatch(token):
        return int(token[:25])  # a longer integer is out of every range, and so are its first digits
    return float(token)


_SCALARS = {
    "string": _parse_string,
    "number": _parse_number,
    "word": {"true": True, "false": False, "null": None}.get,
}


# --- Values -----------------------------------------------------------------------------------------------------------

_SURROGATE = re.compile("[\ud800-\udfff]")  # an unpaired surrogate: a pair has already become one character
_NAME = re.compile(r"[^\x00-\x1f\x7f]+")
_MD5SUM = re.compile(r"[0-9a-f]{32}")
_VISIBLE = re.compile(r"[!-~]*")  # U+0021 to U+007E
_AUTHORITY = re.compile(r"https?://([^/?#]*)", re.IGNORECASE | re.ASCII)
_PORT = re.compile(r":[0-9]*\Z")


def _string(value):
    if type(value) is not str:
        raise Refused("wrong-type")
    if not value.isascii() and _SURROGATE.search(value):  # ENC-8
        raise Refused("invalid-json")
    return value


def _integer(value, lowest, highest):
    if type(value) is not int:  # not isinstance(), which accepts True as an int
        raise Refused("wrong-type")
    if not lowest <= value <= highest:
        raise Refused("out-of-range")
    return value


def _name(value, profile):
    if not _NAME.fullmatch(_string(value)):
        raise Refused("invalid-name")
    return value


def _md5sum(value, profile):
    digest = _string(value)
    if profile == DEPLOYED:
        digest = digest.lower()
    if not _MD5SUM.fullmatch(digest):
        raise Refused("invalid-md5sum")
    return digest


def _url(value, profile):
    url = _string(value)
    start = _AUTHORITY.match(url)
    if not start or not _VISIBLE.fullmatch(url):
        raise Refused("invalid-url")
    host = _PORT.sub("", start[1].rpartition("@")[2])
    if not host:
        raise Refused("invalid-url")
    return url


_VALUES = {  # every key except `type`, `state` and `progress`
    "size": lambda value, profile: _integer(value, 0, 2**53 - 1),
    "name": _name,
    "md5sum": _md5sum,
    "url": _url,
    "percent": lambda value, profile: _integer(value, 0, 100),
    "result_code": lambda value, profile: _integer(value, -(2**31), 2**31 - 1),
    "result_msg": lambda value, profile: _string(value),
}


# --- Messages ---------------------------------------------------------------------------------------------------------

# MSG-1 to MSG-9: the direction of each type, and its keys except `type` in the documented order
MESSAGES = {
    "create_upload_task": (UP, ("size", "name", "md5sum")),
    "create_upload_task_rsp": (DOWN, ("size", "name", "md5sum", "url")),
    "report_upload_progress": (UP, ("name", "progress")),
    "report_upload_progress_rsp": (DOWN, ("result_code", "result_msg")),
    "get_download_task": (UP, ()),
    "get_download_task_rsp": (DOWN, ("size", "name", "md5sum", "url")),
    "report_download_progress": (UP, ("name", "progress")),
    "report_download_progress_rsp": (DOWN, ("result_code", "result_msg")),
    "download": (DOWN, ("size", "name", "md5sum", "url")),
}
DEPLOYED_ONLY = ("download",)
WORKING_STATES = {"report_upload_progress": "uploading", "report_download_progress": "downloading"}
FINAL_STATES = ("done", "fail")  # only in the profile `deployed`

TOP_KEYS = ("type", "size", "name", "md5sum", "url", "progress", "result_code", "result_msg")
PROGRESS_KEYS = ("state", "percent", "result_code", "result_msg")


def decode_message(payload, direction, profile):
    """Decodes a payload from the topic for `direction`. Returns the message in the form of `read_message`."""
    if len(payload) > MAX_PAYLOAD:
        raise Refused("payload-too-large")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("not-utf8") from None
    return read_message(parse_json(text), profile, direction)


def encode_message(message):
    """Returns the shortest payload for a message that `read_message` returned."""
    payload = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if len(payload) > MAX_PAYLOAD:
        raise Refused("payload-too-large")
    return payload


def read_message(members, profile, direction=None):
    """Checks a JSON value and returns it as a message: a dict of the documented keys in the documented order.

    Without `direction`, the message may have either direction.
    """
    if type(members) is not Members:
        raise Refused("not-an-object")
    fields = _unique(members, TOP_KEYS)
    if "type" not in fields:
        raise Refused("missing-type")
    kind = _string(fields["type"])
    if kind not in MESSAGES or (kind in DEPLOYED_ONLY and profile != DEPLOYED):
        raise Refused("unknown-type")
    way, keys = MESSAGES[kind]
    if direction not in (way, None):
        raise Refused("wrong-direction")
    if profile == DOCUMENTED and any(key != "type" and key not in keys for key in fields):
        raise Refused("unknown-field")
    message = {"type": kind}
    for key in keys:
        value = _required(fields, key)
        message[key] = _read_progress(value, kind, profile) if key == "progress" else _VALUES[key](value, profile)
    return message


def _read_progress(members, kind, profile):
    if type(members) is not Members:
        raise Refused("wrong-type")
    fields = _unique(members, PROGRESS_KEYS)
    if profile == DOCUMENTED and any(key not in PROGRESS_KEYS for key in fields):
        raise Refused("unknown-field")
    state = _string(_required(fields, "state"))
    final = profile == DEPLOYED and state in FINAL_STATES
    if not final and state != WORKING_STATES[kind]:
        raise Refused("invalid-state")
    progress = {"state": state}
    for key in PROGRESS_KEYS[1:]:
        if key == "percent" and final and key not in fields:
            continue
        progress[key] = _VALUES[key](_required(fields, key), profile)
    return progress


def _unique(members, vocabulary):
    """Returns the members as a dict. Rejects a repeated key if the key is in `vocabulary` (ENC-4)."""
    fields = {}
    for key, value in members:
        if not key.isascii() and _SURROGATE.search(key):  # ENC-8
            raise Refused("invalid-json")
        if key in fields and key in vocabulary:
            raise Refused("duplicate-key")
        fields[key] = value
    return fields


def _required(fields, key):
    if key not in fields:
        raise Refused("missing-field")
    return fields[key]


# --- Topics -----------------------------------------------------------------------------------------------------------

_TOPIC = re.compile(
    r"\$resource/(?P<direction>up|down)/service/(?P<product_id>[A-Za-z0-9]{1,10})/(?P<device_name>[A-Za-z0-9:_-]{1,48})"
)


def format_topic(direction, product_id, device_name):
    """Returns the topic for these parts (TOP-1, TOP-2). Rejects parts that do not give a valid topic."""
    topic = f"$resource/{direction}/service/{product_id}/{device_name}"
    parse_topic(topic)
    return topic


def parse_topic(topic):
    """Returns a dict of `direction`, `product_id` and `device_name` (TOP-5)."""
    match = _TOPIC.fullmatch(topic)
    if not match:
        raise Refused("invalid-topic")
    return match.groupdict()


# --- Digests ----------------------------------------------------------------------------------------------------------

_CONTENT_MD5 = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")  # canonical: the last digit contains only two bits


def md5sum_of(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def content_md5_of(md5sum):
    """Returns the header for a digest: the Base64 of its 16 bytes (HTTP-2)."""
    if not _MD5SUM.fullmatch(md5sum):
        raise Refused("invalid-md5sum")
    return base64.b64encode(bytes.fromhex(md5sum)).decode("ascii")


def md5sum_of_content_md5(content_md5):
    if not _CONTENT_MD5.fullmatch(content_md5):
        raise Refused("invalid-content-md5")
    return base64.b64decode(content_md5).hex()


# --- Sessions ---------------------------------------------------------------------------------------------------------


class _Task:
    """One upload or download, from its start to its end. A restart (SES-10) creates a new task."""

    def __init__(self, issued):
        self.issued = issued  # whether the device has the URL
        self.percent = None  # the percentage in the last report
        self.end = None  # the report that ended the task


# An unanswered `create_upload_task`: its index, the values that the answer must repeat, and the task that it started.
_Create = namedtuple("_Create", "at size md5sum task")


class Session:
    """An observer of both topics of one device. Call `observe` with every message in order, and then call `advice`."""

    def __init__(self, profile):
        self._profile = profile
        self._advice = []  # (index of the message, code)
        self._count = 0
        self._seen = set()
        self._uploads = {}  # name: the current _Task
        self._downloads = {}
        self._creates = {}  # name: the unanswered _Creates, the oldest first
        self._queries = 0  # the number of unanswered get_download_task messages
        self._last_rsp = {}  # (type, name): the last task response
        self._upload_reports = deque()  # the indices of the unanswered reports, the oldest first
        self._download_reports = deque()
        self._second_answers = Counter()  # result of _answer_to: the number of permitted additional answers

    def observe(self, message, dup=False):
        """Observes the next message, as `read_message` returned it. Raises `Refused` if the message violates a rule.

        Do not use the session after this exception: the class does not implement how a checker continues (SES-12).
        """
        at = self._count
        self._count += 1
        spelling = json.dumps(message)
        if dup and spelling in self._seen:  # sent again (SES-11)
            self._second_answers[_answer_to(message)] += 1
            return
        self._seen.add(spelling)
        kind = message["type"]
        if kind == "create_upload_task":
            self._create(at, message)
        elif kind == "create_upload_task_rsp":
            self._create_rsp(at, message)
        elif kind == "report_upload_progress":
            self._report(at, message, self._uploads, self._upload_reports)
        elif kind == "report_upload_progress_rsp":
            self._report_rsp(message, self._upload_reports)
        elif kind == "get_download_task":
            self._queries += 1
        elif kind == "get_download_task_rsp":
            self._query_rsp(at, message)
        elif kind == "report_download_progress":
            self._report(at, message, self._downloads, self._download_reports)
        elif kind == "report_download_progress_rsp":
            self._report_rsp(message, self._download_reports)
        elif kind == "download":
            self._deliver(message)

    def advice(self):
        """Returns the advice for a session that ends here, as sorted pairs of an index and a code."""
        unanswered = [create.at for creates in self._creates.values() for create in creates]
        unanswered += self._upload_reports
        unanswered += self._download_reports
        return sorted(self._advice + [(at, "unanswered") for at in unanswered])  # SES-9

    def _create(self, at, message):
        task = self._uploads[message["name"]] = _Task(issued=False)
        create = _Create(at, message["size"], message["md5sum"], task)
        self._creates.setdefault(message["name"], []).append(create)

    def _create_rsp(self, at, message):
        creates = self._creates.get(message["name"], ())
        for create in reversed(creates):  # the newest create that the answer matches
            if (create.size, create.md5sum) == (message["size"], message["md5sum"]):
                creates.remove(create)
                create.task.issued = True  # without effect if a newer create has replaced the task
                self._last_rsp[message["type"], message["name"]] = message
                return
        if self._is_second_answer(message):
            self._last_rsp[message["type"], message["name"]] = message
            return
        if not creates:
            self._repeated_or_unsolicited(at, message)
            return
        raise Refused("echo-mismatch")  # SES-2

    def _query_rsp(self, at, message):
        if self._queries == 0:
            if not self._is_second_answer(message):
                self._repeated_or_unsolicited(at, message)
                return
        else:
            self._queries -= 1
        self._last_rsp[message["type"], message["name"]] = message
        self._deliver(message)

    def _is_second_answer(self, message):
        """Returns whether the message is a permitted additional answer (SES-11). If so, counts it as received."""
        answer = _answer(message)
        if self._second_answers[answer] == 0:
            return False
        self._second_answers[answer] -= 1
        return True

    def _deliver(self, message):
        self._downloads[message["name"]] = _Task(issued=True)

    def _repeated_or_unsolicited(self, at, message):
        if self._last_rsp.get((message["type"], message["name"])) != message:
            raise Refused("unsolicited-response")  # SES-1, SES-4
        self._advice.append((at, "repeated"))  # SES-11

    def _report(self, at, message, tasks, unanswered):
        task = tasks.get(message["name"])
        progress = message["progress"]
        if task and task.end == message:
            self._advice.append((at, "repeated"))  # SES-11
            self._second_answers[_answer_to(message)] += 1
            return
        if not task:
            raise Refused("no-such-task")  # SES-3, SES-5
        if not task.issued:
            raise Refused("progress-before-url")  # SES-3
        if task.end:
            raise Refused("after-end")  # SES-7
        unanswered.append(at)  # SES-6
        percent = progress.get("percent")
        if percent is not None:
            if task.percent is not None and percent < task.percent:
                self._advice.append((at, "percent-decreased"))  # SES-8
            task.percent = percent
        if self._ends(progress):
            task.end = message

    def _ends(self, progress):
        """Returns whether a report with this progress ends the task (SES-7)."""
        if progress["result_code"] != 0:
            return True
        if self._profile == DEPLOYED:
            return progress["state"] in FINAL_STATES
        return progress["percent"] == 100

    def _report_rsp(self, message, unanswered):
        if not unanswered and self._is_second_answer(message):
            return
        if not unanswered:
            raise Refused("unsolicited-response")  # SES-6
        unanswered.popleft()


def _answer(message):
    """Returns the values that identify an answer: its type and, for a create, the values that the answer repeats."""
    kind = message["type"]
    return (kind, *(message[key] for key in ("name", "size", "md5sum") if kind == "create_upload_task_rsp"))


def _answer_to(message):
    return _answer({**message, "type": message["type"] + "_rsp"})
