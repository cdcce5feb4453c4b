"""The official Anthropic client for Python, unchanged: messages, beta messages, token counts, models."""

import json

import anthropic
from scenarios import API_KEY, BASE_URL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY
from scenarios import STORY, headers_for, run, told, tool_answer

client = anthropic.Anthropic(base_url=BASE_URL, api_key=API_KEY, default_headers=HEADERS)
TOOLS = [
    {"name": tool["name"], "description": tool["description"], "input_schema": tool["schema"]}
    for tool in STORY["tools"]
]
THINKING = {"tools": TOOLS, "thinking": {"type": "enabled", "budget_tokens": 1024}}


def user(content) -> dict:
    return {"role": "user", "content": content}


def request(content, **more) -> dict:
    return {"model": MODEL, "messages": [user(content)], "max_tokens": 2000, **more}


def ask(content, **more):
    return client.messages.create(**request(content, **more))


def streamed(content, **more):
    with client.messages.stream(**request(content, **more)) as stream:
        return stream.get_final_message()


def blocks(message, kind: str) -> list:
    return [block for block in message.content if block.type == kind]


def answer_of(message) -> dict:
    usage = message.usage
    written, read = usage.cache_creation_input_tokens, usage.cache_read_input_tokens
    details = getattr(usage, "output_tokens_details", None)
    return told(
        text="".join(block.text for block in blocks(message, "text")) or None,
        finish=message.stop_reason,
        stopSequence=message.stop_sequence,
        thinking="".join(block.thinking for block in blocks(message, "thinking")) or None,
        calls=[{"name": call.name, "arguments": call.input} for call in blocks(message, "tool_use")] or None,
        usage=told(
            input=usage.input_tokens + (read or 0) + (written or 0),
            output=usage.output_tokens,
            cached=read,
            reasoning=details and details.thinking_tokens,
        ),
    )


def loop(question: str, first, answer=tool_answer, flags: dict | None = None, **more) -> dict:
    """Answers every call, with everything the model made sent back, and gives the first answer with
    the text of the last."""
    results = [
        {
            "type": "tool_result",
            "tool_use_id": call.id,
            "content": answer(call.name, call.input),
            **(flags or {}),
        }
        for call in blocks(first, "tool_use")
    ]
    messages = [user(question), {"role": "assistant", "content": first.content}, user(results)]
    second = ask(question, **{**more, "messages": messages})
    ids = {result["tool_use_id"] for result in results}
    return {**answer_of(first), "ids": len(ids), "answer": answer_of(second)["text"]}


def collect(seen: dict) -> dict:
    seen["pieces"] = 0
    with client.messages.stream(**request(STORY["pieces"])) as stream:
        for _ in stream.text_stream:
            seen["pieces"] += 1
        return {**answer_of(stream.get_final_message()), **seen}


def text(seen: dict) -> dict:
    response = client.messages.with_raw_response.create(**request(STORY["hello"], system=STORY["system"]))
    return {**answer_of(response.parse()), "requestId": response.headers.get("x-relay-request-id")}


def structured(seen: dict) -> dict:
    form = {"type": "json_schema", "schema": STORY["reportSchema"]}
    answer = ask(STORY["report"], output_config={"format": form})
    return json.loads(answer_of(answer)["text"])


def image(seen: dict) -> dict:
    source = {"type": "base64", "media_type": "image/png", "data": STORY["image"]}
    return answer_of(ask([{"type": "text", "text": STORY["look"]}, {"type": "image", "source": source}]))


def beta(seen: dict) -> dict:
    betas = ["interleaved-thinking-2025-05-14"]
    whole = client.beta.messages.create(**request(STORY["hello"], betas=betas))
    with client.beta.messages.stream(**request(STORY["pieces"], betas=betas)) as stream:
        return {"whole": answer_of(whole), "streamed": answer_of(stream.get_final_message())}


def count(seen: dict) -> int:
    counted = client.messages.count_tokens(
        model=MODEL, system=STORY["system"], messages=[user(STORY["pieces"])], tools=TOOLS
    )
    return counted.input_tokens


def models(seen: dict) -> dict:
    listed = MODEL in [model.id for model in client.models.list()]
    return {"listed": listed, "one": client.models.retrieve(MODEL).id}


def other_forms(seen: dict) -> dict:
    other = anthropic.Anthropic(base_url=OTHER_BASE_URL, api_key=OTHER_KEY)
    return answer_of(other.messages.create(**request(STORY["hello"])))


def refusal(seen: dict) -> None:
    stranger = client.with_options(default_headers=headers_for("nobody-connected"))
    stranger.messages.create(**request("hi"))


def describe(error: Exception) -> dict:
    body = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    inner = inner if isinstance(inner, dict) else {}
    return told(status=getattr(error, "status_code", None), type=inner.get("type"), code=inner.get("code"))


ONE, MANY, THINK = STORY["oneTool"], STORY["manyTools"], STORY["think"]

run(
    {
        "text": text,
        "stream": collect,
        "length": lambda seen: answer_of(ask(STORY["pieces"], max_tokens=STORY["fewTokens"])),
        "stop": lambda seen: answer_of(ask(STORY["pieces"], stop_sequences=[STORY["stopBefore"]])),
        "tool": lambda seen: loop(ONE, ask(ONE, tools=TOOLS), tools=TOOLS),
        "toolStreamed": lambda seen: loop(ONE, streamed(ONE, tools=TOOLS), tools=TOOLS),
        "tools": lambda seen: loop(MANY, ask(MANY, tools=TOOLS), tools=TOOLS),
        "toolsStreamed": lambda seen: loop(MANY, streamed(MANY, tools=TOOLS), tools=TOOLS),
        "toolFails": lambda seen: loop(
            ONE, ask(ONE, tools=TOOLS), lambda *_: STORY["failure"], {"is_error": True}, tools=TOOLS
        ),
        "toolForced": lambda seen: answer_of(
            ask(STORY["hello"], tools=TOOLS, tool_choice={"type": "tool", "name": "get_time"})
        ),
        "structured": structured,
        "image": image,
        "thinking": lambda seen: loop(THINK, ask(THINK, **THINKING), **THINKING),
        "thinkingStreamed": lambda seen: loop(THINK, streamed(THINK, **THINKING), **THINKING),
        "beta": beta,
        "count": count,
        "models": models,
        "otherForms": other_forms,
        "cut": collect,
        "failing": collect,
        "noSuchModel": lambda seen: ask(STORY["hello"], model="no-such-model"),
        "refusal": refusal,
    },
    describe,
)
