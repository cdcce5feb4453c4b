"""The official Python client, unchanged, against Relay.

Reads RELAY_URL, RELAY_KEY, RELAY_USER, MODEL and EMBEDDING_MODEL (may be empty) from the
environment; writes what it got as one line of JSON. `clients.spec.ts` runs it and looks.
"""

import json
import os

import openai

MODEL = os.environ["MODEL"]
EMBEDDING_MODEL = os.environ.get("EMBEDDING_MODEL", "")
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


def client_for(user: str) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{os.environ['RELAY_URL']}/v1",
        api_key=os.environ["RELAY_KEY"],
        default_headers={"X-Relay-User": user},
    )


def whole_chat(client: openai.OpenAI) -> dict:
    response = client.chat.completions.with_raw_response.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": "You are brief."},
            {"role": "user", "content": "hello from Python"},
        ],
        max_tokens=200,
    )
    answer = response.parse()
    return {
        "text": answer.choices[0].message.content,
        "finish": answer.choices[0].finish_reason,
        "inputTokens": answer.usage.prompt_tokens,
        "outputTokens": answer.usage.completion_tokens,
        "requestId": response.headers.get("x-relay-request-id"),
    }


def streamed_chat(client: openai.OpenAI) -> dict:
    pieces, finish, usage = [], None, None
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "hello in pieces"}],
        max_tokens=200,
        stream=True,
        stream_options={"include_usage": True},
    )
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            if choice.delta.content:
                pieces.append(choice.delta.content)
    return {
        "text": "".join(pieces),
        "pieces": len(pieces),
        "finish": finish,
        "inputTokens": usage.prompt_tokens,
        "outputTokens": usage.completion_tokens,
    }


def tool_loop(client: openai.OpenAI) -> dict:
    messages = [{"role": "user", "content": 'use get_weather {"city":"Seoul"}'}]
    first = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS, max_tokens=200)
    call = first.choices[0].message.tool_calls[0]
    messages.append(first.choices[0].message)
    messages.append({"role": "tool", "tool_call_id": call.id, "content": "sunny in Seoul"})
    second = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS, max_tokens=200)
    return {
        "finish": first.choices[0].finish_reason,
        "name": call.function.name,
        "arguments": json.loads(call.function.arguments),
        "answer": second.choices[0].message.content,
    }


def streamed_tool_call(client: openai.OpenAI) -> dict:
    with client.chat.completions.stream(
        model=MODEL,
        messages=[{"role": "user", "content": 'use get_weather {"city":"Busan"}'}],
        tools=TOOLS,
        max_tokens=200,
    ) as stream:
        call = stream.get_final_completion().choices[0].message.tool_calls[0]
    return {"name": call.function.name, "arguments": json.loads(call.function.arguments)}


def embeddings(client: openai.OpenAI) -> dict:
    """Without `encoding_format` the client asks for base64 and decodes it itself."""
    texts = ["a cat", "a dog"]
    packed = client.embeddings.create(model=EMBEDDING_MODEL, input=texts, dimensions=256)
    numbers = client.embeddings.create(
        model=EMBEDDING_MODEL, input=texts, dimensions=256, encoding_format="float"
    )
    pairs = zip(packed.data[1].embedding, numbers.data[1].embedding, strict=True)
    return {
        "count": len(packed.data),
        "dimensions": len(packed.data[0].embedding),
        "same": all(abs(one - other) < 1e-6 for one, other in pairs),
        "inputTokens": packed.usage.prompt_tokens,
    }


def refusal() -> dict:
    try:
        client_for("nobody-connected").chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "hi"}]
        )
    except openai.APIStatusError as error:
        return {"status": error.status_code, "code": error.code}
    return {}


def main() -> None:
    client = client_for(os.environ["RELAY_USER"])
    result = {
        "whole": whole_chat(client),
        "streamed": streamed_chat(client),
        "tools": tool_loop(client),
        "streamedTool": streamed_tool_call(client),
        "refusal": refusal(),
    }
    if EMBEDDING_MODEL:
        result["embeddings"] = embeddings(client)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
