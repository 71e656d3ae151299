// All that a run needs to go on, in one file that is replaced whole: a line of JSON, then float32 tensors.
// The line names them in order and carries the digest of their bytes, so a damaged file is found out.

import { createHash } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import type { EpochRecord } from "../shared/release.ts";
import { concatenate } from "../shared/weights.ts";
import { RunError } from "./errors.ts";

const FORMAT = "edge-digits-checkpoint/1";

export interface Checkpoint<Epoch = EpochRecord> {
  /** Backend that computed it; another one's rounding differs. */
  readonly backend: string;
  /** Updates that the optimiser has done. */
  readonly adamStep: number;
  readonly history: readonly Epoch[];
  /** Digest of what it was learned from, where that is another checkpoint's weights. */
  readonly basis?: string | undefined;
  /** Model variables, and the optimiser's state. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** Writes a checkpoint; a crash leaves either the old file or the new one. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint<unknown>): Promise<void> {
  const entries = [...checkpoint.tensors];
  const body = concatenate(
    entries.map(([, values]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
  const header = {
    format: FORMAT,
    backend: checkpoint.backend,
    adamStep: checkpoint.adamStep,
    history: checkpoint.history,
    basis: checkpoint.basis,
    tensors: entries.map(([name, values]) => ({ name, length: values.length })),
    sha256: sha256(body),
  };
  await replaceFile(path, concatenate([new TextEncoder().encode(`${JSON.stringify(header)}\n`), body]));
}

/**
 * Reads a checkpoint back.
 * @throws RunError when the file is missing, damaged or of another format
 */
export async function readCheckpoint<Epoch = EpochRecord>(path: string): Promise<Checkpoint<Epoch>> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new RunError(`cannot read the checkpoint ${path}; start the run without --resume`, { cause });
  });
  const damaged = (what: string) =>
    new RunError(`${path} is no checkpoint or is damaged: ${what}; start the run again without it`);
  const end = file.indexOf("\n");
  if (end < 0) throw damaged("its header has no end");
  const header = parseHeader(file.subarray(0, end).toString());
  if (header?.format !== FORMAT) throw damaged(`format ${header?.format}, expected ${FORMAT}`);
  const body = Uint8Array.from(file.subarray(end + 1));
  if (sha256(body) !== header.sha256) throw damaged("its digest differs");
  const tensors = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, length } of header.tensors) {
    tensors.set(name, new Float32Array(body.buffer.slice(offset, offset + 4 * length)));
    offset += 4 * length;
  }
  const { backend, adamStep, history, basis } = header;
  return { backend, adamStep, history: history as Epoch[], basis, tensors };
}

/** Writes a file beside its place, flushes it and moves it there. */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.partial`;
  const file = await open(temporary, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

interface Header {
  readonly format: string;
  readonly backend: string;
  readonly adamStep: number;
  readonly history: readonly unknown[];
  readonly basis?: string;
  readonly tensors: readonly { readonly name: string; readonly length: number }[];
  readonly sha256: string;
}

function parseHeader(text: string): Header | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
