// npm run bench:serve: what npm run serve costs per request, beside a bare Hono hello and DiceBear's library behind the same
// server; distinct seeds, no cache of replies. CPU time is measured from outside, so it does not matter who else is busy.
// Linux only: it reads /proc.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { option, wholeNumber } from "../../trainer/options.ts";
import { endChildWithUs } from "../../trainer/publish/orphans.ts";
import { formatTable } from "../tables.ts";
import { formatSpread, takeTurns } from "./harness.ts";
import { cpuMsOf } from "./isolate.ts";

const FIRST_PORT = 8950;
const CLIENTS = 16;
const WARM_UP_REQUESTS = 3200;
const REQUESTS_PER_ROUND = 1600;

/** Of the next request. */
let seed = 0;

const PEER = ["--disable-warning=ExperimentalWarning", "scripts/bench/servers/peer.ts"];
const CASES = {
  hello: { server: "hello", query: "" },
  "DiceBear, SVG": { server: "dicebear", query: "" },
  "ours, PNG": { server: "ours", query: "" },
  "ours, SVG": { server: "ours", query: "&format=svg" },
} as const;
type Name = keyof typeof CASES;

await runCommand({
  name: "bench:serve",
  summary: "Compare npm run serve with a bare Hono hello and with DiceBear's library. Linux only.",
  examples: ["npm run bench:serve", "npm run bench:serve -- --rounds 1"],
  fields: { rounds: option(wholeNumber(1), "rounds; the table has their medians", 5) },
  run: async ({ values: { rounds } }) => {
    const store = await mkdtemp(join(tmpdir(), "edge-digits-"));
    const commands = {
      hello: [...PEER, "hello"],
      dicebear: [...PEER, "dicebear"],
      ours: ["build/serve/serve.js", "--store", store, "--port"],
    };
    const servers = await Promise.all(
      Object.entries(commands).map(
        async ([name, args], i) => [name, await start(args, FIRST_PORT + i)] as const,
      ),
    );
    const find = (name: Name) => servers.find(([server]) => server === CASES[name].server)![1];
    const names = Object.keys(CASES) as Name[];
    const measure = async () => {
      for (const name of names) await load(find(name), CASES[name].query, WARM_UP_REQUESTS);
      return takeTurns("requests", names, rounds, async (name) => {
        const server = find(name);
        const before = cpuMsOf(server.pid);
        await load(server, CASES[name].query, REQUESTS_PER_ROUND);
        return { ms: (cpuMsOf(server.pid) - before) / REQUESTS_PER_ROUND };
      });
    };
    const costs = await measure().finally(async () => {
      await Promise.all(servers.map(([, { stop }]) => stop()));
      await rm(store, { recursive: true });
    });
    const hello = costs.get("hello")!.ms.median;
    const rows = [...costs].map(([name, { ms }]) => {
      return [name, formatSpread(ms, 3), Math.round(1000 / ms.median), (hello / ms.median).toFixed(2)];
    });
    console.log(formatTable(["server", "ms CPU a request", "requests a second of CPU", "times hello"], rows));
  },
});

/** @param args  of node, which lack the port */
async function start(args: readonly string[], port: number) {
  const child = spawn(process.execPath, [...args, String(port)], { stdio: ["ignore", "ignore", "inherit"] });
  endChildWithUs(child);
  const closed = once(child, "close");
  while (!(await ask({ port }, "").catch(() => false))) {
    if (child.exitCode !== null) throw new Error(`node ${args.join(" ")} ended`);
    await sleep(100);
  }
  const stop = async () => {
    child.kill();
    await closed;
  };
  return { pid: child.pid!, port, stop };
}

interface Server {
  readonly port: number;
  readonly agent?: Agent;
}

/** One request with a seed of its own. */
async function ask({ port, agent }: Server, query: string): Promise<true> {
  const sent = request({ host: "127.0.0.1", port, agent, path: `/sample?seed=${seed++}${query}` }).end();
  const [reply] = await once(sent, "response");
  await buffer(reply);
  if (reply.statusCode !== 200) throw new Error(`port ${port} answered ${reply.statusCode}`);
  return true;
}

/** On connections of its own: a server may close those that wait for their next turn. */
async function load({ port }: Server, query: string, requests: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const client = async () => {
    for (let i = 0; i < requests / CLIENTS; i++) await ask({ port, agent }, query);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
}
