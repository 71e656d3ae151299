// The documented requests and the largest of each route, and what they cost by the Worker's own computation.

import type { ModelSpec } from "../../shared/model/spec.ts";
import { costOf, type Work } from "../../worker/api/cost.ts";
import { decode } from "../../worker/api/decode.ts";
import { grid } from "../../worker/api/grid.ts";
import { interpolate } from "../../worker/api/interpolate.ts";
import { manifold } from "../../worker/api/manifold.ts";
import { number } from "../../worker/api/number.ts";
import { sample } from "../../worker/api/sample.ts";
import { OPERATIONS } from "../../worker/docs/operations.ts";

const DRAWING = [sample, interpolate, grid, number, manifold, decode];
const ORIGIN = "https://digits.example";

/** Examples of the API's description that draw. */
export const EXAMPLES: readonly string[] = OPERATIONS.filter(({ path }) =>
  DRAWING.some((operation) => operation.path === path),
).flatMap(({ examples }) => Object.keys(examples));

const SIXTEEN = Array.from({ length: 16 }, (_, i) => `s${i}`).join();

/** The most that a route takes, for a model that takes all of it. */
export const LARGEST: readonly string[] = [
  "/sample?size=512&seed=1",
  "/sample?size=512&format=json&seed=1",
  "/sample?format=svg&size=512&seed=1",
  "/grid?rows=8&cols=8&seed=1",
  "/grid?rows=8&cols=8&format=json&seed=1",
  "/grid?rows=8&cols=8&size=64&seed=1",
  "/grid?rows=8&cols=8&size=64&format=json&seed=1",
  "/grid?rows=8&cols=8&format=svg&digit=8&seed=1",
  "/number/01234567890123456789012345678901?size=90&seed=1",
  "/number/01234567890123456789012345678901?size=90&format=json&seed=1",
  "/number/01234567890123456789012345678901?format=svg&size=512&seed=1",
  "/interpolate?from=a&to=b&steps=32&size=90",
  "/interpolate?from=a&to=b&steps=32&size=90&format=apng",
  "/interpolate?from=a&to=b&steps=32&size=90&format=json",
  `/interpolate?seeds=${SIXTEEN}&steps=5&size=64&loop=true`,
];

export const LARGEST_PLANES: readonly string[] = [
  "/manifold?model=mlp&cells=16&size=32",
  "/manifold?model=mlp&cells=16&size=32&format=json",
];

/** Requests that the default budget must allow for every bundled model and `vq`. */
export const ALLOWED: readonly string[] = [
  "/sample?size=512&seed=1",
  "/number/0123456789?seed=1",
  "/grid?seed=1",
  "/interpolate?from=a&to=b",
];

/** An address by another model. */
export function withModel(address: string, model: string): string {
  return `${address}${address.includes("?") ? "&" : "?"}model=${model}`;
}

/**
 * What a request that draws costs, in digits of the `cnn` preset.
 * @param specs  by model; the one of a request without a model under ""
 */
export function computeCost(address: string, specs: ReadonlyMap<string, ModelSpec>): number {
  const { model, work } = readRequest(address);
  return costOf(specs.get(model ?? "")!, work);
}

function readRequest(address: string): { readonly model: string | undefined; readonly work: Work } {
  const { pathname, search } = new URL(address, ORIGIN);
  const operation = DRAWING.find(({ path }) => path.split("/")[1] === pathname.split("/")[1])!;
  const { query, work } = operation.parse(search, { digits: pathname.split("/")[2]! });
  const { size, format } = query;
  return { model: query.model?.name, work: { ...work, size, format } };
}
