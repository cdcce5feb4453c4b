"""Google's official client for Python, unchanged: contents, token counts, embeddings, models.

It calls `/v1/models/...` where the one for JavaScript calls `/v1beta/models/...`.
"""

import base64
import json

from google import genai
from google.genai import errors, types
from scenarios import API_KEY, BASE_URL, EMBEDDING_MODEL, HEADERS, MODEL, OTHER_BASE_URL, OTHER_KEY
from scenarios import STORY, headers_for, run, told, tool_answer


def client_of(base_url: str, api_key: str, headers: dict[str, str]) -> genai.Client:
    return genai.Client(api_key=api_key, http_options=types.HttpOptions(base_url=base_url, headers=headers))


client = client_of(BASE_URL, API_KEY, HEADERS)
DECLARATIONS = [
    types.FunctionDeclaration(
        name=tool["name"], description=tool["description"], parameters_json_schema=tool["schema"]
    )
    for tool in STORY["tools"]
]
TOOLS = {
    "tools": [types.Tool(function_declarations=DECLARATIONS)],
    "automatic_function_calling": types.AutomaticFunctionCallingConfig(disable=True),
}
THINKING = {**TOOLS, "thinking_config": types.ThinkingConfig(include_thoughts=True, thinking_budget=1024)}


def user(*parts: types.Part) -> types.Content:
    return types.Content(role="user", parts=list(parts))


def request(contents, **config) -> dict:
    return {
        "model": MODEL,
        "contents": contents,
        "config": types.GenerateContentConfig(**{"max_output_tokens": 2000, **config}),
    }


def ask(contents, **config):
    return client.models.generate_content(**request(contents, **config))


def text_of(parts) -> str | None:
    return "".join(part.text or "" for part in parts) or None


def answer_of(response) -> dict:
    candidate, usage = response.candidates[0], response.usage_metadata
    parts = candidate.content.parts
    calls = [part.function_call for part in parts if part.function_call]
    return told(
        text=text_of(part for part in parts if not part.thought),
        finish=candidate.finish_reason.value,
        thinking=text_of(part for part in parts if part.thought),
        calls=[{"name": call.name, "arguments": call.args} for call in calls] or None,
        usage=told(
            input=usage.prompt_token_count,
            output=(usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
            cached=usage.cached_content_token_count,
            reasoning=usage.thoughts_token_count,
            total=usage.total_token_count,
        ),
    )


def loop(question: str, first, answer=None, **config) -> dict:
    """Answers every call, with everything the model made sent back, and gives the first answer with
    the text of the last."""
    content = first.candidates[0].content
    calls = [part.function_call for part in content.parts if part.function_call]
    results = [
        types.Part(
            function_response=types.FunctionResponse(
                id=call.id,
                name=call.name,
                response=answer or {"output": tool_answer(call.name, call.args)},
            )
        )
        for call in calls
    ]
    second = ask([user(types.Part(text=question)), content, user(*results)], **config)
    return {**answer_of(first), "answer": second.text}


def collect(question: str, seen: dict, **config):
    """Reads a stream and puts its parts together, in their order."""
    seen["pieces"] = 0
    parts, last = [], None
    for chunk in client.models.generate_content_stream(**request(question, **config)):
        for part in (chunk.candidates[0].content.parts if chunk.candidates[0].content else None) or []:
            if part.text != "" or part.thought_signature:
                parts.append(part)
            seen["pieces"] += bool(part.text and not part.thought)
        last = chunk
    last.candidates[0].content = types.Content(role="model", parts=parts)
    return last


def text(seen: dict) -> dict:
    response = ask(STORY["hello"], system_instruction=STORY["system"])
    headers = {name.lower(): value for name, value in response.sdk_http_response.headers.items()}
    return {**answer_of(response), "requestId": headers.get("x-relay-request-id")}


def structured(seen: dict) -> dict:
    config = {"response_mime_type": "application/json", "response_json_schema": STORY["reportSchema"]}
    return json.loads(ask(STORY["report"], **config).text)


def image(seen: dict) -> dict:
    picture = types.Part.from_bytes(data=base64.b64decode(STORY["image"]), mime_type="image/png")
    return answer_of(ask([types.Part(text=STORY["look"]), picture]))


def chat(seen: dict) -> list:
    """The chat helper keeps the history itself."""
    conversation = client.chats.create(model=MODEL)
    first = conversation.send_message(STORY["hello"])
    second = conversation.send_message(STORY["pieces"])
    return [first.text, second.text, len(conversation.get_history())]


def count(seen: dict) -> int:
    return client.models.count_tokens(model=MODEL, contents=STORY["pieces"]).total_tokens


def embeddings(seen: dict) -> dict:
    config = types.EmbedContentConfig(output_dimensionality=STORY["dimensions"])
    answer = client.models.embed_content(model=EMBEDDING_MODEL, contents=STORY["embed"], config=config)
    return {"count": len(answer.embeddings), "dimensions": len(answer.embeddings[0].values)}


def models(seen: dict) -> dict:
    listed = f"models/{MODEL}" in [model.name for model in client.models.list()]
    return {"listed": listed, "one": client.models.get(model=MODEL).name}


def forced(seen: dict) -> dict:
    calling = types.FunctionCallingConfig(mode="ANY", allowed_function_names=["get_time"])
    return answer_of(
        ask(STORY["hello"], **TOOLS, tool_config=types.ToolConfig(function_calling_config=calling))
    )


def other_forms(seen: dict) -> dict:
    other = client_of(OTHER_BASE_URL, OTHER_KEY, {})
    return answer_of(other.models.generate_content(**request(STORY["hello"])))


def refusal(seen: dict) -> None:
    stranger = client_of(BASE_URL, API_KEY, headers_for("nobody-connected"))
    stranger.models.generate_content(**request("hi"))


def describe(error: Exception) -> dict:
    if not isinstance(error, errors.APIError):
        return {}
    details = error.details.get("error", {}).get("details") or [{}]
    return told(
        status=error.code, type=error.status, message=error.message, reason=details[0].get("reason")
    )


ONE, MANY, THINK, PIECES = STORY["oneTool"], STORY["manyTools"], STORY["think"], STORY["pieces"]

run(
    {
        "text": text,
        "stream": lambda seen: {**answer_of(collect(PIECES, seen)), **seen},
        "length": lambda seen: answer_of(ask(PIECES, max_output_tokens=STORY["fewTokens"])),
        "stop": lambda seen: answer_of(ask(PIECES, stop_sequences=[STORY["stopBefore"]])),
        "tool": lambda seen: loop(ONE, ask(ONE, **TOOLS), **TOOLS),
        "toolStreamed": lambda seen: loop(ONE, collect(ONE, seen, **TOOLS), **TOOLS),
        "tools": lambda seen: loop(MANY, ask(MANY, **TOOLS), **TOOLS),
        "toolsStreamed": lambda seen: loop(MANY, collect(MANY, seen, **TOOLS), **TOOLS),
        "toolFails": lambda seen: loop(ONE, ask(ONE, **TOOLS), {"error": STORY["failure"]}, **TOOLS),
        "toolForced": forced,
        "structured": structured,
        "image": image,
        "thinking": lambda seen: loop(THINK, ask(THINK, **THINKING), **THINKING),
        "thinkingStreamed": lambda seen: loop(THINK, collect(THINK, seen, **THINKING), **THINKING),
        "chat": chat,
        "count": count,
        "embeddings": embeddings,
        "models": models,
        "otherForms": other_forms,
        "cut": lambda seen: answer_of(collect(PIECES, seen)),
        "failing": lambda seen: answer_of(collect(PIECES, seen)),
        "noSuchModel": lambda seen: client.models.generate_content(
            **{**request(STORY["hello"]), "model": "no-such-model"}
        ),
        "refusal": refusal,
    },
    describe,
)
