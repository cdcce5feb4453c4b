// The official Node.js client, unchanged, against Relay.
//
// Reads RELAY_URL, RELAY_KEY, RELAY_USER, MODEL and EMBEDDING_MODEL (may be empty) from the
// environment; writes what it got as one line of JSON. `clients.spec.ts` runs it and looks.

import OpenAI from "openai";

const { RELAY_URL, RELAY_KEY, RELAY_USER, MODEL, EMBEDDING_MODEL } = process.env;
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather in a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

const clientFor = (user) =>
  new OpenAI({ baseURL: `${RELAY_URL}/v1`, apiKey: RELAY_KEY, defaultHeaders: { "X-Relay-User": user } });

async function wholeChat(client) {
  const { data: answer, response } = await client.chat.completions
    .create({
      model: MODEL,
      messages: [
        { role: "system", content: "You are brief." },
        { role: "user", content: "hello from Node" },
      ],
      max_tokens: 200,
    })
    .withResponse();
  return {
    text: answer.choices[0].message.content,
    finish: answer.choices[0].finish_reason,
    inputTokens: answer.usage.prompt_tokens,
    outputTokens: answer.usage.completion_tokens,
    requestId: response.headers.get("x-relay-request-id"),
  };
}

async function streamedChat(client) {
  const stream = await client.chat.completions.create({
    model: MODEL,
    messages: [{ role: "user", content: "hello in pieces" }],
    max_tokens: 200,
    stream: true,
    stream_options: { include_usage: true },
  });
  const pieces = [];
  let finish = null;
  let usage = null;
  for await (const chunk of stream) {
    usage = chunk.usage ?? usage;
    for (const choice of chunk.choices) {
      finish = choice.finish_reason ?? finish;
      if (choice.delta.content) {
        pieces.push(choice.delta.content);
      }
    }
  }
  return {
    text: pieces.join(""),
    pieces: pieces.length,
    finish,
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
  };
}

async function toolLoop(client) {
  const messages = [{ role: "user", content: 'use get_weather {"city":"Seoul"}' }];
  const first = await client.chat.completions.create({ model: MODEL, messages, tools, max_tokens: 200 });
  const call = first.choices[0].message.tool_calls[0];
  messages.push(first.choices[0].message);
  messages.push({ role: "tool", tool_call_id: call.id, content: "sunny in Seoul" });
  const second = await client.chat.completions.create({ model: MODEL, messages, tools, max_tokens: 200 });
  return {
    finish: first.choices[0].finish_reason,
    name: call.function.name,
    arguments: JSON.parse(call.function.arguments),
    answer: second.choices[0].message.content,
  };
}

async function streamedToolCall(client) {
  const stream = client.chat.completions.stream({
    model: MODEL,
    messages: [{ role: "user", content: 'use get_weather {"city":"Busan"}' }],
    tools,
    max_tokens: 200,
  });
  const call = (await stream.finalChatCompletion()).choices[0].message.tool_calls[0];
  return { name: call.function.name, arguments: JSON.parse(call.function.arguments) };
}

// Without `encoding_format` the client asks for base64 and decodes it itself.
async function embeddings(client) {
  const request = { model: EMBEDDING_MODEL, input: ["a cat", "a dog"], dimensions: 256 };
  const packed = await client.embeddings.create(request);
  const numbers = await client.embeddings.create({ ...request, encoding_format: "float" });
  const other = numbers.data[1].embedding;
  return {
    count: packed.data.length,
    dimensions: packed.data[0].embedding.length,
    same: packed.data[1].embedding.every((value, index) => Math.abs(value - other[index]) < 1e-6),
    inputTokens: packed.usage.prompt_tokens,
  };
}

async function refusal() {
  try {
    await clientFor("nobody-connected").chat.completions.create({
      model: MODEL,
      messages: [{ role: "user", content: "hi" }],
    });
  } catch (error) {
    return { status: error.status, code: error.code };
  }
  return {};
}

const client = clientFor(RELAY_USER);
const result = {
  whole: await wholeChat(client),
  streamed: await streamedChat(client),
  tools: await toolLoop(client),
  streamedTool: await streamedToolCall(client),
  refusal: await refusal(),
};
if (EMBEDDING_MODEL) {
  result.embeddings = await embeddings(client);
}
console.log(JSON.stringify(result));
