import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  dts: true,
  sourcemap: true,
  clean: true,
  silent: true,
  esbuildOptions(options, { format }) {
    if (format === "cjs") {
      options.define = { ...options.define, "import.meta.url": "__filename", "import.meta.resolve": "undefined" };
    }
  },
});
