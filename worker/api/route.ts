// What a route registers itself on.

import type { Env, Hono } from "hono";
import type { RequestIdVariables } from "hono/request-id";

export interface AppEnv extends Env {
  Variables: RequestIdVariables;
}

export type App = Hono<AppEnv>;
