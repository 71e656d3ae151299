// The neighbours of the seed: each a seed, to choose or to take along on a walk.

import { useMemo, useState } from "preact/hooks";
import { memberSeed } from "../shared/arithmetic/random.ts";
import { latentDim } from "../shared/latent/kind.ts";
import { DEFAULT_GROUND, DEFAULT_INK } from "../shared/limits.ts";
import { sampleAddress } from "./bench.tsx";
import { MOST_WAYPOINTS, type Waypoint } from "./choices.ts";
import { familyOf, findCousins } from "./cousins.ts";
import { useLoaded, useNearness, useSettled } from "./parts/loading.ts";
import { Picture } from "./parts/picture.tsx";
import { chosenModel, isReadable, loadMixture } from "./releases.ts";
import { usePage } from "./state.ts";

const SHOWN = 12;
/** Pictures of neighbours wait until typing pauses. */
const PAUSE_MS = 250;
const SIZE = 112;

export function Gallery() {
  const { state, t, choose } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const { cousins, areNearest } = useCousins(isNear);
  const { walk } = state.choices;
  const [notice, setNotice] = useState("");
  const add = (waypoint: Waypoint) => {
    if (walk.length >= MOST_WAYPOINTS) return setNotice(t.gallery.full);
    choose({ walk: [...walk, waypoint] });
    setNotice(t.gallery.added(waypoint.seed));
  };
  return (
    <section id="relatives" aria-labelledby="relatives-title" ref={ref}>
      <div class="section-head">
        <h2 id="relatives-title">{t.gallery.title}</h2>
        <p class="lede">{areNearest ? t.gallery.lede : t.gallery.any}</p>
      </div>
      <ul class="gallery">
        {cousins.map(({ seed, digit }) => {
          const isChosen = state.choices.digit !== undefined;
          const look = { ...state.choices, seed, size: SIZE, ink: DEFAULT_INK, ground: DEFAULT_GROUND };
          return (
            <li key={seed}>
              <button
                type="button"
                class="tile"
                disabled={!state.isAlive}
                aria-label={t.gallery.choose(seed)}
                onClick={() => choose({ seed, ...(isChosen && { digit }), dials: undefined })}
              >
                <Picture src={sampleAddress(look, "png")} alt="" width={SIZE} height={SIZE} />
              </button>
              {state.isAlive && (
                <button
                  type="button"
                  class="add"
                  aria-label={t.gallery.add(seed)}
                  title={t.gallery.add(seed)}
                  onClick={() => add({ seed, digit })}
                >
                  +
                </button>
              )}
            </li>
          );
        })}
      </ul>
      <p class="note" role="status">
        {notice}
      </p>
    </section>
  );
}

/**
 * The nearest ones as soon as the model's mixture is there; until then, and of a model whose latents the page does not
 * compare, the first ones.
 */
function useCousins(isNear: boolean): {
  readonly cousins: readonly Waypoint[];
  readonly areNearest: boolean;
} {
  const { state } = usePage();
  const { seed, digit, temperature, model: name } = state.choices;
  const model = state.models.status === "ready" ? chosenModel(state.models.value, name) : undefined;
  // A thousand grids of codes would take a second to draw.
  const readable = model && isReadable(model) && model.card.spec.latent.kind !== "codes" ? model : undefined;
  const mixture = useLoaded(isNear ? readable : undefined, loadMixture);
  const settled = useSettled(seed, PAUSE_MS);
  const first = useMemo(
    () =>
      Array.from({ length: SHOWN }, (_, i): Waypoint => ({ seed: memberSeed(familyOf(settled), i), digit })),
    [settled, digit],
  );
  const nearest = useMemo(() => {
    if (!readable || mixture.status !== "ready") return undefined;
    // A model without a mixture knows no digits.
    if (!mixture.value && digit !== undefined) return undefined;
    return findCousins(
      settled,
      { digit, temperature },
      latentDim(readable.card.spec),
      mixture.value,
      SHOWN,
    ).map((cousin): Waypoint => ({ seed: cousin.seed, digit: cousin.digit }));
  }, [readable, mixture, settled, digit, temperature]);
  return { cousins: nearest ?? first, areNearest: nearest !== undefined };
}
