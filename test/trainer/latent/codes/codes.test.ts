// What a model with codes is made of: the quantizer's averages, the gate, the prior, and the spec.

import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { createGenerator } from "../../../../shared/arithmetic/random.ts";
import { ArgumentError, SpecError, WeightsError } from "../../../../shared/errors.ts";
import { createCodesLatent } from "../../../../shared/latent/codes/latent.ts";
import { planPrior } from "../../../../shared/latent/codes/prior-plan.ts";
import { referenceScores } from "../../../../shared/latent/codes/prior-reference.ts";
import { planDecoder, planEncoder } from "../../../../shared/model/plan.ts";
import { changeSpec, presets } from "../../../../shared/model/presets.ts";
import { size } from "../../../../shared/model/spec.ts";
import { loadDecodeKernels } from "../../../../trainer/backend/decode-kernels.ts";
import { gate } from "../../../../trainer/backend/ops.ts";
import { selectBackend } from "../../../../trainer/backend/registry.ts";
import { type CodebookAverages, DECAY, followVectors } from "../../../../trainer/latent/codes/averages.ts";
import { buildPrior } from "../../../../trainer/latent/codes/prior-network.ts";
import { readWeights } from "../../../../trainer/model/vae.ts";
import { listReleaseFolders, readReleaseFolder } from "../../../../trainer/publish/publish.ts";
import { CODES_RELEASES } from "../../../vectors/frozen-addresses.ts";

const spec = presets["vq-smoke"];

describe("the codebook", () => {
  const codebook = (counts: number[]): CodebookAverages => ({
    embeddings: Float32Array.of(0, 0, 1, 1),
    counts: Float32Array.from(counts),
    sums: Float32Array.from(counts.flatMap((count, code) => [code * count, code * count])),
  });

  it("follows the mean of its vectors with the moving average of van den Oord et al., appendix A.1", () => {
    const book = codebook([2, 4]);
    const vectors = Float32Array.of(0.5, 0, 0.1, 0.3, 2, 1, 1, 1, 1, 3, 1, 1);
    expect(followVectors(book, vectors, [0, 0, 1, 1, 1, 1], createGenerator("a"))).toBe(0);
    expect(book.counts[0]).toBeCloseTo(DECAY * 2 + (1 - DECAY) * 2, 6);
    expect(book.embeddings[0]).toBeCloseTo(((1 - DECAY) * 0.6) / 2, 6);
    expect(book.embeddings[3]).toBeCloseTo((DECAY * 4 + (1 - DECAY) * 6) / 4, 6);
  });

  it("starts a dead code again at a vector that its own code misses", () => {
    const book = codebook([4, 1e-6]);
    const vectors = Float32Array.of(0, 0, 0, 0, 0, 0, 7, 9);
    expect(followVectors(book, vectors, [0, 0, 0, 0], createGenerator("a"))).toBe(1);
    expect([...book.embeddings.subarray(2)]).toEqual([7, 9].map((x) => expect.closeTo(x, 5)));
  });
});

describe("the gate", () => {
  it.each(["wasm", "cpu"] as const)(
    "and its gradient are those of tanh and sigmoid on %s",
    async (backend) => {
      await selectBackend(backend);
      const x = tf.randomNormal([7, 16], 0, 3, "float32", 1) as tf.Tensor2D;
      const weights = tf.randomNormal([7, 8], 0, 1, "float32", 2);
      const plain = (input: tf.Tensor) => {
        const [a, b] = tf.split(input, 2, 1) as [tf.Tensor, tf.Tensor];
        return tf.mul(tf.tanh(a), tf.sigmoid(b));
      };
      const found = tf.valueAndGrad((input) => tf.sum(tf.mul(gate(input as tf.Tensor2D), weights)))(x);
      const expected = tf.valueAndGrad((input) => tf.sum(tf.mul(plain(input), weights)))(x);
      expect(found.value.dataSync()[0]).toBeCloseTo(expected.value.dataSync()[0]!, 4);
      const gradient = expected.grad.dataSync();
      for (const [i, value] of found.grad.dataSync().entries()) expect(value).toBeCloseTo(gradient[i]!, 5);
      tf.dispose([x, weights, found, expected] as unknown as tf.Tensor[]);
    },
  );
});

describe("the prior in training", () => {
  it("computes the loss of the reference that serves", async () => {
    await selectBackend("wasm");
    const prior = buildPrior(spec, "1");
    const codes = Uint16Array.from({ length: 98 }, (_, i) => (i * 7) % 16);
    const labels = Uint8Array.of(3, 8);
    const loss = tf.tidy(() => prior.loss({ codes, labels }).dataSync()[0]!);
    const weights = await readWeights(prior.variables);
    const nats = [...labels].map((digit, image) => {
      const own = codes.subarray(image * 49, (image + 1) * 49);
      return referenceScores(spec, weights, own, digit).reduce((sum, scores, cell) => {
        const total = scores.reduce((all, score) => all + Math.exp(score), 0);
        return sum + Math.log(total) - scores[own[cell]!]!;
      }, 0);
    });
    expect(loss).toBeCloseTo(nats[0]! + nats[1]!, 2);
    expect([...prior.variables.keys()]).toEqual(
      planPrior(spec)
        .weights.map(({ name }) => name)
        .filter((name) => name.startsWith("prior")),
    );
    prior.dispose();
  });

  it("leaves out other channels by another seed, none at rate 0, and means the same on average", async () => {
    await selectBackend("wasm");
    const prior = buildPrior(spec, "1");
    const batch = {
      codes: Uint16Array.from({ length: 49 }, (_, i) => (i * 7) % 16),
      labels: Uint8Array.of(3),
    };
    const loss = (rate: number, seed: string) =>
      tf.tidy(() => prior.loss(batch, { rate, seed }).dataSync()[0]!);
    const whole = tf.tidy(() => prior.loss(batch).dataSync()[0]!);
    expect(loss(0, "a")).toBe(whole);
    expect(loss(0.1, "a")).toBe(loss(0.1, "a"));
    const drawn = Array.from({ length: 20 }, (_, i) => loss(0.1, String(i)));
    expect(new Set(drawn).size).toBe(20);
    expect(drawn.reduce((sum, value) => sum + value) / 20).toBeCloseTo(whole, -1);
    prior.dispose();
  });
});

describe("a spec with codes", () => {
  it("of the preset vq is the kept release's, whose figures docs/vq.md gives", async () => {
    const [folder] = await listReleaseFolders(CODES_RELEASES);
    expect((await readReleaseFolder(folder!)).card.spec).toEqual(presets.vq);
  });

  it("whose encoder, decoder and codebook do not fit together is refused", () => {
    const latent = { ...spec.latent, codebook: { ...spec.latent.codebook, dim: 5 } };
    expect(() => planPrior({ ...spec, latent })).toThrow(SpecError);
    expect(() => planDecoder({ ...spec, latent })).toThrow(SpecError);
    const encoder = [{ kind: "flatten" as const }];
    expect(() => planEncoder({ ...spec, encoder })).toThrow(SpecError);
    expect(() => changeSpec("vq", { latentDim: 8 })).toThrow(SpecError);
  });

  it.each([
    ["first layer sees itself", 0, { seesItself: true }],
    ["first layer adds its input", 0, { isResidual: true, channels: spec.latent.prior.embedding }],
    ["residual layer has other channels than its input", 1, { isResidual: true, channels: 4 }],
  ])("whose prior's %s is refused", (_, index, change) => {
    const layers = presets.vq.latent.prior.layers.map((layer, i) =>
      i === index ? { ...layer, ...change } : layer,
    );
    const latent = { ...presets.vq.latent, prior: { ...presets.vq.latent.prior, layers } };
    expect(() => planPrior({ ...presets.vq, latent })).toThrow(SpecError);
  });

  it("whose shares of digits are none, or whose codes are none, is refused", () => {
    const weights = new Map(
      planPrior(spec).weights.map(({ name, shape }) => [name, new Float32Array(size(shape)).fill(0.1)]),
    );
    const { draw, nats } = createCodesLatent(loadDecodeKernels(), spec, weights);
    expect(nats(new Uint16Array(49), 3)).toBeCloseTo(49 * Math.log(16), 3);
    expect(() => nats([...new Uint16Array(48), 16], 3)).toThrow(ArgumentError);
    for (const temperature of [-1, 2.1, Number.NaN]) {
      expect(() => draw("0", { temperature })).toThrow(ArgumentError);
    }
    for (const shares of [[0], [0.5, 0.6], [1.5, -0.5], [Number.NaN]]) {
      const broken = new Map([
        ...weights,
        ["digits", Float32Array.from({ length: 10 }, (_, i) => shares[i] ?? 0)],
      ]);
      expect(() => createCodesLatent(loadDecodeKernels(), spec, broken)).toThrow(WeightsError);
    }
  });
});
