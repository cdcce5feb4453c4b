// The story where modules are found by their names: Node.js, Deno and Bun. The official clients are found by the SDK.

import * as sdk from "@relayservice/sdk";

import { story } from "./story.mjs";

console.log(JSON.stringify(await story({ sdk, ...JSON.parse(process.env.STORY) })));
