// The digit that a word stands for, drawn in the page by the server's own arithmetic.

import type { Digit } from "../shared/image/raster.ts";
import type { LatentDraw } from "../shared/latent/latent-kind.ts";
import type { Choices } from "./choices.ts";
import { choiceFor, type Release } from "./releases.ts";

export interface DrawnWord extends LatentDraw {
  readonly release: Release;
  readonly image: Digit;
}

export function drawWord(
  release: Release,
  { seed, ...choices }: Pick<Choices, "seed" | "digit" | "temperature" | "guidance">,
): DrawnWord {
  const draw = release.latent.draw(seed, choiceFor(release, choices));
  return { ...draw, release, image: release.decoder.image(draw.latent) };
}
