// Threads that compute together: they exchange numbers through shared memory, and wait for each other there.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BackendError } from "../errors.ts";

const MODULE_URL = new URL("../../build/shared-kernels.wasm", import.meta.url);

export interface Group {
  /** Of this thread, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** Of the memory that `keep` gives. @throws BackendError if build/shared-kernels.wasm is missing */
  readonly kernels: SharedKernels;
  /**
   * Memory of the next exchange, the same for all threads. Each writes its own part, then all meet, then they read. It is
   * valid until the exchange after the next.
   */
  readonly exchange: (floats: number) => Float32Array;
  /** The same memory for all threads for good, zeros at first. They meet here. */
  readonly keep: (floats: number) => Kept;
  /** Waits until every thread is here. @throws BackendError when another one has failed */
  readonly meet: () => void;
}

export interface Kept {
  readonly numbers: Float32Array;
  /** In bytes. */
  readonly address: number;
}

/** What build/shared-kernels.wasm exports; see kernels/ for what it does and takes. */
export interface SharedKernels {
  readonly adamRows: (...numbers: number[]) => void;
}

/** What the threads of a group share. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  /** Used in turns, since a thread may be one exchange ahead of another that still reads. */
  readonly exchanges: readonly [SharedArrayBuffer, SharedArrayBuffer];
  readonly kept: WebAssembly.Memory;
}

/** Places in the control memory: threads that have arrived, meetings so far, bytes of a failure's message, which follows. */
const [ARRIVED, MEETINGS, FAILED] = [0, 1, 2];
const [CONTROL_BYTES, MESSAGE_AT, FLOAT_BYTES] = [1024, 64, 4];
const [PAGE_BYTES, CACHE_LINE_BYTES] = [65_536, 64];
/** Address space that a memory may grow into: 2 GiB. */
const MOST_PAGES = 32_768;
/** How long another thread's step may take; one that is killed cannot report it. */
const PATIENCE_MS = 600_000;

export function createMemory(): SharedMemory {
  const exchange = () => new SharedArrayBuffer(0, { maxByteLength: MOST_PAGES * PAGE_BYTES });
  return {
    control: new SharedArrayBuffer(CONTROL_BYTES),
    exchanges: [exchange(), exchange()],
    kept: new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true }),
  };
}

/** A thread's place in a group. */
export function joinGroup(memory: SharedMemory, rank: number, size: number): Group {
  const { control, exchanges, kept } = memory;
  const state = new Int32Array(control, 0, MESSAGE_AT / Int32Array.BYTES_PER_ELEMENT);
  let kernels: SharedKernels | undefined;
  let exchanged = 0;
  let keptBytes = 0;
  const meet = () => {
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
  };
  return {
    rank,
    size,
    get kernels() {
      kernels ??= instantiate(kept);
      return kernels;
    },
    exchange: (floats) => {
      const buffer = exchanges[exchanged++ % 2]!;
      const bytes = FLOAT_BYTES * floats;
      // Threads that grow it at once all want the same size.
      if (buffer.byteLength < bytes) buffer.grow(bytes);
      return new Float32Array(buffer, 0, floats);
    },
    keep: (floats) => {
      const address = keptBytes;
      keptBytes += CACHE_LINE_BYTES * Math.ceil((FLOAT_BYTES * floats) / CACHE_LINE_BYTES);
      const missing = keptBytes - kept.buffer.byteLength;
      if (rank === 0 && missing > 0) kept.grow(Math.ceil(missing / PAGE_BYTES));
      meet();
      // Sees what another thread has added.
      kept.grow(0);
      return { address, numbers: new Float32Array(kept.buffer, address, floats) };
    },
    meet,
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

/** A single thread. Its memory, of which much is reserved, is made when it is needed. */
export function alone(): Group {
  let group: Group | undefined;
  const made = () => {
    group ??= joinGroup(createMemory(), 0, 1);
    return group;
  };
  return {
    rank: 0,
    size: 1,
    get kernels() {
      return made().kernels;
    },
    exchange: (floats) => made().exchange(floats),
    keep: (floats) => made().keep(floats),
    meet: () => {},
  };
}

function instantiate(memory: WebAssembly.Memory): SharedKernels {
  const module = new WebAssembly.Module(readModule());
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as SharedKernels;
}

function readModule(): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(MODULE_URL));
  } catch (cause) {
    throw new BackendError(`cannot read ${fileURLToPath(MODULE_URL)}; run "npm run build"`, { cause });
  }
}
