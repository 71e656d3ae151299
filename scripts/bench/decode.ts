// npm run bench:decode: time of the decoder's kernels, compared with what their multiply-adds take at this machine's peak rate.
// The peak rate is that of the same instructions, f32x4 multiply then add without fusing, in a loop of independent chains
// without memory accesses; it is measured in turn with the kernels. Medians over rounds.

import asc from "assemblyscript/asc";
import { createGenerator, sampleNormal } from "../../shared/arithmetic/random.ts";
import { createDecoder } from "../../shared/decoder/decoder.ts";
import { createEncoder } from "../../shared/decoder/encoder.ts";
import { createNetwork } from "../../shared/decoder/network.ts";
import { createFlowLatent } from "../../shared/latent/flow/latent.ts";
import { planFlow } from "../../shared/latent/flow/plan.ts";
import type { FlowSpec } from "../../shared/latent/flow/spec.ts";
import { withGrain } from "../../shared/latent/grain.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import type { PlannedLayer } from "../../shared/model/layers.ts";
import { multiplyAdds } from "../../shared/model/multiply-adds.ts";
import { planDecoder, planEncoder } from "../../shared/model/plan.ts";
import { presets } from "../../shared/model/presets.ts";
import { type ModelSpec, size, type WeightSpec } from "../../shared/model/spec.ts";
import { isQuantized, quantizeNearest, type StoredTensor } from "../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../trainer/backend/decode-kernels.ts";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { flag, option, wholeNumber } from "../../trainer/options.ts";
import { takeTurns, timeCalls } from "./harness.ts";

const ROUND_MS = 20;
const BATCH = 36;
const CHAINS = 13;
const PEAK_STEPS = 10_000;

await runCommand({
  name: "bench:decode",
  summary:
    "Time the decoder's kernels, compared with what their multiply-adds take at this machine's peak rate.",
  examples: ["npm run bench:decode"],
  fields: {
    json: flag("print the figures as JSON"),
    rounds: option(wholeNumber(1), "rounds; the table has their medians", 25),
  },
  run: async ({ values: { json, rounds } }) => {
    const report = await measureDecoding(rounds);
    console.log(json ? JSON.stringify(report, null, 2) : formatReport(report));
  },
});

interface Case {
  readonly name: string;
  /** Multiply-adds of one call. */
  readonly multiplyAdds: number;
  /** Digits of one call. */
  readonly digits: number;
  readonly call: () => unknown;
}

/** A loop of independent chains c = c * a + b: as many as fit in the registers together with a and b. */
async function compilePeak(): Promise<Case> {
  const each = (text: (i: number) => string) => Array.from({ length: CHAINS }, (_, i) => text(i)).join("\n");
  const source = `export function spin(steps: i32): f32 {
    const a = f32x4.splat(0.999), b = f32x4.splat(0.001);
    ${each((i) => `let c${i} = f32x4.splat(${i});`)}
    for (let step = 0; step < steps; step += 4) {
      ${each((i) => `c${i} = f32x4.add(f32x4.mul(c${i}, a), b);`)
        .concat("\n")
        .repeat(4)}
    }
    let sum = a;
    ${each((i) => `sum = f32x4.add(sum, c${i});`)}
    return f32x4.extract_lane(sum, 0);
  }`;
  const { binary, error, stderr } = await asc.compileString(source, {
    runtime: "stub",
    enable: ["simd"],
    optimizeLevel: 3,
    noAssert: true,
  });
  if (!binary) throw error ?? new Error(stderr.toString());
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(binary)));
  const spin = exports.spin as (steps: number) => number;
  return { name: "peak", multiplyAdds: CHAINS * 4 * PEAK_STEPS, digits: 1, call: () => spin(PEAK_STEPS) };
}

function drawWeights(specs: readonly WeightSpec[]): Map<string, StoredTensor> {
  const draw = (spec: WeightSpec) => {
    const normal = sampleNormal(createGenerator(spec.name), new Float32Array(size(spec.shape)));
    const values = normal.map((value) => value * 0.1);
    return [spec.name, isQuantized(spec) ? quantizeNearest(spec.name, values) : values] as const;
  };
  return new Map(specs.map(draw));
}

function weightsOf(plan: readonly PlannedLayer[]): WeightSpec[] {
  return plan.flatMap(({ weights }) => weights);
}

function casesOf(name: "mlp" | "cnn"): Case[] {
  const kernels = loadDecodeKernels();
  const spec = presets[name];
  const [decoderPlan, encoderPlan] = [planDecoder(spec), planEncoder(spec)];
  const weights = drawWeights(weightsOf(decoderPlan));
  const decoder = createDecoder(kernels, spec, weights);
  const encoder = createEncoder(kernels, spec, drawWeights(weightsOf(encoderPlan)));
  const next = createGenerator("bench");
  const latents = Array.from({ length: BATCH }, () => sampleNormal(next, new Float32Array(latentDim(spec))));
  const image = Float32Array.from({ length: size(spec.input) }, (_, i) => (i % 7) / 6);
  const [decode, encode] = [multiplyAdds(decoderPlan), multiplyAdds(encoderPlan)];
  const batch = { multiplyAdds: decode * BATCH, digits: BATCH, call: () => decoder.images(latents) };
  return [
    { name: `${name} decode`, multiplyAdds: decode, digits: 1, call: () => decoder.image(latents[0]!) },
    { name: `${name} decode ${BATCH}`, ...batch },
    { name: `${name} encode`, multiplyAdds: encode, digits: 1, call: () => encoder.encode(image) },
  ];
}

/** From seeds: the flow and its decoder, with noise, for one digit and for a batch. */
function flowCases(): Case[] {
  const kernels = loadDecodeKernels();
  const spec: ModelSpec = presets.flow;
  const flowSpec = spec.latent as FlowSpec;
  const decoderPlan = planDecoder(spec);
  const plan = planFlow(flowSpec);
  const shares = new Float32Array(size(plan.shares.shape)).fill(1 / size(plan.shares.shape));
  const flow = createFlowLatent(kernels, flowSpec, drawWeights(plan.weights).set(plan.shares.name, shares));
  const latent = withGrain(flow, latentDim(spec));
  const decoder = createDecoder(kernels, spec, drawWeights(weightsOf(decoderPlan)));
  const work = multiplyAdds(plan.flow) + multiplyAdds(decoderPlan);
  const requests = Array.from({ length: BATCH }, (_, i) => ({ seed: `bench/${i}` }));
  const draw = (some: typeof requests) => decoder.images(latent.drawAll(some).map((drawn) => drawn.latent));
  return [
    { name: "flow draw", multiplyAdds: work, digits: 1, call: () => draw(requests.slice(0, 1)) },
    {
      name: `flow draw ${BATCH}`,
      multiplyAdds: work * BATCH,
      digits: BATCH,
      call: () => draw(requests),
    },
  ];
}

async function measureDecoding(rounds: number) {
  const cases = [await compilePeak(), ...casesOf("mlp"), ...casesOf("cnn"), ...flowCases()];
  const measure = ({ call }: Case) => ({ us: timeCalls(call, ROUND_MS) });
  // Warms up the compiler.
  for (const each of cases) measure(each);
  const times = await takeTurns("kernels", cases, rounds, measure);
  const loads = await takeTurns("loading", ["mlp", "cnn"] as const, rounds, (name) => ({ ms: loadMs(name) }));
  const peak = cases[0]!.multiplyAdds / times.get(cases[0]!)!.us.median;
  const results = [...times].map(([{ name, multiplyAdds, digits }, { us }]) => ({
    name,
    us: us.median,
    usPerDigit: us.median / digits,
    gflops: (2 * multiplyAdds) / us.median / 1000,
    /** The time relative to that of the multiply-adds alone. */
    ratio: (us.median * peak) / multiplyAdds,
  }));
  return { rounds, loads: [...loads].map(([name, { ms }]) => ({ name, ms: ms.median })), results };
}

/** Milliseconds to unpack a decoder into a new instance. */
function loadMs(name: "mlp" | "cnn"): number {
  const plan = planDecoder(presets[name]);
  const weights = drawWeights(weightsOf(plan));
  const start = performance.now();
  createNetwork(loadDecodeKernels(), plan, weights);
  return performance.now() - start;
}

function formatReport({ rounds, loads, results }: Awaited<ReturnType<typeof measureDecoding>>) {
  return [
    `medians of ${rounds} rounds`,
    "                     us per digit   GFLOP/s   time / peak's",
    ...results.map(({ name, usPerDigit, gflops, ratio }) =>
      [
        name.padEnd(20),
        usPerDigit.toFixed(1).padStart(12),
        gflops.toFixed(1).padStart(9),
        ratio.toFixed(2).padStart(15),
      ].join(" "),
    ),
    ...["", ` ${BATCH}`].map((batch) => {
      const us = (name: string) => results.find((result) => result.name === name + batch)!.usPerDigit;
      return `flow draw${batch} takes ${(us("flow draw") / us("cnn decode")).toFixed(2)} times cnn decode${batch}`;
    }),
    ...loads.map(({ name, ms }) => `loading the ${name} decoder: ${ms.toFixed(2)} ms`),
  ].join("\n");
}
