// Threads that compute together: they exchange numbers through shared memory, and wait for each other there.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BackendError } from "../errors.ts";

const MODULE_URL = new URL("../../build/exchange-kernels.wasm", import.meta.url);

export interface Group {
  /** Of this thread, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /**
   * Memory of the next exchange, the same for all threads. Each writes its own part, then all meet, then they read. It is
   * valid until the exchange after the next.
   */
  readonly exchange: (floats: number) => Exchange;
  /** Waits until every thread is here. @throws BackendError when another one has failed */
  readonly meet: () => void;
}

export interface Exchange {
  readonly numbers: Float32Array;
  /**
   * Writes the sums of rows of `width` numbers, added in float32 and in their order, into the row after the last.
   * @param rows  how many there are, from the first number on
   * @param from, to  numbers of each row
   */
  readonly addRows: (rows: number, width: number, from: number, to: number) => void;
}

/** What build/exchange-kernels.wasm exports; addresses in bytes. */
interface Kernels {
  readonly addRows: (rows: number, count: number, stride: number, sums: number, bytes: number) => void;
}

/** What the threads of a group share. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  /** Used in turns, since a thread may be one exchange ahead of another that still reads. */
  readonly halves: readonly [WebAssembly.Memory, WebAssembly.Memory];
}

/**
 * Places in the control memory: threads that have arrived, meetings so far, bytes of a failure's message, which follows,
 * and whether a thread lets an exchange's memory grow.
 */
const [ARRIVED, MEETINGS, FAILED, GROWING] = [0, 1, 2, 3];
const [CONTROL_BYTES, MESSAGE_AT, FLOAT_BYTES] = [1024, 64, 4];
const PAGE_BYTES = 65_536;
/** Address space that an exchange may grow into: 2 GiB. */
const MOST_PAGES = 32_768;
/** How long another thread's step may take; one that is killed cannot report it. */
const PATIENCE_MS = 600_000;

export function createMemory(): SharedMemory {
  const half = () => new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  return { control: new SharedArrayBuffer(CONTROL_BYTES), halves: [half(), half()] };
}

/**
 * A thread's place in a group.
 * @throws BackendError if build/exchange-kernels.wasm is missing
 */
export function joinGroup({ control, halves }: SharedMemory, rank: number, size: number): Group {
  const state = new Int32Array(control, 0, MESSAGE_AT / Int32Array.BYTES_PER_ELEMENT);
  const module = new WebAssembly.Module(readModule());
  const kernels = halves.map((memory) => {
    return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  });
  /** One thread at a time, since each would add what all of them miss. */
  const grow = (memory: WebAssembly.Memory, bytes: number) => {
    if (memory.buffer.byteLength >= bytes) return;
    while (Atomics.compareExchange(state, GROWING, 0, 1) !== 0);
    try {
      const missing = bytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    } finally {
      Atomics.store(state, GROWING, 0);
    }
  };
  let exchanges = 0;
  return {
    rank,
    size,
    exchange: (floats) => {
      const half = exchanges++ % 2;
      const memory = halves[half]!;
      grow(memory, FLOAT_BYTES * floats);
      return {
        numbers: new Float32Array(memory.buffer, 0, floats),
        addRows: (rows, width, from, to) => {
          const [stride, first] = [FLOAT_BYTES * width, FLOAT_BYTES * from];
          kernels[half]!.addRows(first, rows, stride, rows * stride + first, FLOAT_BYTES * (to - from));
        },
      };
    },
    meet: () => {
      const meeting = Atomics.load(state, MEETINGS);
      if (Atomics.add(state, ARRIVED, 1) === size - 1) {
        Atomics.store(state, ARRIVED, 0);
        Atomics.add(state, MEETINGS, 1);
        Atomics.notify(state, MEETINGS);
        return;
      }
      while (Atomics.load(state, MEETINGS) === meeting) {
        const bytes = Atomics.load(state, FAILED);
        if (bytes > 0) {
          // A copy, since TextDecoder does not accept shared memory.
          const message = new Uint8Array(control, MESSAGE_AT, bytes).slice();
          throw new BackendError(`a training thread failed: ${new TextDecoder().decode(message)}`);
        }
        // Only the first thread gives up: the others may wait for its validation.
        const patience = rank === 0 ? PATIENCE_MS : Number.POSITIVE_INFINITY;
        if (Atomics.wait(state, MEETINGS, meeting, patience) === "timed-out") {
          throw new BackendError(`a training thread does not answer for ${PATIENCE_MS / 1000} s`);
        }
      }
    },
  };
}

/** Tells the other threads, which may be waiting, that this one has failed. */
export function reportFailure({ control }: SharedMemory, error: unknown): void {
  const text = new TextEncoder().encode(String(error)).subarray(0, CONTROL_BYTES - MESSAGE_AT);
  new Uint8Array(control).set(text, MESSAGE_AT);
  const state = new Int32Array(control, 0, MESSAGE_AT / Int32Array.BYTES_PER_ELEMENT);
  Atomics.store(state, FAILED, Math.max(1, text.byteLength));
  Atomics.notify(state, MEETINGS);
}

/** A single thread. Its memory is made when it first exchanges anything. */
export function alone(): Group {
  let group: Group | undefined;
  return {
    rank: 0,
    size: 1,
    exchange: (floats) => {
      group ??= joinGroup(createMemory(), 0, 1);
      return group.exchange(floats);
    },
    meet: () => {},
  };
}

function readModule(): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(MODULE_URL));
  } catch (cause) {
    throw new BackendError(`cannot read ${fileURLToPath(MODULE_URL)}; run "npm run build"`, { cause });
  }
}
