// Where wrangler's own command line lies, so that scripts run it with the Node that runs them.

import { fileURLToPath } from "node:url";

export const wranglerPath = fileURLToPath(new URL("../bin/wrangler.js", import.meta.resolve("wrangler")));
