/** Where the parts under test are; every place can be set from outside. */

import { fileURLToPath } from "node:url";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The repository's root. */
export const ROOT = here("../..").replace(/\/$/, "");
/** The server's binary. */
export const RELAY_BIN = process.env.RELAY_BIN ?? here("../../target/debug/relay");
/** The simulated providers' binary. */
export const PROVIDER_SIM_BIN = process.env.PROVIDER_SIM_BIN ?? here("../../target/debug/provider-sim");
/** The browser. */
export const CHROMIUM = process.env.RELAY_CHROMIUM ?? "/usr/bin/chromium";
/** The virtual environment made when `RELAY_PYTHON` is not set. */
export const VENV = here("../.venv");
/** A Python that has the official clients. */
export const PYTHON = process.env.RELAY_PYTHON ?? `${VENV}/bin/python`;
/** Which clients those are. */
export const PYTHON_REQUIREMENTS = here("../clients/python/requirements.txt");
/** What names the coding tools and their versions. */
export const AGENTS_MANIFEST = here("../agents").replace(/\/$/, "");
/** Where the coding tools are installed. */
export const AGENTS = process.env.RELAY_AGENTS || here("../.agents");
/** A program that an npm package of this folder brings. */
export const BIN = (name: string) => here(`../node_modules/.bin/${name}`);
/** The SDK's folder. */
export const SDK = here("../../sdk-ts");
/** Where screenshots land. */
export const SCREENSHOTS = here("../screenshots");
