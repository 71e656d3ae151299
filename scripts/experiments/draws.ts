// What needs no training of its own: the same latents drawn in other ways, by runs that are there, and the bundled models.

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { createDecoder, type Decoder } from "../../shared/decoder/decoder.ts";
import type { FlowDraw, FlowLatent } from "../../shared/latent/flow/latent.ts";
import { type FlowSpec, MAX_GUIDANCE } from "../../shared/latent/flow/spec.ts";
import { createGaussianLatent } from "../../shared/latent/gaussian/latent.ts";
import { withGrain } from "../../shared/latent/grain.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import type { LatentChoice, OpenLatent } from "../../shared/latent/latent-kind.ts";
import { hasNoise } from "../../shared/model/spec.ts";
import { fromMemory, openRelease } from "../../shared/release/open.ts";
import { loadDecodeKernels } from "../../trainer/backend/decode-kernels.ts";
import { selectBackend } from "../../trainer/backend/registry.ts";
import type { Judgement, Split } from "../../trainer/evaluate/evaluation.ts";
import { loadEvaluationSet, SEED } from "../../trainer/evaluate/evaluation-set.ts";
import { SCORES } from "../../trainer/evaluate/figures.ts";
import { guidedFlow, planTeacher, TEACHER_STEPS } from "../../trainer/latent/flow/flow-network.ts";
import { variablesFrom, weightsOf } from "../../trainer/latent/flow/network.ts";
import { readFirst } from "../../trainer/latent/flow/stage.ts";
import { readTeacher } from "../../trainer/latent/flow/train-flow.ts";
import { fitSampler } from "../../trainer/latent/gaussian/mixture.ts";
import { kindOf } from "../../trainer/latent/kind.ts";
import type { FinishedRun } from "../../trainer/latent/latent-kind.ts";
import { openRun } from "../../trainer/train/open-run.ts";
import { createTasks } from "../../trainer/train/tasks.ts";
import { readReleases } from "../bench/harness.ts";
import { BASE, UNTUNED } from "./flows.ts";

/** Guidances, and midpoint steps of the flow that the one evaluation was distilled from; a step has four evaluations. */
const GUIDANCES = [0, 0.1, 0.2, 0.3, MAX_GUIDANCE];
const STEPS = [1, 2, TEACHER_STEPS, 2 * TEACHER_STEPS];
const TEACHER_BATCH = 500;
const MIXTURE = "a mixture of Gaussians instead of the flow";

export const drawTitles = ["drawn by", ...SCORES.map(([title]) => title)];

/** One way to latents of digits, and their decoder. */
interface Way {
  readonly name: string;
  readonly decoder: Decoder;
  /** @param digits  one for each seed: SEED/0, SEED/1, ... */
  readonly latents: (digits: Uint8Array) => Float32Array[];
}

/** Rows of all ways that the present runs allow, on the base run's images. */
export async function drawRows(runs: string, on: Split): Promise<string[][]> {
  const tasks = createTasks(process.stderr);
  try {
    await selectBackend("wasm");
    const run = await openRun(join(runs, BASE));
    const { baseline, labels } = await loadEvaluationSet(run.source, on, run.config, tasks.show);
    if (!baseline) return [];
    const rows = [rowOf("training images", baseline.floor)];
    for await (const { name, decoder, latents } of waysOf(runs, run, tasks.show)) {
      tasks.show(name);
      const images = decoder.images(latents(labels)).flatMap(({ pixels }) => [...pixels]);
      rows.push(
        rowOf(
          name,
          await baseline.judge(
            Float32Array.from(images, (byte) => byte / 255),
            labels,
          ),
        ),
      );
    }
    return rows;
  } finally {
    tasks.stop();
  }
}

function rowOf(name: string, judgement: Judgement): string[] {
  return [name, ...SCORES.map(([, text]) => text(judgement) ?? "")];
}

async function* waysOf(runs: string, run: FinishedRun, onTask: (task: string) => void): AsyncGenerator<Way> {
  const tuned = await openModel(run);
  for (const guidance of GUIDANCES) {
    yield { name: `\`${BASE}\`, guidance ${guidance}`, ...drawing(tuned, { guidance }) };
  }
  yield { name: `\`${BASE}\`, ${MIXTURE}`, ...drawing({ ...tuned, latent: await fitMixture(run, onTask) }) };
  if (existsSync(join(runs, UNTUNED))) {
    const other = await openRun(join(runs, UNTUNED));
    const untuned = await openModel(other);
    const own = (other.config.spec.latent as FlowSpec).flow.guidance;
    yield { name: `\`${UNTUNED}\`, 1 evaluation, guidance ${own}`, ...drawing(untuned) };
    yield {
      name: `\`${UNTUNED}\`, ${MIXTURE}`,
      ...drawing({ ...untuned, latent: await fitMixture(other, onTask) }),
    };
    for (const steps of STEPS) {
      yield {
        name: `\`${UNTUNED}\`, ${4 * steps} evaluations, guidance ${own}`,
        decoder: untuned.decoder,
        latents: await teacherOf(other, untuned.latent as FlowLatent, steps, own),
      };
    }
  }
  for (const release of await readReleases()) {
    const open = await openRelease(release.card, fromMemory(release.files), loadDecodeKernels());
    yield { name: `\`${release.card.name}\`, as bundled`, ...drawing(open) };
  }
}

/** A mixture of the latents of a run's images. */
async function fitMixture({ config, tensors, data, split }: FinishedRun, onTask: (task: string) => void) {
  const { spec } = config;
  const mixture = await fitSampler(config, tensors, data, split, (done, total) =>
    onTask(`fitting a mixture to the latents ${done}/${total}`),
  );
  const latent = createGaussianLatent(latentDim(spec), mixture);
  return hasNoise(spec) ? withGrain(latent, latentDim(spec)) : latent;
}

async function openModel(run: FinishedRun) {
  const { spec } = run.config;
  return {
    decoder: createDecoder(loadDecodeKernels(), spec, run.tensors),
    latent: await kindOf(spec).openFloat(run, undefined, () => {}),
  };
}

function drawing(
  { decoder, latent }: { readonly decoder: Decoder; readonly latent: OpenLatent },
  choice: LatentChoice = {},
) {
  const latents = (digits: Uint8Array) => drawAll(latent, digits, choice).map((draw) => draw.latent);
  return { decoder, latents };
}

function drawAll(latent: OpenLatent, digits: Uint8Array, choice: LatentChoice = {}) {
  return latent.drawAll(Array.from(digits, (digit, i) => ({ ...choice, digit, seed: `${SEED}/${i}` })));
}

/** The flow itself, in several steps, from the same noise. */
async function teacherOf(
  { folder, config }: FinishedRun,
  latent: FlowLatent,
  steps: number,
  guidance: number,
) {
  const teacher = await readTeacher(folder, config.spec, await readFirst(folder));
  const plan = planTeacher(config.spec.latent as FlowSpec);
  const { mean, deviation } = latent.spread;
  return (digits: Uint8Array) => {
    const field = variablesFrom(weightsOf(plan), teacher);
    const noises = (drawAll(latent, digits) as FlowDraw[]).map(({ noise }) => noise);
    const found: Float32Array[] = [];
    for (let from = 0; from < noises.length; from += TEACHER_BATCH) {
      const some = noises.slice(from, from + TEACHER_BATCH);
      const classes = digits.slice(from, from + some.length);
      const guidances = new Float32Array(some.length).fill(guidance);
      const z = tf.tidy(() => {
        const noise = tf.tensor2d(Float32Array.from(some.flatMap((one) => [...one])), [
          some.length,
          mean.length,
        ]);
        return guidedFlow(plan, field, noise, classes, guidances, steps).dataSync() as Float32Array;
      });
      for (let i = 0; i < some.length; i++) {
        const row = z.slice(i * mean.length, (i + 1) * mean.length);
        found.push(row.map((value, axis) => value * deviation[axis]! + mean[axis]!));
      }
    }
    tf.dispose([...field.values()]);
    return found;
  };
}
