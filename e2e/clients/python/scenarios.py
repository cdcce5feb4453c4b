"""What every Python client script shares: the story they all tell, and the runner.

The client under test is told a base URL, a key and one header, as anybody would tell it. What else
stands in the environment is between the spec and this file: SIM_URL and REPLIES (what the simulated
provider is to say, by scenario), WITHOUT (scenarios to leave out).
"""

import json
import os
import urllib.request
from collections.abc import Callable
from pathlib import Path

STORY = json.loads((Path(__file__).parent.parent / "story.json").read_text())

BASE_URL = os.environ["BASE_URL"]
API_KEY = os.environ["API_KEY"]
MODEL = os.environ["MODEL"]
EMBEDDING_MODEL = os.environ.get("EMBEDDING_MODEL", "")
OTHER_BASE_URL = os.environ.get("OTHER_BASE_URL", "")
OTHER_KEY = os.environ.get("OTHER_KEY", "")


def headers_for(user: str) -> dict[str, str]:
    """The end user's header; none when the provider itself is called."""
    return {"X-Relay-User": user} if user else {}


HEADERS = headers_for(os.environ.get("RELAY_USER", ""))


def tool_answer(name: str, arguments: dict) -> str:
    """What a tool answers: enough to tell which call it answers."""
    return " ".join([name, *arguments.values()])


def told(**fields) -> dict:
    """Fields that are not told are left out."""
    return {name: value for name, value in fields.items() if value is not None}


def _sim(method: str, path: str, body: object = None) -> bytes:
    request = urllib.request.Request(
        f"{os.environ['SIM_URL']}/__sim/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        return response.read()


def run(scenarios: dict[str, Callable[[dict], object]], describe: Callable[[Exception], dict]) -> None:
    """Runs scenarios one after another and prints one JSON: what each gave (`value`) or threw
    (`error`, in the client's own words by `describe`), and the requests that reached the provider
    (`upstream`)."""
    replies = json.loads(os.environ.get("REPLIES") or "{}")
    unwanted = os.environ.get("WITHOUT", "").split(",")
    result = {}
    for name, scenario in scenarios.items():
        if name in unwanted:
            continue
        _sim("DELETE", "script")
        _sim("DELETE", "requests")
        for reply in replies.get(name, []):
            _sim("POST", "script", reply)
        # A stream that breaks off throws; what came before it is told all the same.
        seen: dict = {}
        try:
            result[name] = {"value": scenario(seen)}
        except Exception as error:
            own = {"class": type(error).__name__, "message": str(error)}
            result[name] = {"error": {**own, **describe(error), **seen}}
        received = json.loads(_sim("GET", "requests"))
        result[name]["upstream"] = [
            {field: request[field] for field in ("method", "path", "body")} for request in received
        ]
    print(json.dumps(result))
