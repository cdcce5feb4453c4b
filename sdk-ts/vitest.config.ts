import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "sdk", include: ["test/**/*.test.ts"], testTimeout: 240_000, hookTimeout: 240_000, unstubGlobals: true, unstubEnvs: true } },
      "packages/widget",
    ],
  },
});
