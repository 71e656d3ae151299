// Threads that compute together: they exchange numbers through shared memory, and wait for each other there.

import { BackendError } from "../errors.ts";

export interface Group {
  /** Of this thread, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /**
   * Memory of the next exchange, the same for all threads. Each writes its own part, then all meet, then they read. It is
   * valid until the exchange after the next.
   */
  readonly exchange: (floats: number) => Float32Array;
  /** Waits until every thread is here. @throws BackendError when another one has failed */
  readonly meet: () => void;
}

/** What the threads of a group share. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  /** Used in turns, since a thread may be one exchange ahead of another that still reads. */
  readonly halves: readonly [WebAssembly.Memory, WebAssembly.Memory];
}

/** Places in the control memory: threads that have arrived, meetings so far, bytes of a failure's message, which follows. */
const [ARRIVED, MEETINGS, FAILED] = [0, 1, 2];
const [CONTROL_BYTES, MESSAGE_AT, FLOAT_BYTES] = [1024, 64, 4];
const PAGE_BYTES = 65_536;
/** Address space that an exchange may grow into: 2 GiB. */
const MOST_PAGES = 32_768;
/** How long another thread's step may take; one that is killed cannot report it. */
const PATIENCE_MS = 600_000;

export function createMemory(): SharedMemory {
  // Numbers in it are reached twice as fast as in a SharedArrayBuffer that may grow.
  const half = () => new WebAssembly.Memory({ initial: 0, maximum: MOST_PAGES, shared: true });
  return { control: new SharedArrayBuffer(CONTROL_BYTES), halves: [half(), half()] };
}

/** A thread's place in a group. */
export function joinGroup({ control, halves }: SharedMemory, rank: number, size: number): Group {
  const state = new Int32Array(control, 0, MESSAGE_AT / Int32Array.BYTES_PER_ELEMENT);
  let exchanges = 0;
  return {
    rank,
    size,
    exchange: (floats) => {
      const memory = halves[exchanges++ % 2]!;
      const missing = FLOAT_BYTES * floats - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
      return new Float32Array(memory.buffer, 0, floats);
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

/** A single thread. */
export function alone(): Group {
  let memory = new Float32Array(0);
  return {
    rank: 0,
    size: 1,
    exchange: (floats) => {
      if (memory.length < floats) memory = new Float32Array(floats);
      return memory.subarray(0, floats);
    },
    meet: () => {},
  };
}
