// The story in a Cloudflare Worker: one bundle, with the official clients handed over.

import { Anthropic } from "@anthropic-ai/sdk";
import * as sdk from "@relayservice/sdk";
import { OpenAI } from "openai";

import { story } from "./story.mjs";

export default {
  async fetch(_request, env) {
    try {
      return Response.json(await story({ sdk, clients: { OpenAI, Anthropic }, ...JSON.parse(env.STORY) }));
    } catch (error) {
      return new Response(String(error?.stack ?? error), { status: 500 });
    }
  },
};
