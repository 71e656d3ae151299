// The badge beside a digit that the page decoded: asks the server for the same latent and compares pixel by pixel.

import { useEffect, useState } from "preact/hooks";
import { shortestDecimal } from "../../shared/arithmetic/decimal.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { pinnedName, type Release } from "../releases.ts";
import { service, withoutOrigin } from "../service.ts";
import { usePage } from "../state.ts";
import { useSettled } from "./loading.ts";

const REST_MS = 300;

/** What the page drew, and from which latent. */
export interface LocalDigit {
  readonly release: Release;
  /** float32 [latentDim] */
  readonly latent: Float32Array;
  readonly image: GreyImage;
}

/** @property differing  pixels that are not the server's; undefined when it could not be asked */
interface Comparison {
  readonly digit: LocalDigit;
  readonly differing: number | undefined;
}

/** Draws a latent here. */
export function decodeHere(release: Release, latent: Float32Array): LocalDigit {
  return { release, latent, image: release.decoder.image(latent) };
}

/** The address by which the server draws a latent. */
export function latentQuery({ release, latent }: Pick<LocalDigit, "release" | "latent">) {
  const model = pinnedName(release);
  const { codes } = release;
  if (codes) return { codes: codes.quantize(latent).join(","), model };
  return { z: Array.from(latent, shortestDecimal).join(","), model };
}

export function Proof({ digit }: { digit: LocalDigit }) {
  const { t, state } = usePage();
  const [comparison, setComparison] = useState<Comparison>();
  const settled = useSettled(digit, REST_MS);
  const { attempt } = state;
  // Another attempt asks again.
  useEffect(() => {
    const control = new AbortController();
    compare(settled, control.signal).then(
      (differing) => setComparison({ digit: settled, differing }),
      () => control.signal.aborted || setComparison({ digit: settled, differing: undefined }),
    );
    return () => control.abort();
  }, [settled, attempt]);

  const isCurrent = comparison?.digit === digit;
  const differing = isCurrent ? comparison.differing : undefined;
  const verdict = !isCurrent
    ? "waiting"
    : differing === undefined
      ? "unknown"
      : differing === 0
        ? "same"
        : "different";
  return (
    <div class="proof">
      {/* On the move it is not news. */}
      <p
        class={`badge ${verdict}`}
        role={verdict === "waiting" ? undefined : "status"}
        title={t.proof.explain}
      >
        {verdict === "same"
          ? t.proof.same(digit.image.pixels.length)
          : verdict === "different"
            ? t.proof.different(differing!)
            : t.proof[verdict]}
      </p>
      <p>
        <a href={withoutOrigin(service.decodeUrl({ ...latentQuery(digit), size: 280 }))}>{t.proof.address}</a>
      </p>
    </div>
  );
}

/** How many pixels differ from those of /decode. */
async function compare(digit: LocalDigit, signal: AbortSignal): Promise<number> {
  const { bytes } = await service.decode({ ...latentQuery(digit), format: "json" }, { signal });
  const { pixels } = JSON.parse(new TextDecoder().decode(bytes)) as { pixels: number[][] };
  const theirs = pixels.flat();
  const ours = digit.image.pixels;
  if (theirs.length !== ours.length) return ours.length;
  return theirs.filter((level, i) => level !== ours[i]).length;
}
