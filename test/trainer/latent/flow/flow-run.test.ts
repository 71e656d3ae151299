// A run of a model with a flow, from training to release, report and evaluation.

import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder } from "../../../../shared/decoder/decoder.ts";
import { GRAINS } from "../../../../shared/decoder/noise.ts";
import { FLOW_FILES } from "../../../../shared/latent/flow/kind.ts";
import type { FlowLatent } from "../../../../shared/latent/flow/latent.ts";
import { planDecoder } from "../../../../shared/model/plan.ts";
import { fromMemory, openLatent } from "../../../../shared/release/open.ts";
import { StageEpochSchema } from "../../../../shared/release/release.ts";
import { loadDecodeKernels } from "../../../../trainer/backend/decode-kernels.ts";
import { selectBackend } from "../../../../trainer/backend/registry.ts";
import { dataSource, loadDataset } from "../../../../trainer/data/dataset.ts";
import { RunError } from "../../../../trainer/errors.ts";
import { loadEvaluationSet } from "../../../../trainer/evaluate/evaluation-set.ts";
import { drawLatents } from "../../../../trainer/latent/flow/flow-network.ts";
import { runLayers, variablesFrom, weightsOf } from "../../../../trainer/latent/flow/network.ts";
import { averagesOf, planOf } from "../../../../trainer/latent/flow/stage.ts";
import { kindOf } from "../../../../trainer/latent/kind.ts";
import { stageFile } from "../../../../trainer/latent/stages.ts";
import { createParallel } from "../../../../trainer/parallel/parallel.ts";
import { readReleaseFolder } from "../../../../trainer/publish/publish.ts";
import { assembleRelease, type Release } from "../../../../trainer/release/assemble.ts";
import { checkGolden, checkStock } from "../../../../trainer/release/golden.ts";
import { checkGate } from "../../../../trainer/release/measure.ts";
import { writePage } from "../../../../trainer/report/page.ts";
import { loadRun } from "../../../../trainer/report/run.ts";
import { finalWeights, readCheckpoint } from "../../../../trainer/train/checkpoint.ts";
import { openRun } from "../../../../trainer/train/open-run.ts";
import { silentProgress } from "../../../../trainer/train/progress.ts";
import { temporaryFolder } from "../../../folder.ts";
import { expectExplained, figuresOf } from "../../report/explained.ts";
import { flowConfig as config, trainSmoke } from "../../smoke-run.ts";

const { spec } = config;
const kind = kindOf(spec);

describe("a run", () => {
  let folder: string;
  let release: Release;
  const stageOf = async (name: string, of = folder) =>
    readCheckpoint(join(of, `${name}.bin`), StageEpochSchema);
  const runIn = async (of: string, epoch = (_: number) => {}) => ({
    config,
    folder: of,
    backend: await selectBackend("wasm"),
    images: await loadDataset(dataSource(config.data), "train"),
    parallel: createParallel(1),
    progress: { ...silentProgress, epoch: (record: { epoch: number }) => epoch(record.epoch) },
  });
  const assembly = () => ({
    ...{ run: folder, config, name: "flow-smoke", revision: "test", trainer: "0.0.0" },
    // Weights that have hardly learned lie about 0, where rounding costs more than it does later.
    gate: () => {},
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("lowers the losses of its stages, and leaks no tensor", async () => {
    await trainSmoke(folder, config);
    await expect(assembleRelease(assembly())).rejects.toThrow(/has no flow yet; train it by .*--resume/);
    const before = tf.memory().numTensors;
    for (const stage of kind.stages) await stage.train(await runIn(folder));
    expect(tf.memory().numTensors).toBe(before);
    for (const name of ["flow", "distillation", "reader"]) {
      const { history } = await stageOf(name);
      expect(history).toHaveLength(4);
      expect(history.at(-1)!.validation, name).toBeLessThan(history[0]!.validation);
    }
    expect(existsSync(join(folder, "epochs", "fine-tuning-002-samples.png"))).toBe(true);
  });

  it("that stops in every stage goes on to the same weights", async () => {
    const other = await temporaryFolder();
    await mkdir(join(other, "epochs"));
    await cp(join(folder, "checkpoint.bin"), join(other, "checkpoint.bin"));
    for (const stage of kind.stages) {
      const stopped = await runIn(other, (epoch) => {
        if (epoch === 1) throw new Error("stopped");
      });
      await expect(stage.train(stopped)).rejects.toThrow("stopped");
      expect((await stageOf(stage.name, other)).history).toHaveLength(1);
      await stage.train(await runIn(other));
      const [found, expected] = [await stageOf(stage.name, other), await stageOf(stage.name)];
      expect(found.tensors, stage.name).toEqual(expected.tensors);
    }
  });

  it("draws the same in the engine as in tfjs, and its decoder is the fine-tuned one", async () => {
    const first = finalWeights(await readCheckpoint(join(folder, "checkpoint.bin")));
    const run = await openRun(folder, config);
    expect(run.tensors.get("encoder_0/kernel")).toEqual(first.get("encoder_0/kernel"));
    expect(run.tensors.get("decoder_0/kernel")).not.toEqual(first.get("decoder_0/kernel"));
    const latent = (await kind.openFloat(run, undefined, () => {})) as FlowLatent;
    const plan = planOf(config);
    const variables = variablesFrom(weightsOf(plan.flow), averagesOf(await stageOf("fine-tuning")));
    const [mean, deviation] = [plan.mean, plan.deviation].map(({ name }) => name);
    const { tensors: standard } = await stageOf("flow");
    for (const digit of [0, 7]) {
      const drawn = latent.draw("a seed", { digit, guidance: 0.25 });
      const expected = tf.tidy(() => {
        const noise = tf.tensor2d(drawn.noise, [1, drawn.noise.length]);
        const z = drawLatents(plan, variables, noise, [digit], Float32Array.of(0.25));
        return tf.add(tf.mul(z, standard.get(deviation!)!), standard.get(mean!)!).dataSync();
      });
      expect(drawn.latent).toHaveLength(expected.length + 1);
      expected.forEach((value, i) => {
        expect(drawn.latent[i]).toBeCloseTo(value, 4);
      });
    }
    tf.dispose([...variables.values()]);
  });

  it("draws the same noise in the engine as in tfjs", async () => {
    const { tensors } = await openRun(folder, config);
    const plan = planDecoder(spec);
    const variables = variablesFrom(weightsOf(plan), tensors);
    const decoder = createDecoder(loadDecodeKernels(), spec, tensors);
    const latents = [1, 2, GRAINS - 1].map((grain) => Float32Array.of(0.5, -1, 2, 0, grain / GRAINS));
    const expected = tf.tidy(() => {
      const inputs = tf.tensor2d(latents.map((latent) => [...latent.slice(0, 4)]));
      return runLayers(plan, variables, inputs, [1, 2, GRAINS - 1]).arraySync() as number[][];
    });
    decoder.images(latents).forEach(({ logits }, i) => {
      const [found, wanted] = [[...logits], expected[i]!.flat(2)];
      expect(Math.max(...found.map((value, k) => Math.abs(value - wanted[k]!)))).toBeLessThan(1e-4);
      expect(found).not.toEqual([...decoder.logits(latents[i]!.slice(0, 4))]);
    });
    tf.dispose([...variables.values()]);
  });

  it("becomes a release that draws what its card promises, also in stock tfjs", async () => {
    release = await assembleRelease(assembly());
    const { card } = release;
    expect(Object.keys(card.files)).toEqual(expect.arrayContaining(Object.values(FLOW_FILES)));
    for (const stage of kind.stages) {
      expect(card[stage.name]).toEqual((await stageOf(stage.name)).history);
    }
    expect(card.metrics.latentShift).toBeGreaterThan(0);
    expect(() => checkGate({ ...card.metrics, latentShift: 0.06 })).toThrow(
      /drawn latents move by 0.060 deviations, at most 0.05 allowed/,
    );
    const stored = await readReleaseFolder(release.folder);
    expect(await checkGolden(stored)).toBe(16);
    await checkStock(stored);
  });

  it("is evaluated by its bound and by what it draws, and reported", async () => {
    await selectBackend("wasm");
    const { card, files } = await readReleaseFolder(release.folder);
    const latent = await openLatent(card, fromMemory(files), loadDecodeKernels);
    const { tensors } = await openRun(folder, config);
    const set = await loadEvaluationSet(dataSource(config.data), "validation", config);
    const subject = { spec, encoder: tensors, decoder: tensors, latent };
    const { loss, draws, figures } = await kind.evaluate(subject, set, { samples: 0 });
    expect(loss.total).toBeCloseTo(loss.reconstruction + loss.kl, 3);
    const measured = (name: string) => figures.find((figure) => figure.name.startsWith(name))!.value;
    expect(measured("\u2003Expected calibration error")).toBeLessThan(0.3);
    expect(measured("Noise found: error of the latent")).toBeLessThan(0.05);
    expect(measured("\u2003of its picture")).toBeLessThan(5);
    expect(draws.map(({ name, digits }) => [name, digits])).toEqual([
      ["flow", set.labels],
      ["flow, digits by their shares", undefined],
    ]);
    const [byDigit, byShare] = draws.map(({ logits }) => logits());
    expect(byDigit).toHaveLength(set.images.length);
    expect(byDigit).not.toEqual(byShare);

    const page = await writePage([await loadRun(folder, "flow")]);
    expect(page).toContain("Digits from the flow");
    const shown = figuresOf(parseHTML(page).document);
    shown.forEach(expectExplained);
    expect(shown[1]!.textContent).toMatch(/The flow pays \d+\.\d\d \u00b1/);
    expect(page).toContain("Samples of the flow");
  });

  it("without its last stage keeps the student's flow and the first stage's decoder", async () => {
    const untuned = { ...config, fineTuningSteps: 0 };
    const other = await temporaryFolder();
    const files = ["checkpoint.bin", ...kind.stages.slice(0, -1).map(stageFile)];
    for (const file of files) await cp(join(folder, file), join(other, file));
    for (const stage of kind.stages) await stage.train({ ...(await runIn(other)), config: untuned });
    expect(existsSync(join(other, "fine-tuning.bin"))).toBe(false);
    const run = await openRun(other, untuned);
    const first = finalWeights(await readCheckpoint(join(folder, "checkpoint.bin")));
    expect(run.tensors.get("decoder_0/kernel")).toEqual(first.get("decoder_0/kernel"));
    // A hard sigmoid with the slope of the first stage's sigmoid.
    const [last, sigmoid] = [run.tensors, first].map((tensors) => tensors.get("decoder_3/kernel")!);
    expect(last).toEqual(sigmoid!.map((value) => 1.25 * value));
    const latentOf = async (of: typeof run) => kind.openFloat(of, undefined, () => {});
    const [student, tuned] = [await latentOf(run), await latentOf(await openRun(folder, config))];
    expect(student.draw("a", { digit: 1 })).not.toEqual(tuned.draw("a", { digit: 1 }));
  });

  it("whose first stage changed is refused by name", async () => {
    const other = await temporaryFolder();
    const files = ["checkpoint.bin", ...kind.stages.map(stageFile)];
    for (const file of files) await cp(join(folder, file), join(other, file));
    const first = finalWeights(await readCheckpoint(join(folder, "checkpoint.bin")));
    const changed = new Map([...first, ["encoder_0/bias", first.get("encoder_0/bias")!.map((x) => x + 1)]]);
    await expect(kind.finalTensors!(other, config, changed)).rejects.toThrow(
      /flow\.bin was trained on other weights .* delete it/,
    );
    await rm(join(other, "fine-tuning.bin"));
    await expect(kind.finalTensors!(other, config, first)).rejects.toThrow(RunError);
  });
});
