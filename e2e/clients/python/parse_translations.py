"""Feeds every translated answer to the official Python clients, unchanged.

usage: parse_translations.py FOLDER

FOLDER is what `crates/wire/tests/translations.rs` writes: for each dialect a file with a translation and what a client
must read of it in every line. A server on this machine answers each call with the next translation. Or, where RELAY_URL,
RELAY_KEY and REPLAY_URL are set, Relay does, which translates the recording that the upstream at REPLAY_URL replays; then
REPLAY_HALF says which half of them. Prints a table of what was read as it should be, and each failure; ends with 1 if
there is one.
"""

import json
import os
import sys
import threading
import warnings
from collections import Counter
from functools import cache
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from translation_readers import READERS

DIALECTS = ["openai-chat", "openai-responses", "anthropic-messages", "gemini"]

# Characters of a value in a failure: answers hold pictures.
LONGEST = 500


@cache
def adapter(kind):
    return TypeAdapter(kind)


class Standin(ThreadingHTTPServer):
    """Answers every call with `current`, whatever was asked."""

    daemon_threads = True
    current = None
    key = "none"

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A client that has read enough hangs up."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def show(self, translation, reader):
        """Checks first that the bytes are of the client's types, strictly: the client itself takes what it can."""
        self.current = translation
        if translation["kind"] == "whole":
            adapter(reader.answer).validate_json(translation["body"], strict=True)
        if translation["kind"] == "stream":
            for line in translation["body"].splitlines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    adapter(reader.event).validate_json(line.removeprefix("data: "), strict=True)
        return True


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A body behind its head must not wait for the client to acknowledge the head.
    disable_nagle_algorithm = True

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        translation = self.server.current
        body = translation["body"].encode()
        kind = "text/event-stream" if "stream" in translation["kind"] else "application/json"
        self.send_response(translation["status"])
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Relay:
    """Points Relay at a recording: a user of its own has the key of a host that replays it."""

    def __init__(self, environment):
        self.url, self.key = environment["RELAY_URL"], environment["RELAY_KEY"]
        self.replay_url = environment["REPLAY_URL"]
        self.connection = HTTPConnection(self.url.removeprefix("http://"))
        # Which half of them, 0 or 1.
        self.half = int(environment["REPLAY_HALF"])
        self.users = 0

    def show(self, translation, reader):
        self.users += 1
        if self.users % 2 != self.half or not translation.get("replay"):
            return False
        user = f"replay-python-{self.users}"
        base = f"{self.replay_url}{translation['replay']}"
        provider = f"replay-{translation['from']}"
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        body = json.dumps({"apiKey": "replayed", "baseUrl": base})
        self.connection.request("PUT", f"/v1/users/{user}/credentials/{provider}", body, headers)
        answer = self.connection.getresponse()
        told = answer.read()
        assert answer.status < 300, f"{answer.status} {told}"
        reader.model, reader.headers = f"{provider}/m", {"x-relay-user": user}
        return True


def check(reader, translation):
    """Reads one translation; gives what is wrong, or nothing."""
    expected = translation["expected"]
    is_stream = "stream" in translation["kind"]
    must_fail = "finish" not in expected
    try:
        told = reader.stream() if is_stream else reader.whole()
    except Exception as error:
        if not must_fail:
            return f"{type(error).__name__}: {error}"[:LONGEST]
        return wrong_error(reader, error, translation)
    if must_fail:
        return "was read as if it were whole"
    return difference(expected, told)


def wrong_error(reader, error, translation):
    """An error must be the client's own, with the status and the upstream's words."""
    expected = translation["expected"]
    if not isinstance(error, reader.error):
        return f"raised {type(error).__name__}, not the client's own error: {error}"
    # Relay names the provider where the wire cannot.
    if expected["message"].removeprefix("the upstream's stream ") not in reader.message_of(error):
        return f"{expected['message']!r} is not in {error}"
    if translation["kind"] == "error" and reader.status_of(error) != expected["status"]:
        return f"status {reader.status_of(error)}, not {expected['status']}"
    return None


def difference(expected, told):
    for field, value in expected.items():
        other = told[field]
        if field == "usage" and value is None:
            # Where the upstream told nothing, some dialects must say zero.
            value = other and dict.fromkeys(other, 0)
        if field == "calls" and not all(isinstance(call["arguments"], dict) for call in value):
            # Arguments that are no object can be told in OpenAI's dialects alone.
            value, other = ([call["name"] for call in calls] for calls in (value, other))
        if value != other:
            return f"{field}: expected {json.dumps(value)[:LONGEST]}\n  but was told {json.dumps(other)[:LONGEST]}"
    return None


def table(read, total):
    """As it stands in `docs/wire.md`."""
    print(f"| Provider | from | {' | '.join(f'read as {to}' for to in DIALECTS)} |")
    print(f"|{' --- |' * (len(DIALECTS) + 2)}")
    rows = sorted({(provider, DIALECTS.index(source)) for provider, source, _ in total})
    for provider, source in rows:
        of = [(provider, DIALECTS[source], to) for to in DIALECTS]
        cells = [f"{read[key]}/{total[key]}" if total[key] else "-" for key in of]
        print(f"| {provider} | {DIALECTS[source]} | {' | '.join(cells)} |")
    sums = [(sum(n for key, n in counts.items() if key[2] == to)) for to in DIALECTS for counts in (read, total)]
    cells = [f"{sums[at]}/{sums[at + 1]}" for at in range(0, len(sums), 2)]
    print(f"| total |  | {' | '.join(cells)} |")


def main(folder):
    # What the clients warn of is checked as values.
    warnings.simplefilter("ignore")
    upstream = Relay(os.environ) if "RELAY_URL" in os.environ else Standin()
    read, total, failures = Counter(), Counter(), []
    for to in DIALECTS:
        reader = READERS[to](upstream.url, upstream.key)
        with (Path(folder) / f"{to}.ndjson").open(encoding="utf-8") as lines:
            for line in lines:
                translation = json.loads(line)
                try:
                    if not upstream.show(translation, reader):
                        continue
                    wrong = check(reader, translation)
                except ValidationError as error:
                    wrong = f"not of the client's type: {error}"[:LONGEST]
                key = (translation["provider"], translation["from"], to)
                total[key] += 1
                if wrong:
                    failures.append(f"{translation['provider']} {translation['recording']} "
                                    f"({translation['kind']}) from {translation['from']} to {to}: {wrong}")
                else:
                    read[key] += 1
    table(read, total)
    if not total:
        failures.append("no translations")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
