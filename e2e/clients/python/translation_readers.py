"""What each official Python client reads of an answer, in the shape that `translations.rs` expects, and the types that
the client has for an answer and an event."""

import json

import anthropic
import openai
from google import genai
from google.genai import errors as genai_errors
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent

MESSAGES = [{"role": "user", "content": "hi"}]


class Reader:
    """What a reader asks for; the model and the headers say it to who stands in for the provider."""

    model = "claude-sonnet-4-5"
    headers = {}


def usage_of(read, wrote, cache_read, cache_write=0, cache_write_1h=0, reasoning=0, audio=(0, 0), image=(0, 0)):
    counts = [read, wrote, cache_read, cache_write, cache_write_1h, reasoning, *audio, *image]
    names = ["input", "output", "cacheRead", "cacheWrite", "cacheWrite1h", "reasoning"]
    names += ["inputAudio", "outputAudio", "inputImage", "outputImage"]
    return dict(zip(names, [count or 0 for count in counts], strict=True))


def openai_usage(usage, read, wrote):
    """Both OpenAI dialects count alike, under other names."""
    if usage is None:
        return None
    before, after = getattr(usage, f"{read}_tokens_details"), getattr(usage, f"{wrote}_tokens_details")
    got = lambda details, name: getattr(details, f"{name}_tokens", 0)
    counts = getattr(usage, f"{read}_tokens"), getattr(usage, f"{wrote}_tokens")
    assert usage.total_tokens == sum(counts), f"the total is {usage.total_tokens}, not {counts}"
    return usage_of(
        *counts,
        cache_read=got(before, "cached"),
        cache_write=got(before, "cache_write"),
        reasoning=got(after, "reasoning"),
        audio=(got(before, "audio"), got(after, "audio")),
        image=(got(before, "image"), got(after, "image")),
    )


def arguments_of(text):
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


class OpenAiReader(Reader):
    path = "/v1"
    error = openai.APIError

    def __init__(self, url, key):
        self.client = openai.OpenAI(base_url=f"{url}{self.path}", api_key=key, max_retries=0)

    @property
    def ask(self):
        return {"model": self.model, "extra_headers": self.headers}

    @staticmethod
    def message_of(error):
        return error.message

    @staticmethod
    def status_of(error):
        return error.status_code


class Chat(OpenAiReader):
    answer, event = ChatCompletion, ChatCompletionChunk

    def whole(self):
        answer = self.client.chat.completions.create(messages=MESSAGES, **self.ask)
        return self.told(answer)

    def stream(self):
        options = {"include_usage": True}
        with self.client.chat.completions.stream(messages=MESSAGES, stream_options=options, **self.ask) as stream:
            try:
                answer = stream.get_final_completion()
            except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError) as error:
                # So the client tells these two ends of an answer, OpenAI's own too.
                answer = error.completion
            return self.told(answer)

    @staticmethod
    def told(answer):
        choice = answer.choices[0]
        message = choice.message
        return {
            "text": (message.content or "") + (message.refusal or ""),
            "reasoning": getattr(message, "reasoning_content", None) or "",
            "calls": [
                {"name": call.function.name, "arguments": arguments_of(call.function.arguments)}
                for call in message.tool_calls or []
            ],
            "images": len(getattr(message, "images", None) or []),
            "finish": choice.finish_reason,
            "usage": openai_usage(answer.usage, "prompt", "completion"),
        }


class Responses(OpenAiReader):
    answer, event = Response, ResponseStreamEvent

    def whole(self):
        answer = self.client.responses.create(input="hi", **self.ask)
        return self.told(answer)

    def stream(self):
        answer = None
        with self.client.responses.stream(input="hi", **self.ask) as stream:
            for event in stream:
                if event.type == "response.incomplete":
                    answer = event.response
            return self.told(answer or stream.get_final_response())

    @staticmethod
    def told(answer):
        told = {"text": "", "reasoning": "", "calls": [], "images": 0}
        for item in answer.output:
            match item.type:
                case "message":
                    for part in item.content:
                        told["text"] += part.text if part.type == "output_text" else part.refusal
                case "reasoning":
                    pieces = item.summary or item.content or []
                    told["reasoning"] += "".join(piece.text for piece in pieces)
                case "function_call":
                    told["calls"].append({"name": item.name, "arguments": arguments_of(item.arguments)})
                case "image_generation_call":
                    told["images"] += 1
        reason = answer.incomplete_details and answer.incomplete_details.reason
        assert (answer.status == "incomplete") == bool(reason), f"{answer.status} because of {reason}"
        return told | {"finish": reason or answer.status, "usage": openai_usage(answer.usage, "input", "output")}


class Messages(Reader):
    answer, event = anthropic.types.Message, anthropic.types.RawMessageStreamEvent
    error = anthropic.APIError

    def __init__(self, url, key):
        self.client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)

    @property
    def ask(self):
        return {"model": self.model, "max_tokens": 1024, "messages": MESSAGES, "extra_headers": self.headers}

    @staticmethod
    def message_of(error):
        return error.message

    @staticmethod
    def status_of(error):
        return error.status_code

    def whole(self):
        return self.told(self.client.messages.create(**self.ask))

    def stream(self):
        opened, is_open = 0, False
        with self.client.messages.stream(**self.ask) as stream:
            for event in stream:
                match event.type:
                    case "content_block_start":
                        assert not is_open and event.index == opened, f"block {event.index} starts out of turn"
                        opened, is_open = opened + 1, True
                    case "content_block_delta" | "content_block_stop":
                        assert is_open and event.index == opened - 1, f"block {event.index} is not open"
                        is_open = event.type == "content_block_delta"
                    case "message_delta" | "message_stop":
                        assert not is_open, f"{event.type} within a block"
            return self.told(stream.get_final_message())

    @staticmethod
    def told(answer):
        told = {"text": "", "reasoning": "", "calls": [], "images": 0}
        for block in answer.content:
            match block.type:
                case "text":
                    told["text"] += block.text
                case "thinking":
                    told["reasoning"] += block.thinking
                case "tool_use":
                    told["calls"].append({"name": block.name, "arguments": block.input})
        usage = answer.usage
        cached = (usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0)
        return told | {
            "finish": answer.stop_reason,
            "usage": usage_of(
                usage.input_tokens + sum(cached),
                usage.output_tokens,
                *cached,
                usage.cache_creation and usage.cache_creation.ephemeral_1h_input_tokens,
                usage.output_tokens_details and usage.output_tokens_details.thinking_tokens,
            ),
        }


class Gemini(Reader):
    answer = event = genai.types.GenerateContentResponse
    error = genai_errors.APIError

    def __init__(self, url, key):
        self.client = genai.Client(api_key=key, http_options={"base_url": url})

    @property
    def ask(self):
        config = {"http_options": {"headers": dict(self.headers)}}
        return {"model": self.model, "contents": "hi", "config": config}

    @staticmethod
    def message_of(error):
        return error.message or str(error)

    @staticmethod
    def status_of(error):
        return error.code

    def whole(self):
        answer = self.client.models.generate_content(**self.ask)
        told = self.told([answer])
        assert (answer.text or "") == told["text"], f"the client's text is {answer.text}"
        assert len(answer.function_calls or []) == len(told["calls"]), "the client finds other calls"
        return told

    def stream(self):
        return self.told(list(self.client.models.generate_content_stream(**self.ask)))

    @staticmethod
    def told(chunks):
        told = {"text": "", "reasoning": "", "calls": [], "images": 0, "finish": None, "usage": None}
        for chunk in chunks:
            first = [one for one in chunk.candidates or [] if not one.index]
            for candidate in first:
                assert told["finish"] is None or not candidate.content, "content behind the end"
                told["finish"] = candidate.finish_reason.value if candidate.finish_reason else told["finish"]
                for part in (candidate.content and candidate.content.parts) or []:
                    if part.text is not None:
                        told["reasoning" if part.thought else "text"] += part.text
                    if part.function_call:
                        call = part.function_call
                        told["calls"].append({"name": call.name, "arguments": call.args or {}})
                    if part.inline_data and part.inline_data.mime_type.startswith("image/"):
                        told["images"] += 1
            if chunk.usage_metadata:
                told["usage"] = Gemini.usage(chunk.usage_metadata)
        return told

    @staticmethod
    def usage(usage):
        def of(details, modality):
            return sum(one.token_count or 0 for one in details or [] if one.modality.value == modality)

        before, after = usage.prompt_tokens_details, usage.candidates_tokens_details
        read = (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0)
        wrote = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
        assert usage.total_token_count == read + wrote, f"the total is {usage.total_token_count}, not {read} + {wrote}"
        return usage_of(
            read,
            wrote,
            cache_read=usage.cached_content_token_count,
            reasoning=usage.thoughts_token_count,
            audio=(of(before, "AUDIO"), of(after, "AUDIO")),
            image=(of(before, "IMAGE"), of(after, "IMAGE")),
        )


READERS = {"openai-chat": Chat, "openai-responses": Responses, "anthropic-messages": Messages, "gemini": Gemini}
