// Some of MNIST's digits for the runs that tests train: reading and digesting all 70,000 takes longer than such a run.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { MNIST } from "../../trainer/data/dataset.ts";
import { cutDigits } from "./digits.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of a data set. */
    readonly digits: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-data-"));
  project.provide("digits", await cutDigits(MNIST, folder, { training: 2500, test: 300 }));
  return () => rm(folder, { recursive: true, force: true });
}
