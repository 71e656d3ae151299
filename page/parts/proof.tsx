// The badge beside a digit that the page decoded: asks the server for the same latent and compares pixel by pixel.

import type { Digit } from "../../shared/image/raster.ts";
import { decodeAddress, latentQuery } from "../addresses.ts";
import type { Release } from "../releases.ts";
import { service } from "../service.ts";
import { usePage } from "../state.ts";
import { useLoaded, useSettled } from "./loading.ts";

const REST_MS = 300;

/** What the page drew, and from which latent. */
export interface LocalDigit {
  readonly release: Release;
  /** float32 [latentDim] */
  readonly latent: Float32Array;
  readonly image: Digit;
}

/** Decodes a latent in the page. */
export function decodeHere(release: Release, latent: Float32Array): LocalDigit {
  return { release, latent, image: release.decoder.image(latent) };
}

export function Proof({ digit }: { digit: LocalDigit }) {
  const { t } = usePage();
  const isAtRest = useSettled(digit, REST_MS) === digit;
  const answer = useLoaded(isAtRest ? digit : undefined, countDifferences);
  const differing = answer.status === "ready" ? answer.value : 0;
  const verdicts = { waiting: "asking", failed: "unknown", ready: differing ? "different" : "same" } as const;
  const verdict = verdicts[answer.status];
  return (
    <div class="proof">
      {/* No status while the digit moves: it would be announced over and over. */}
      <p
        class={`badge ${verdict}`}
        role={verdict === "asking" ? undefined : "status"}
        title={t.proof.explain}
      >
        {t.proof[verdict](differing || digit.image.pixels.length)}
      </p>
      <p>
        <a href={decodeAddress(digit)}>{t.proof.address}</a>
      </p>
    </div>
  );
}

/** How many pixels differ from those of /decode. */
async function countDifferences(digit: LocalDigit): Promise<number> {
  const { bytes } = await service.decode({ ...latentQuery(digit), format: "json" });
  const { pixels } = JSON.parse(new TextDecoder().decode(bytes)) as { pixels: number[][] };
  const theirs = pixels.flat();
  const ours = digit.image.pixels;
  if (theirs.length !== ours.length) return ours.length;
  return theirs.filter((level, i) => level !== ours[i]).length;
}
