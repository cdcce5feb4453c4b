import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/react.ts"],
  format: ["esm", "cjs"],
  target: "es2020",
  platform: "browser",
  dts: true,
  sourcemap: true,
  clean: true,
  silent: true,
  splitting: false,
  // The component uses the loader that the app may use as well.
  external: ["@relayservice/widget"],
});
