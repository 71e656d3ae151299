// GET /dataset/:set/:file?count=N: images of the set that a seed stands for, or their labels, as an IDX file. Nothing is
// stored: seed, model and index decide every image, and /sample draws any of them alone.

import * as v from "valibot";
import { writeAddress } from "../../shared/address.ts";
import { drawImages, SIDE } from "../../shared/dataset/draw.ts";
import {
  IDX_FILES,
  type IdxFile,
  idxHeader,
  labelsFile,
  PARTS,
  type Part,
} from "../../shared/dataset/idx.ts";
import {
  BALANCES,
  DEFAULT_SET,
  describeRange,
  MAX_SET_SEED_LENGTH,
  planSet,
  RANGES,
  type SetOptions,
} from "../../shared/dataset/plan.ts";
import { digitChoice, formatRange, slantRange, weightRange } from "../../shared/dataset/values.ts";
import { isPlain } from "../../shared/image/ink/hand.ts";
import { SCHEME } from "../../shared/latent/gaussian/sample.ts";
import { concatenate } from "../../shared/model/weights.ts";
import type { ModelStore } from "../models/model-store.ts";
import { pinnedName } from "../models/reference.ts";
import type { Budget } from "./budget.ts";
import { checkDigits, numberRule } from "./card-rules.ts";
import { fileName, model, sampling } from "./parameters.ts";
import { InvalidParameterError, UnknownFileError } from "./problems.ts";
import { sendPublished } from "./published-set.ts";
import { canonicalParameters, parsePath, parseQuery } from "./query.ts";
import {
  CONTENT_TYPES,
  cacheControlOf,
  etagOf,
  matchesEtag,
  notModified,
  tagsOf,
  typeHeaders,
} from "./reply.ts";
import type { App } from "./route.ts";
import { parameter, textUpTo, wholeNumber } from "./values.ts";

/** Images in one reply, which take a third of a second where no budget allows fewer. */
const MAX_COUNT = 1000;

export const DatasetPath = v.strictObject({
  set: parameter(
    textUpTo(MAX_SET_SEED_LENGTH),
    `The seed that the set is drawn from: any text of 1 to ${MAX_SET_SEED_LENGTH} characters. Without count, the name of a published set.`,
    ["7", "ada"],
  ),
  file: parameter(
    fileName,
    "Images or labels, of the training or of the test part; the four files' names are MNIST's. Of a published set also card.json, and the files may end in .gz.",
    IDX_FILES,
  ),
});

export const DatasetQuery = v.strictObject({
  count: parameter(
    v.optional(wholeNumber(1, MAX_COUNT)),
    `How many images to draw, 1 to ${MAX_COUNT}; the operator's budget may allow fewer. Without it, and without other parameters, a published set's file is sent.`,
    [20, 1],
  ),
  start: parameter(
    v.optional(wholeNumber(0, 999_999_999), "0"),
    "Index of the first image: a set never ends.",
    [20],
  ),
  balance: parameter(
    v.optional(v.picklist(BALANCES, `expected ${BALANCES.join(" or ")}`), DEFAULT_SET.balance),
    "Shares of the digits: those of MNIST, or equal ones.",
    ["uniform"],
  ),
  digits: parameter(v.optional(digitChoice, DEFAULT_SET.digits.join("")), "Which digits occur.", ["17"]),
  temperature: sampling.temperature,
  slant: parameter(
    v.optional(slantRange, formatRange(DEFAULT_SET.slant)),
    `Degrees by which each image leans at random, or all of them alike: ${describeRange(RANGES.slant)}.`,
    ["-15..15", "10"],
  ),
  weight: parameter(
    v.optional(weightRange, formatRange(DEFAULT_SET.weight)),
    `Ink of each image at random, or of all alike, as a multiple of the model's own: ${describeRange(RANGES.weight)}.`,
    ["0.8..1.3", "1.2"],
  ),
  model,
});

export const dataset = (app: App, store: ModelStore, budget: Budget) =>
  app.get("/dataset/:set/:file", async (c) => {
    const { set: seed, file } = parsePath(DatasetPath, c.req.param(), c.req.url);
    const { query, given } = parseQuery(DatasetQuery, c.req.url);
    if (query.count === undefined) {
      const [name] = given;
      if (name) throw new InvalidParameterError(name, `parameter "${name}" requires count`);
      return sendPublished(store, c.req.raw, seed, file);
    }
    const { part, isLabels } = partOf(file);
    const { count, start, model: reference, ...options } = query;
    const plan = planSet({ seed, ...options });
    const { digits } = options;

    const model = await store.resolve(reference, seed, numberRule({}, digits));
    const loaded = await store.load(model);
    checkDigits(digits, loaded.latent);
    const name = pinnedName(model);
    const spelled = { ...query, digits: digits.join(""), ...spellRanges(options) };
    const address = writeAddress(`/dataset/${encodeURIComponent(seed)}/${file}`, {
      ...canonicalParameters(DatasetQuery, spelled, []),
      model: name,
    });
    const etag = etagOf(`${SCHEME} ${address}`);
    const headers: Record<string, string> = {
      ...typeHeaders(CONTENT_TYPES.bin, cacheControlOf(model)),
      "X-Model": name,
      "Cache-Tag": tagsOf(model),
      ETag: etag,
    };
    if (!model.isPinned) headers.Link = `<${address}>; rel="canonical"`;
    if (matchesEtag(c.req.raw.headers.get("If-None-Match"), etag)) return notModified(headers);

    // Labels cost as much, so that what is allowed for one file is allowed for the other.
    const format = hasPlainHand(options) ? "bin" : "png";
    const work = (images: number) => ({ draws: images, digits: images });
    const lever = { parameter: "count", value: count, least: 1, work };
    budget(loaded.card.spec, { ...work(count), size: SIDE, format }, [lever]);
    if (c.req.raw.method === "HEAD") return new Response(null, { headers });
    const planned = plan(part, start, count);
    const body = isLabels
      ? [idxHeader([count]), Uint8Array.from(planned, ({ digit }) => digit)]
      : [idxHeader([count, SIDE, SIDE]), drawImages(loaded, planned)];
    return new Response(concatenate(body), { headers });
  });

/** @throws UnknownFileError */
function partOf(file: string): { readonly part: Part; readonly isLabels: boolean } {
  const part = PARTS.find((name) => file.startsWith(`${name}-`));
  if (!part || !IDX_FILES.includes(file as IdxFile)) {
    throw new UnknownFileError(`a data set has no file "${file}"; its files are ${IDX_FILES.join(", ")}`);
  }
  return { part, isLabels: file === labelsFile(part) };
}

function spellRanges({ slant, weight }: Pick<SetOptions, "slant" | "weight">) {
  return { slant: formatRange(slant), weight: formatRange(weight) };
}

function hasPlainHand({ slant, weight }: Pick<SetOptions, "slant" | "weight">): boolean {
  return [0, 1].every((end) => isPlain({ slant: slant[end]!, weight: weight[end]! }));
}
