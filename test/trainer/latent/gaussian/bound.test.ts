import { describe, expect, it } from "vitest";
import { createGenerator, sampleNormal } from "../../../../shared/arithmetic/random.ts";
import type { PlannedLayer } from "../../../../shared/model/layers.ts";
import { planDecoder, planEncoder } from "../../../../shared/model/plan.ts";
import { presets } from "../../../../shared/model/presets.ts";
import { size } from "../../../../shared/model/spec.ts";
import { findDivergence } from "../../../../trainer/evaluate/failure.ts";
import { findCodebookCollapse } from "../../../../trainer/latent/codes/evaluate.ts";
import { activeUnits, findPosteriorCollapse } from "../../../../trainer/latent/gaussian/active-units.ts";
import { type Autoencoder, createAutoencoder } from "../../../../trainer/latent/gaussian/autoencoder.ts";
import { elbo, importanceWeightedBound } from "../../../../trainer/latent/gaussian/bound.ts";
import { blob } from "../../evaluate/sets.ts";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One latent, one pixel: logit = slope z; q(z|x) is what it is told. */
function toy(slope: number, mean: number, logVar: number): Autoencoder {
  return {
    latentDim: 1,
    encode: ({ images }) => ({ mu: images.map(() => mean), logVar: images.map(() => logVar) }),
    decode: (latents) => latents.map((z) => slope * z),
  };
}

/** log p(x = 1) of a toy, by the trapezoid rule over z. */
function exactLogLikelihood(slope: number): number {
  let sum = 0;
  for (let z = -10; z <= 10; z += 0.001) {
    sum += (0.001 * sigmoid(slope * z) * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
  }
  return Math.log(sum);
}

describe("the bounds", () => {
  const seen = (images: Float32Array) => ({ images, labels: new Uint8Array(images.length) });
  const ones = (count: number) => new Float32Array(count).fill(1);
  const images = ones(20_000);
  const bound = (model: Autoencoder, samples: number, drawn = images.subarray(0, 2000)) =>
    importanceWeightedBound(model, seen(drawn), model.encode(seen(drawn)), {
      samples,
      seed: `bound/${samples}`,
    });

  it("get tighter with the number of draws, from the ELBO to the exact likelihood", () => {
    const model = toy(3, 0.3, -0.5);
    const parts = elbo(model, seen(images), model.encode(seen(images)), { seed: "elbo" });
    const [one, five, fifty] = [bound(model, 1, images), bound(model, 5), bound(model, 50)];
    const many = bound(model, 1000, ones(500));
    const exact = -exactLogLikelihood(3);
    expect(one).toBeCloseTo(parts.total, 1);
    expect(five).toBeLessThan(one);
    expect(fifty).toBeLessThan(five);
    expect(many).toBeCloseTo(exact, 2);
    expect(parts.total).toBeGreaterThan(exact);
    expect(parts.total).toBeCloseTo(parts.reconstruction + parts.kl, 10);
    expect(parts.kl).toBeCloseTo(0.5 * (0.09 + Math.exp(-0.5) - 1 + 0.5), 6);
  });

  it("are exact for any number of draws where the decoder ignores the latent and q(z|x) is the prior", () => {
    const blind: Autoencoder = { ...toy(0, 0, 0), decode: (latents) => latents.map(() => -1.2) };
    const exact = Math.log1p(Math.exp(1.2));
    for (const samples of [1, 7, 200]) expect(bound(blind, samples)).toBeCloseTo(exact, 6);
    expect(elbo(blind, seen(images), blind.encode(seen(images)), { seed: "elbo" }).total).toBeCloseTo(
      exact,
      6,
    );
  });

  it("stay finite for logits that no exponential survives", () => {
    const sure: Autoencoder = { ...toy(0, 0, 0), decode: (latents) => latents.map(() => -900) };
    expect(bound(sure, 10)).toBeCloseTo(900, 6);
  });

  it("are computed by the engine that serves: the ELBO is at most the bound's likelihood", () => {
    const spec = presets.smoke;
    const model = createAutoencoder(spec, {
      encoder: randomWeights(planEncoder(spec)),
      decoder: randomWeights(planDecoder(spec)),
    });
    const drawn = seen(blob("images", 10, new Array(784).fill(0)).map((x) => (x > 1 ? 1 : 0)));
    const posterior = model.encode(drawn);
    expect(posterior.mu.length).toBe(40);
    const { total } = elbo(model, drawn, posterior, { seed: "elbo" });
    const tight = importanceWeightedBound(model, drawn, posterior, { samples: 200, seed: "bound" });
    expect(Number.isFinite(tight)).toBe(true);
    expect(tight).toBeLessThan(total);
  });
});

describe("active units", () => {
  it("are those whose means vary by more than the threshold", () => {
    const means = blob("means", 5000, [0, 3, -1, 0]).map((x, i) => [1, 0.05, 0.2, 0][i % 4]! * x);
    const { count, variances } = activeUnits(means, 4);
    expect(count).toBe(2);
    expect(variances[0]).toBeCloseTo(1, 1);
    expect(variances[1]).toBeCloseTo(0.0025, 3);
    expect(variances[3]).toBe(0);
    expect(activeUnits(means, 4, 0.001).count).toBe(3);
  });
});

describe("a failed model", () => {
  const loss = (reconstruction: number, kl: number) => ({ reconstruction, kl, total: reconstruction + kl });
  const failureOf = ({ loss: found = loss(80, 25), active = 14 }) =>
    findDivergence(found, 784) ?? findPosteriorCollapse(found.kl, active, 16);

  it.each([
    [{ loss: loss(206, 0.01), active: 0 }, /^posterior collapse: KL 0.01 nats, 0 of 16/],
    [{ active: 3 }, /^partial posterior collapse: KL 25.00 nats, 3 of 16 units active/],
    [{ loss: loss(900, 3) }, /^divergence: the loss is 903.00 nats an image; .* 543.43/],
    [{ loss: loss(NaN, 3) }, /^divergence: the loss is NaN/],
  ])("is told: %j", (symptoms, message) => {
    expect(failureOf(symptoms)).toMatch(message);
  });

  it("is told of codes", () => {
    expect(findCodebookCollapse(16, 32)).toBeUndefined();
    expect(findCodebookCollapse(15, 32)).toMatch(/^codebook collapse: 15 of 32 codes in use/);
  });

  it("is not seen in a healthy one", () => {
    expect(failureOf({})).toBeUndefined();
  });
});

function randomWeights(plan: readonly PlannedLayer[]) {
  const next = createGenerator("weights");
  return new Map(
    plan.flatMap(({ weights }) =>
      weights.map(
        ({ name, shape }) =>
          [name, sampleNormal(next, new Float32Array(size(shape))).map((x) => 0.1 * x)] as const,
      ),
    ),
  );
}
