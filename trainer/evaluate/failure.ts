// Names the two ways in which a trained VAE can be worthless: it diverged, or its decoder ignores the latent
// (posterior collapse: Bowman et al. 2016, https://arxiv.org/abs/1511.06349; He et al. 2019, https://arxiv.org/abs/1901.05534).

import type { Loss } from "../../shared/release/release.ts";

/** KL below which a latent carries less than half a nat about its image: too little for two classes. */
const COLLAPSED_KL = 0.5;

export interface Symptoms {
  /** Negative ELBO on held-out images, nats per image. */
  readonly loss: Loss;
  /** Active units, and all of them. */
  readonly active: number;
  readonly latentDim: number;
  /** Numbers per image. */
  readonly pixels: number;
}

export interface Failure {
  readonly kind: "divergence" | "posterior collapse" | "partial posterior collapse" | "codebook collapse";
  /** One sentence with the figures. */
  readonly message: string;
}

/**
 * What went wrong, or undefined. Diverged: NaN, or worse than predicting 0.5 everywhere. Collapsed: no
 * active unit, or next to no KL; in part: fewer than half of the units active.
 */
export function findFailure({ loss, active, latentDim, pixels }: Symptoms): Failure | undefined {
  const divergence = findDivergence(loss, pixels);
  if (divergence) return divergence;
  const found = `KL ${format(loss.kl)} nats, ${active} of ${latentDim} units active`;
  if (active === 0 || loss.kl < COLLAPSED_KL) {
    const message = `posterior collapse: ${found}; the decoder hardly uses its latent`;
    return { kind: "posterior collapse", message };
  }
  if (active < latentDim / 2) {
    const message = `partial posterior collapse: ${found}; a smaller latent would do as well`;
    return { kind: "partial posterior collapse", message };
  }
  return undefined;
}

export interface CodeSymptoms {
  readonly loss: Loss;
  /** Codes that occur, and all of them. */
  readonly used: number;
  readonly size: number;
  readonly pixels: number;
}

/** Of a model with codes: diverged as above; collapsed with fewer than half of its codes in use. */
export function findCodeFailure({ loss, used, size, pixels }: CodeSymptoms): Failure | undefined {
  const divergence = findDivergence(loss, pixels);
  if (divergence || used >= size / 2) return divergence;
  const message = `codebook collapse: ${used} of ${size} codes in use; a smaller codebook would do as well`;
  return { kind: "codebook collapse", message };
}

function findDivergence(loss: Loss, pixels: number): Failure | undefined {
  const blank = pixels * Math.LN2;
  if (Number.isFinite(loss.total) && loss.total <= blank) return undefined;
  const found = `the loss is ${format(loss.total)} nats an image`;
  return { kind: "divergence", message: `divergence: ${found}; grey noise costs ${format(blank)}` };
}

function format(nats: number): string {
  return nats.toFixed(2);
}
