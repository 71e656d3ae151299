import { readFile } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
import asc from "assemblyscript/asc";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import { loadTrainKernels, type TrainKernels } from "../../../trainer/backend/kernel-module.ts";
import { multiply } from "../../../trainer/backend/matmul.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { type SecondThread, startSecondThread } from "../../../trainer/backend/second-thread.ts";

/** Kernels for a shared memory, from AssemblyScript. */
async function compileKernels(source: string): Promise<WebAssembly.Module> {
  const { binary, error, stderr } = await asc.compileString(
    `${source} export function gemmScratchBytes(): i32 { return 0; }`,
    { importMemory: true, sharedMemory: true, maximumMemory: 16384, runtime: "stub", enable: ["threads"] },
  );
  if (!binary) throw new Error(stderr.toString(), { cause: error });
  return WebAssembly.compile(binary as Uint8Array<ArrayBuffer>);
}

describe("a second thread", () => {
  let kernels: TrainKernels;
  let thread: SecondThread;
  let module: WebAssembly.Module;

  beforeAll(async () => {
    await selectBackend("wasm");
    kernels = await loadTrainKernels();
    module = await WebAssembly.compile(await readFile("build/shared-gemm.wasm"));
    thread = (await startSecondThread(module, 2))!;
  });

  /** A [rows, depth] x B [depth, columns] by one thread or by two, and how many rows the second one took. */
  function product(
    shape: { rows: number; columns: number; depth: number; transposeA?: boolean; transposeB?: boolean },
    secondThread: SecondThread | undefined,
  ) {
    const { rows, columns, depth } = shape;
    const next = createGenerator(`${rows} ${columns} ${depth}`);
    const tensor = (count: number) => tf.tensor1d(sampleNormal(next, new Float32Array(count)));
    return tf.tidy(() => {
      const [a, b] = [tensor(rows * depth), tensor(depth * columns)];
      const c = tf.fill([rows * columns], Number.NaN);
      let taken = 0;
      const counting = secondThread && {
        take: (...args: Parameters<SecondThread["take"]>) => {
          const found = secondThread.take(...args);
          taken = found ? rows - found.rowsLeft : 0;
          return found;
        },
      };
      const [atA, atB, atC] = [a, b, c].map((tensor) => kernels.address(tensor));
      multiply({ ...kernels, secondThread: counting }, { ...shape, a: atA!, b: atB!, c: atC! });
      return { values: c.dataSync(), taken };
    });
  }

  it.each([
    { rows: 128, columns: 400, depth: 784 },
    { rows: 127, columns: 401, depth: 783 },
    { rows: 400, columns: 784, depth: 128, transposeA: true },
    { rows: 785, columns: 399, depth: 127, transposeA: true },
    { rows: 128, columns: 400, depth: 784, transposeB: true },
    { rows: 130, columns: 300, depth: 301, transposeA: true, transposeB: true },
    // More memory than all before it.
    { rows: 600, columns: 900, depth: 500 },
  ])("computes half of $rows x $columns x $depth, with the bits of a single thread", (shape) => {
    const [two, one] = [product(shape, thread), product(shape, undefined)];
    expect(two.taken).toBeGreaterThan(0.4 * shape.rows);
    // toEqual takes seconds for a million values.
    expect(Buffer.from(two.values.buffer).equals(Buffer.from(one.values.buffer))).toBe(true);
  });

  it.each([
    { rows: 128, columns: 4, depth: 400 },
    { rows: 8, columns: 8, depth: 8 },
    // Much to copy for what there is to compute.
    { rows: 20_000, columns: 1, depth: 512 },
  ])("is not used for $rows x $columns x $depth", (shape) => {
    const alone = product(shape, thread);
    expect(alone.taken).toBe(0);
    expect(alone.values).toEqual(product(shape, undefined).values);
  });

  it("is not started on a single core", async () => {
    expect(await startSecondThread(module, 1)).toBeUndefined();
  });

  it("that fails during a product ends the run immediately, with the cause", async () => {
    const trapping = "export function gemm(): void { unreachable(); }";
    const failing = (await startSecondThread(await compileKernels(trapping), 2))!;
    const shape = { rows: 128, columns: 400, depth: 784 };
    expect(() => product(shape, failing)).toThrow(
      /^the second thread of the wasm backend failed: RuntimeError: unreachable$/,
    );
    // It has ended: the next product fails too, without waiting for it.
    await vi.waitFor(() => {
      let message = "";
      try {
        product({ rows: 8, columns: 8, depth: 8 }, failing);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toMatch(/failed: unreachable/);
    });
  });

  it("whose kernels cannot be made is refused with the cause", async () => {
    const importing = await compileKernels(
      '@external("env", "missing") declare function missing(): void; export function gemm(): void { missing(); }',
    );
    await expect(startSecondThread(importing, 2)).rejects.toThrow(
      /the second thread did not start: .*Import/,
    );
  });

  it("that does not answer ends the run with advice", async () => {
    const lost = (await startSecondThread(module, 2))!;
    const wait = vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
    const load = vi.spyOn(Atomics, "load").mockReturnValue(2 as never);
    try {
      expect(() => product({ rows: 128, columns: 400, depth: 784 }, lost)).toThrow(
        /the second thread of the wasm backend failed: no answer for 60 s/,
      );
    } finally {
      wait.mockRestore();
      load.mockRestore();
    }
  });
});
