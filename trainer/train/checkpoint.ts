// All that a run needs to continue, in one file that is replaced whole: a line with format and digest, a line of JSON, then
// float32 tensors. The digest covers everything after it, and the JSON lists the tensors in order.

import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { concatenate, type Weights } from "../../shared/model/weights.ts";
import { type EpochRecord, EpochSchema, sha256 } from "../../shared/release/release.ts";
import { DivergenceError, hasCode, RunError } from "../errors.ts";
import { wholeNumber } from "../options.ts";
import { replaceFile } from "./replace-file.ts";

const FORMAT = "edge-digits-checkpoint/2";
/** Its only line is JSON, with the digest of the tensors. */
const FORMAT_1 = "edge-digits-checkpoint/1";
/** Prefix of the names of the best epoch's weights. */
export const BEST_PREFIX = "best/";
const FLOAT_BYTES = 4;
const NEWLINE = "\n".charCodeAt(0);

export interface Checkpoint<Epoch = EpochRecord> {
  /** The backend that computed it; another one rounds differently. */
  readonly backend: string;
  /** The kind of machine that its last bits hold for; see describeMachine. Files of older versions lack it. */
  readonly machine?: string | undefined;
  /** Updates made by the optimiser. */
  readonly adamStep: number;
  readonly history: readonly Epoch[];
  /** Digest of the weights of another checkpoint that it was learned from, if any. */
  readonly basis?: string | undefined;
  /** Model variables, and the optimiser's state. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

const headerFields = {
  backend: v.pipe(v.string(), v.minLength(1)),
  machine: v.optional(v.string()),
  adamStep: wholeNumber(0),
  basis: v.optional(v.string()),
  tensors: v.array(v.strictObject({ name: v.string(), length: wholeNumber(0) })),
};
const Header1Schema = v.object({ format: v.literal(FORMAT_1), sha256: v.string() });

/**
 * Writes a checkpoint; a crash leaves either the old file or the new one.
 * @throws DivergenceError if a tensor contains NaN or infinity; the file is not changed
 */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint<unknown>): Promise<void> {
  const { tensors, ...rest } = checkpoint;
  const entries = [...tensors];
  const diverged = entries.find(([, values]) => !values.every(Number.isFinite));
  if (diverged) {
    throw new DivergenceError(`training diverged: ${diverged[0]} is not finite; ${path} was not changed`);
  }
  const header = { ...rest, tensors: entries.map(([name, values]) => ({ name, length: values.length })) };
  const content = concatenate([
    new TextEncoder().encode(`${JSON.stringify(header)}\n`),
    ...entries.map(([, values]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ]);
  const first = new TextEncoder().encode(`${FORMAT} ${await sha256(content)}\n`);
  await replaceFile(path, concatenate([first, content]));
}

/**
 * Reads a checkpoint.
 * @param epochSchema  of a record of its history; by default that of a run's first stage
 * @throws RunError if the file is missing, damaged or of another format
 */
export async function readCheckpoint<Epoch extends { readonly epoch: number } = EpochRecord>(
  path: string,
  epochSchema = EpochSchema as v.GenericSchema as v.GenericSchema<unknown, Epoch>,
): Promise<Checkpoint<Epoch>> {
  const file = await readFile(path).catch((cause: unknown) => {
    if (!hasCode(cause, "ENOENT")) throw cause;
    throw new RunError(`${path} does not exist: the run has not finished its first epoch`, { cause });
  });
  const damaged = (what: string) =>
    new RunError(`${path} is damaged or not a checkpoint: ${what}; delete it and train again`);
  const [first, rest] = splitLine(file);
  const isCurrent = first.startsWith(`${FORMAT} `);
  const digest = isCurrent ? first.slice(FORMAT.length + 1) : digestOfFormat1(first);
  if (digest === undefined) throw damaged(`expected the format ${FORMAT}`);
  if ((await sha256(rest)) !== digest) throw damaged("its digest differs");

  const [json, body] = isCurrent ? splitLine(rest) : [first, rest];
  const HeaderSchema = v.object({ ...headerFields, history: v.array(epochSchema) });
  const header = v.safeParse(v.pipe(v.string(), v.parseJson(), HeaderSchema), json);
  if (!header.success) {
    const [issue] = header.issues;
    throw damaged(`${v.getDotPath(issue) ?? "its header"}: ${issue.message}`);
  }
  const { tensors, ...fields } = header.output;
  const unordered = fields.history.findIndex(({ epoch }, i) => epoch !== i + 1);
  if (unordered >= 0) throw damaged(`epoch ${unordered + 1} of its history is missing`);
  const expected = FLOAT_BYTES * tensors.reduce((sum, { length }) => sum + length, 0);
  if (body.byteLength !== expected) {
    throw damaged(`${body.byteLength} bytes of tensors, expected ${expected}`);
  }
  let offset = 0;
  const values = tensors.map(({ name, length }) => {
    const bytes = body.slice(offset, offset + FLOAT_BYTES * length);
    offset += bytes.byteLength;
    return [name, new Float32Array(bytes.buffer)] as const;
  });
  return { ...fields, tensors: new Map(values) };
}

function digestOfFormat1(line: string): string | undefined {
  const header = v.safeParse(v.pipe(v.string(), v.parseJson(), Header1Schema), line);
  return header.success ? header.output.sha256 : undefined;
}

/** The first line, and a copy of what follows it. */
function splitLine(bytes: Uint8Array): [string, Uint8Array] {
  const end = bytes.indexOf(NEWLINE);
  return [new TextDecoder().decode(bytes.subarray(0, end)), Uint8Array.from(bytes.subarray(end + 1))];
}

/** The final weights of a run: with patience those of its best epoch, else those of its last. */
export function finalWeights({ tensors }: Checkpoint): Map<string, Float32Array> {
  return new Map([...tensors].map(([name, last]) => [name, tensors.get(BEST_PREFIX + name) ?? last]));
}

/** The weights of the best epoch so far, if the run keeps them. */
export function bestWeights({ tensors }: Checkpoint): Weights {
  const best = [...tensors].filter(([name]) => name.startsWith(BEST_PREFIX));
  return new Map(best.map(([name, values]) => [name.slice(BEST_PREFIX.length), values]));
}
