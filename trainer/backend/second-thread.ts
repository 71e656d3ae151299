// Half of a large matrix product on a second thread. The memory of tfjs's wasm backend belongs to one thread, so operands
// and results are copied through shared memory; products too small to be worth it are not split. Rows of a product are
// independent, so the bits are those of a single thread.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { BackendError } from "../errors.ts";

/** One product; addresses and strides in bytes, as for gemm in kernels/gemm.ts. */
export interface GemmArguments {
  readonly a: number;
  readonly aRow: number;
  readonly aDepth: number;
  readonly b: number;
  readonly bDepth: number;
  readonly bColumn: number;
  readonly c: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export interface SecondThread {
  /**
   * Takes over the last rows of a product, if that is faster.
   * @param memory  of the product's addresses
   * @returns how many rows are left to the caller, and how to wait for the others; undefined if all are left
   */
  readonly take: (memory: WebAssembly.Memory, product: GemmArguments) => Taken | undefined;
}

export interface Taken {
  readonly rowsLeft: number;
  /** Waits for the rows and puts them into C. */
  readonly finish: () => void;
}

const FLOAT_BYTES = 4;
const PAGE_BYTES = 65536;
const MAX_PAGES = 16384;
/** Rows of a tile, see kernels/tile.ts: a share that ended within a tile would give both threads a partial tile. */
const TILE_ROWS = 4;
/** Multiply-adds below which waking the thread costs more than it saves. */
const LEAST_WORK = 1e6;
/** Least multiply-adds per copied byte. */
const LEAST_WORK_PER_BYTE = 3;
const PATIENCE_MS = 60_000;

/** States in the first number of the shared memory, which is 0 until the thread has started; gemm's arguments follow. */
const IDLE = 1;
const BUSY = 2;
/** The thread ended with an error: the second number is the length of its message, whose text follows the state. */
const FAILED = 3;
const STATE_BYTES = 64;

/**
 * @param module  kernels/gemm.ts for a shared memory, compiled
 * @param cores  of the machine
 * @returns undefined on a single core
 * @throws BackendError when the thread does not start
 */
export async function startSecondThread(
  module: WebAssembly.Module,
  cores: number = availableParallelism(),
): Promise<SecondThread | undefined> {
  if (cores < 2) return undefined;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
  const state = new Int32Array(memory.buffer, 0, STATE_BYTES / FLOAT_BYTES);
  const workerData = { module, memory, IDLE, FAILED, STATE_BYTES };
  const worker = new Worker(`(${serve})()`, { eval: true, workerData });
  worker.unref();
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", (cause) =>
      reject(new BackendError(`the second thread did not start: ${cause.message}`, { cause })),
    );
  });
  // For a thread that ends between two products. During one this thread is blocked and gets no events: see FAILED.
  let ended: Error | undefined;
  worker.on("error", (cause) => {
    ended = cause;
  });
  worker.on("exit", (code) => {
    ended ??= new Error(`it exited with code ${code}`);
  });
  const scratchBytes = gemmScratchBytes(module);

  const failed = (why: string, cause?: Error) =>
    new BackendError(`the second thread of the wasm backend failed: ${why}`, { cause });
  const wait = () => {
    for (;;) {
      const status = Atomics.load(state, 0);
      if (status === IDLE) return;
      if (status === FAILED) {
        // A copy, since TextDecoder does not accept shared memory.
        const text = new Uint8Array(memory.buffer, STATE_BYTES, state[1]).slice();
        throw failed(new TextDecoder().decode(text));
      }
      if (Atomics.wait(state, 0, BUSY, PATIENCE_MS) === "timed-out") {
        throw failed(`no answer for ${PATIENCE_MS / 1000} s`);
      }
    }
  };
  return {
    take: (theirs, { a, aRow, aDepth, b, bDepth, bColumn, c, rows, columns, depth }) => {
      if (ended) throw failed(ended.message, ended);
      const taken = Math.floor(rows / 2 / TILE_ROWS) * TILE_ROWS;
      const isRowMajor = aDepth === FLOAT_BYTES;
      const rowsLeft = rows - taken;
      // The rows of a transposed A are interleaved, so all of it is copied.
      const aBytes = FLOAT_BYTES * depth * (isRowMajor ? taken : rows);
      const [bBytes, cBytes] = [FLOAT_BYTES * depth * columns, FLOAT_BYTES * taken * columns];
      const work = taken * columns * depth;
      if (work < LEAST_WORK || work < LEAST_WORK_PER_BYTE * (aBytes + bBytes + cBytes)) return undefined;

      const aAt = STATE_BYTES;
      const bAt = aAt + aBytes;
      const cAt = bAt + bBytes;
      const scratchAt = Math.ceil((cAt + cBytes) / STATE_BYTES) * STATE_BYTES;
      const missing = scratchAt + scratchBytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
      const [ours, from] = [new Uint8Array(memory.buffer), new Uint8Array(theirs.buffer)];
      const firstA = a + (isRowMajor ? rowsLeft * aRow : 0);
      ours.set(from.subarray(firstA, firstA + aBytes), aAt);
      ours.set(from.subarray(b, b + bBytes), bAt);
      const own = [aAt + (isRowMajor ? 0 : rowsLeft * aRow), aRow, aDepth, bAt, bDepth, bColumn];
      state.set([...own, cAt, taken, columns, depth, 0, scratchAt], 1);
      Atomics.store(state, 0, BUSY);
      Atomics.notify(state, 0);
      return {
        rowsLeft,
        finish: () => {
          wait();
          new Uint8Array(theirs.buffer).set(
            ours.subarray(cAt, cAt + cBytes),
            c + FLOAT_BYTES * rowsLeft * columns,
          );
        },
      };
    },
  };
}

function gemmScratchBytes(module: WebAssembly.Module): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return (exports.gemmScratchBytes as () => number)();
}

/** The thread's whole program: it is started from its source text, so it cannot use anything outside itself. */
function serve(): void {
  const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads");
  const { module, memory, IDLE, FAILED, STATE_BYTES } = workerData;
  const state = new Int32Array(memory.buffer, 0, 16);
  const { gemm } = new WebAssembly.Instance(module, { env: { memory } }).exports as {
    gemm: (...numbers: number[]) => void;
  };
  Atomics.store(state, 0, IDLE);
  parentPort!.postMessage("ready");
  for (;;) {
    Atomics.wait(state, 0, IDLE);
    try {
      gemm(...state.subarray(1, 13));
    } catch (error) {
      const text = new TextEncoder().encode(String(error));
      new Uint8Array(memory.buffer).set(text, STATE_BYTES);
      state[1] = text.byteLength;
      Atomics.store(state, 0, FAILED);
      Atomics.notify(state, 0);
      throw error;
    }
    Atomics.store(state, 0, IDLE);
    Atomics.notify(state, 0);
  }
}
