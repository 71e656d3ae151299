// What npm run bench:serve compares with: Hono's hello, and avatars by DiceBear's own library, behind the server that
// npm run serve uses. node peer.ts hello|dicebear PORT

import { Avatar, Style } from "@dicebear/core";
import definition from "@dicebear/styles/lorelei.json" with { type: "json" };
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const [name, port] = process.argv.slice(2);
const style = new Style(definition);

const app = new Hono().get("/sample", (c) => {
  if (name === "hello") return c.text("ok");
  return c.body(new Avatar(style, { seed: c.req.query("seed")! }).toString(), 200, {
    "Content-Type": "image/svg+xml",
  });
});
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(port) });
