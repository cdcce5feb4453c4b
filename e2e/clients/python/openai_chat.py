"""The official OpenAI client for Python, unchanged: Chat Completions, embeddings, models."""

import json

import openai
from scenarios import API_KEY, BASE_URL, EMBEDDING_MODEL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY
from scenarios import STORY, headers_for, run, told, tool_answer

client = openai.OpenAI(base_url=BASE_URL, api_key=API_KEY, default_headers=HEADERS)
TOOLS = [
    {
        "type": "function",
        "function": {"name": tool["name"], "description": tool["description"], "parameters": tool["schema"]},
    }
    for tool in STORY["tools"]
]
STREAMING = {"stream": True, "stream_options": {"include_usage": True}}
THINKING = {"tools": TOOLS, "reasoning_effort": "medium"}
PACKED = {"model": EMBEDDING_MODEL, "input": STORY["embed"], "dimensions": STORY["dimensions"]}


def user(content) -> dict:
    return {"role": "user", "content": content}


def request(content, **more) -> dict:
    return {"model": MODEL, "messages": [user(content)], "max_completion_tokens": 2000, **more}


def ask(content, **more):
    return client.chat.completions.create(**request(content, **more))


def usage_of(usage) -> dict:
    return told(
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens,
        reasoning=usage.completion_tokens_details and usage.completion_tokens_details.reasoning_tokens,
    )


def answer_of(completion) -> dict:
    message = completion.choices[0].message
    calls = message.tool_calls or []
    return told(
        text=message.content,
        finish=completion.choices[0].finish_reason,
        thinking=getattr(message, "reasoning_content", None),
        calls=[
            {"name": call.function.name, "arguments": json.loads(call.function.arguments)} for call in calls
        ]
        or None,
        usage=usage_of(completion.usage),
    )


def loop(question: str, first, answer=tool_answer, **more) -> dict:
    """Answers every call, and gives the first answer with the text of the last."""
    message = first.choices[0].message
    results = [
        {
            "role": "tool",
            "tool_call_id": call.id,
            "content": answer(call.function.name, json.loads(call.function.arguments)),
        }
        for call in message.tool_calls
    ]
    second = ask(question, **{**more, "messages": [user(question), message, *results]})
    ids = {call.id for call in message.tool_calls}
    return {**answer_of(first), "ids": len(ids), "answer": second.choices[0].message.content}


def streamed(question: str, **more):
    with client.chat.completions.stream(
        **request(question, stream_options={"include_usage": True}, **more)
    ) as stream:
        return stream.get_final_completion()


def collect(seen: dict) -> dict:
    seen["pieces"], text, finish, usage = 0, "", None, None
    for chunk in ask(STORY["pieces"], **STREAMING):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            text += choice.delta.content or ""
            seen["pieces"] += bool(choice.delta.content)
    return {**told(text=text, finish=finish, usage=usage and usage_of(usage)), **seen}


def text(seen: dict) -> dict:
    messages = [{"role": "system", "content": STORY["system"]}, user(STORY["hello"])]
    response = client.chat.completions.with_raw_response.create(**request("", messages=messages))
    return {**answer_of(response.parse()), "requestId": response.headers.get("x-relay-request-id")}


def structured(seen: dict) -> dict:
    schema = {"name": "report", "schema": STORY["reportSchema"], "strict": True}
    answer = ask(STORY["report"], response_format={"type": "json_schema", "json_schema": schema})
    return json.loads(answer.choices[0].message.content)


def image(seen: dict) -> dict:
    url = f"data:image/png;base64,{STORY['image']}"
    return answer_of(
        ask([{"type": "text", "text": STORY["look"]}, {"type": "image_url", "image_url": {"url": url}}])
    )


def embeddings(seen: dict) -> dict:
    """Without `encoding_format` the client asks for base64 and decodes it itself."""
    decoded = client.embeddings.create(**PACKED)
    numbers = client.embeddings.create(**PACKED, encoding_format="float")
    pairs = zip(decoded.data[1].embedding, numbers.data[1].embedding, strict=True)
    return {
        "count": len(decoded.data),
        "dimensions": len(decoded.data[0].embedding),
        "same": all(abs(one - other) < 1e-6 for one, other in pairs),
        "input": decoded.usage.prompt_tokens,
    }


def models(seen: dict) -> dict:
    listed = MODEL in [model.id for model in client.models.list()]
    return {"listed": listed, "one": client.models.retrieve(MODEL).id}


def other_forms(seen: dict) -> dict:
    other = openai.OpenAI(base_url=OTHER_BASE_URL, api_key=OTHER_KEY)
    return answer_of(other.chat.completions.create(**request(STORY["hello"])))


def refusal(seen: dict) -> None:
    stranger = client.with_options(default_headers=headers_for("nobody-connected"))
    stranger.chat.completions.create(**request("hi"))


ONE, MANY, THINK = STORY["oneTool"], STORY["manyTools"], STORY["think"]

run(
    {
        "text": text,
        "stream": collect,
        "length": lambda seen: answer_of(ask(STORY["pieces"], max_completion_tokens=STORY["fewTokens"])),
        "stop": lambda seen: answer_of(ask(STORY["pieces"], stop=STORY["stopBefore"])),
        "tool": lambda seen: loop(ONE, ask(ONE, tools=TOOLS), tools=TOOLS),
        "toolStreamed": lambda seen: loop(ONE, streamed(ONE, tools=TOOLS), tools=TOOLS),
        "tools": lambda seen: loop(MANY, ask(MANY, tools=TOOLS), tools=TOOLS),
        "toolsStreamed": lambda seen: loop(MANY, streamed(MANY, tools=TOOLS), tools=TOOLS),
        "toolFails": lambda seen: loop(ONE, ask(ONE, tools=TOOLS), lambda *_: STORY["failure"], tools=TOOLS),
        "toolForced": lambda seen: answer_of(
            ask(
                STORY["hello"],
                tools=TOOLS,
                tool_choice={"type": "function", "function": {"name": "get_time"}},
                parallel_tool_calls=True,
            )
        ),
        "structured": structured,
        "image": image,
        "thinking": lambda seen: loop(THINK, ask(THINK, **THINKING), **THINKING),
        # The client puts together what it has no type for, too, and sends it back.
        "thinkingStreamed": lambda seen: loop(THINK, streamed(THINK, **THINKING), **THINKING),
        "embeddings": embeddings,
        "models": models,
        "otherForms": other_forms,
        "cut": collect,
        "failing": collect,
        "noSuchModel": lambda seen: ask(STORY["hello"], model="no-such-model"),
        "refusal": refusal,
    },
    lambda error: told(
        status=getattr(error, "status_code", None),
        code=getattr(error, "code", None),
        type=getattr(error, "type", None),
    ),
)
