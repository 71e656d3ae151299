// npm start: publishes bundled releases that the local bucket lacks, runs the Worker in `wrangler dev`, and prints addresses
// to try.

import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { bucketFields, bucketFromOptions } from "../trainer/commands/bucket-options.ts";
import { runCommand } from "../trainer/commands/command-line.ts";
import { PublishError, UsageError } from "../trainer/errors.ts";
import { option, wholeNumber } from "../trainer/options.ts";
import { findCatalog } from "../trainer/publish/catalog-swap.ts";
import { publishMissing } from "../trainer/publish/publish.ts";
import { writeEmbeddedRelease } from "./embed.ts";
import { waitUntilServing } from "./wait.ts";
import { startWrangler } from "./wrangler.ts";

const HOST = "127.0.0.1";
/** Address that browsers may try first for localhost. */
const HOST_IPV6 = "::1";
/** Time for the server to stop on its own. */
const GRACE_MS = 5_000;

await runCommand({
  name: "start",
  summary:
    "Serve digits on this machine: the Worker in wrangler dev, with a local bucket of the bundled models.",
  examples: ["npm start", "npm start -- --port 9000"],
  fields: {
    port: option(wholeNumber(1, 65_535), "port to listen on", 8787),
    persistTo: bucketFields.persistTo,
  },
  run: async ({ values: { port, persistTo } }) => {
    await checkPortIsFree(port);
    await writeEmbeddedRelease();
    await bucketFromOptions({ remote: false, persistTo })(async (bucket) => {
      await publishMissing(bucket, "models", { now: new Date(), log: console.log });
      if (await findCatalog(bucket)) return;
      console.log('no model is published yet; see "npm run train -- --help"');
    });
    const origin = `http://localhost:${port}`;
    const wrangler = startWrangler([
      ...["dev", "--ip", HOST, "--port", String(port), "--persist-to", persistTo],
      // Nobody limits the time of a request here.
      ...["--var", "BUDGET:none"],
      ...["--log-level", "warn", "--show-interactive-dev-session", "false"],
    ]);
    let isStopping = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (isStopping) return wrangler.killAll();
        isStopping = true;
        wrangler.stop(signal);
        setTimeout(wrangler.killAll, GRACE_MS).unref();
      });
    }
    const stopWaiting = new AbortController();
    waitUntilServing(() => fetch(`http://${HOST}:${port}/models`, { signal: AbortSignal.timeout(10_000) }), {
      signal: stopWaiting.signal,
      now: Date.now,
      sleep: (ms) => sleep(ms),
      log: console.log,
    }).then((isServing) => {
      if (isServing) console.log(greeting(origin));
    });
    const end = await wrangler.ended;
    stopWaiting.abort();
    if (!isStopping) throw new PublishError(`the server stopped: "wrangler dev" ${end}`);
  },
});

/** @throws UsageError with the system's reason; IPv6 is checked too, since a program there would get the browser's requests */
async function checkPortIsFree(port: number): Promise<void> {
  for (const host of [HOST, HOST_IPV6]) {
    const probe = createServer().listen(port, host);
    try {
      await once(probe, "listening");
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const hasNoIpv6 = host === HOST_IPV6 && ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code!);
      if (hasNoIpv6) continue;
      const hint = 'choose another with "npm start -- --port NUMBER"';
      throw new UsageError(`port ${port} cannot be used: ${message}; ${hint}`, { cause });
    } finally {
      probe.close();
    }
  }
}

function greeting(origin: string): string {
  return [
    "",
    `Edge Digits is serving: open ${origin}/`,
    "Pictures to try:",
    `  ${origin}/sample?seed=42`,
    `  ${origin}/sample?seed=42&digit=7&size=280`,
    `  ${origin}/sample?seed=42&model=mlp`,
    `  ${origin}/interpolate?from=ada&to=grace&steps=16`,
    `  ${origin}/interpolate?from=ada&to=grace&fromDigit=3&toDigit=8&steps=32&format=apng`,
    `  ${origin}/number/20261231?seed=42&size=100`,
    `  ${origin}/grid?seed=42&digits=0123456789`,
    `  ${origin}/models`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}
