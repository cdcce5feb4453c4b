// The story with the SDK as CommonJS.

const sdk = require("@relayservice/sdk");

import("./story.mjs")
  .then(({ story }) => story({ sdk, ...JSON.parse(process.env.STORY) }))
  .then((outcome) => console.log(JSON.stringify(outcome)));
