"""The official OpenAI client for Python, unchanged: Responses."""

import json

import openai
from scenarios import API_KEY, BASE_URL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY
from scenarios import STORY, headers_for, run, told, tool_answer

client = openai.OpenAI(base_url=BASE_URL, api_key=API_KEY, default_headers=HEADERS)
TOOLS = [
    {
        "type": "function",
        "name": tool["name"],
        "description": tool["description"],
        "parameters": tool["schema"],
        "strict": True,
    }
    for tool in STORY["tools"]
]
THINKING = {
    "tools": TOOLS,
    "reasoning": {"effort": "medium", "summary": "auto"},
    "include": ["reasoning.encrypted_content"],
}


def user(content) -> dict:
    return {"role": "user", "content": content}


def request(question, **more) -> dict:
    return {"model": MODEL, "input": question, "store": False, "max_output_tokens": 2000, **more}


def ask(question, **more):
    return client.responses.create(**request(question, **more))


def streamed(question, **more):
    with client.responses.stream(**request(question, **more)) as stream:
        return stream.get_final_response()


def calls_of(response) -> list:
    return [item for item in response.output if item.type == "function_call"]


def answer_of(response) -> dict:
    calls = [{"name": call.name, "arguments": json.loads(call.arguments)} for call in calls_of(response)]
    summaries = [part.text for item in response.output if item.type == "reasoning" for part in item.summary]
    return told(
        text=response.output_text or None,
        finish=response.incomplete_details.reason if response.incomplete_details else response.status,
        thinking="".join(summaries) or None,
        calls=calls or None,
        usage={
            "input": response.usage.input_tokens,
            "output": response.usage.output_tokens,
            "cached": response.usage.input_tokens_details.cached_tokens,
            "reasoning": response.usage.output_tokens_details.reasoning_tokens,
        },
    )


def loop(question: str, first, answer=tool_answer, **more) -> dict:
    """Answers every call, with everything the model made sent back, and gives the first answer with
    the text of the last."""
    results = [
        {
            "type": "function_call_output",
            "call_id": call.call_id,
            "output": answer(call.name, json.loads(call.arguments)),
        }
        for call in calls_of(first)
    ]
    second = ask([user(question), *first.output, *results], **more)
    ids = {call.call_id for call in calls_of(first)}
    return {**answer_of(first), "ids": len(ids), "answer": second.output_text}


def collect(seen: dict) -> dict:
    """Reads a stream event by event."""
    seen.update(pieces=0, numbered=True)
    text, last = "", None
    for number, event in enumerate(ask(STORY["pieces"], stream=True)):
        seen["numbered"] = seen["numbered"] and event.sequence_number == number
        if event.type == "response.output_text.delta":
            seen["pieces"] += 1
            text += event.delta
        last = event
    if last and last.type == "response.failed":
        seen.update(code=last.response.error.code, type=last.type)
        raise RuntimeError(last.response.error.message)
    if not last or last.type != "response.completed":
        return {"text": text, "ended": last and last.type}
    return {**answer_of(last.response), "same": last.response.output_text == text, **seen}


def text(seen: dict) -> dict:
    response = client.responses.with_raw_response.create(
        **request(STORY["hello"], instructions=STORY["system"])
    )
    return {**answer_of(response.parse()), "requestId": response.headers.get("x-relay-request-id")}


def structured(seen: dict) -> dict:
    form = {"type": "json_schema", "name": "report", "schema": STORY["reportSchema"], "strict": True}
    return json.loads(ask(STORY["report"], text={"format": form}).output_text)


def image(seen: dict) -> dict:
    url = f"data:image/png;base64,{STORY['image']}"
    content = [
        {"type": "input_text", "text": STORY["look"]},
        {"type": "input_image", "image_url": url, "detail": "auto"},
    ]
    return answer_of(ask([user(content)]))


def other_forms(seen: dict) -> dict:
    other = openai.OpenAI(base_url=OTHER_BASE_URL, api_key=OTHER_KEY)
    return answer_of(other.responses.create(**request(STORY["hello"])))


def refusal(seen: dict) -> None:
    stranger = client.with_options(default_headers=headers_for("nobody-connected"))
    stranger.responses.create(**request("hi"))


ONE, MANY, THINK = STORY["oneTool"], STORY["manyTools"], STORY["think"]

run(
    {
        "text": text,
        "stream": collect,
        "length": lambda seen: answer_of(ask(STORY["pieces"], max_output_tokens=STORY["fewTokens"])),
        "tool": lambda seen: loop(ONE, ask([user(ONE)], tools=TOOLS), tools=TOOLS),
        "toolStreamed": lambda seen: loop(ONE, streamed(ONE, tools=TOOLS), tools=TOOLS),
        "tools": lambda seen: loop(MANY, ask(MANY, tools=TOOLS), tools=TOOLS),
        "toolsStreamed": lambda seen: loop(MANY, streamed(MANY, tools=TOOLS), tools=TOOLS),
        "toolFails": lambda seen: loop(ONE, ask(ONE, tools=TOOLS), lambda *_: STORY["failure"], tools=TOOLS),
        "toolForced": lambda seen: answer_of(
            ask(STORY["hello"], tools=TOOLS, tool_choice={"type": "function", "name": "get_time"})
        ),
        "structured": structured,
        "image": image,
        "thinking": lambda seen: loop(THINK, ask(THINK, **THINKING), **THINKING),
        "thinkingStreamed": lambda seen: loop(THINK, streamed(THINK, **THINKING), **THINKING),
        "otherForms": other_forms,
        "cut": collect,
        "failing": collect,
        "keptAtOpenAI": lambda seen: ask(STORY["hello"], previous_response_id="resp_1"),
        "noSuchModel": lambda seen: ask(STORY["hello"], model="no-such-model"),
        "refusal": refusal,
    },
    lambda error: told(
        status=getattr(error, "status_code", None),
        code=getattr(error, "code", None),
        type=getattr(error, "type", None),
        param=getattr(error, "param", None),
    ),
)
