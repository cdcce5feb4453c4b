import { fileURLToPath } from "node:url";

import { defineProject } from "vitest/config";

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export default defineProject({
  resolve: { alias: { "@relayservice/widget": source("src/index.ts") } },
  test: { name: "widget", include: ["test/**/*.test.{ts,tsx}"], environment: "happy-dom" },
});
