// The badge beside a digit that the page drew: asks the server for the same and compares pixel by pixel.

import { useMemo } from "preact/hooks";
import type { Digit } from "../../shared/image/raster.ts";
import { levelsAddress } from "../addresses.ts";
import { request } from "../service.ts";
import { usePage } from "../state.ts";
import { useLoaded, useSettled } from "./loading.ts";

const REST_MS = 300;

interface ProofProps {
  readonly image: Digit;
  /** Of the server's picture of it, with the model's version. */
  readonly address: string;
}

export function Proof({ image, address }: ProofProps) {
  const { t } = usePage();
  const levels = levelsAddress(address);
  const claim = useMemo(() => ({ image, levels }), [image, levels]);
  const isAtRest = useSettled(claim, REST_MS) === claim;
  const answer = useLoaded(isAtRest ? claim : undefined, countDifferences);
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
        {t.proof[verdict](differing || image.pixels.length)}
      </p>
      <p>
        <a href={address}>{t.proof.address}</a>
      </p>
    </div>
  );
}

/** How many pixels differ from the server's. */
async function countDifferences({ image: { pixels: ours }, levels }: { image: Digit; levels: string }) {
  const { pixels } = (await (await request(levels)).json()) as { pixels: number[][] };
  const theirs = pixels.flat();
  if (theirs.length !== ours.length) return ours.length;
  return theirs.filter((level, i) => level !== ours[i]).length;
}
