// The density of a flow against one that is known: noise to latent by a matrix.

import { determinant, Matrix } from "ml-matrix";
import { expect, it } from "vitest";
import type { FlowLatent } from "../../../../shared/latent/flow/latent.ts";
import { flowPrior } from "../../../../trainer/latent/flow/density.ts";
import { logNormal } from "../../../../trainer/latent/gaussian/surgery.ts";

it("is the noise's, divided by how much the flow stretches, and by the digit's share", () => {
  const matrix = new Matrix([
    [2, 0.5, 0],
    [0, 0.25, 0],
    [-1, 0, 3],
  ]);
  const asked: Float32Array[] = [];
  const flow = {
    shares: [0.25, 0.75],
    readDigit: () => [0.1, 0.9],
    findNoise: (latent: Float32Array) => {
      const noise = Float32Array.of(1, -0.5, 0.25);
      expect([...latent]).toEqual(matrix.mmul(Matrix.columnVector(noise)).to1DArray());
      return { latent, numbers: { noise } };
    },
    latents: (inputs: Parameters<FlowLatent["latents"]>[0]) => {
      asked.push(...inputs.map(({ condition }) => condition));
      return inputs.map(({ noise }) =>
        Float32Array.from(matrix.mmul(Matrix.columnVector(noise)).to1DArray()),
      );
    },
  } as unknown as FlowLatent;
  const noise = Float32Array.of(1, -0.5, 0.25);
  const latent = Float32Array.from(matrix.mmul(Matrix.columnVector(noise)).to1DArray());
  const expected = Math.log(0.75) + logNormal(noise) - Math.log(Math.abs(determinant(matrix)));
  expect(flowPrior(flow).logDensity(latent)).toBeCloseTo(expected, 5);
  // The likelier digit, without guidance.
  expect(asked.map((condition) => [...condition])).toEqual(asked.map(() => [0, 1, 0]));
});
