// A router and nothing else.

import { Hono } from "hono";

export default new Hono().get("/sample", (c) => c.text("ok"));
