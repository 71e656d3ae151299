// A number in handwriting.

import { DEFAULT_GROUND, DEFAULT_INK, MAX_PIXELS, MAX_PLACES } from "../shared/limits.ts";
import { groundOf } from "./bench.tsx";
import type { Choices } from "./choices.ts";
import { familyOf } from "./cousins.ts";
import { CopyLine } from "./parts/copy.tsx";
import { Picture } from "./parts/picture.tsx";
import { service, withoutOrigin } from "./service.ts";
import { usePage } from "./state.ts";

const TALLEST = 160;

/** As tall as the server draws so many digits. */
export function numberAddress({ number, seed, model, ink, ground }: Choices): string {
  const size = Math.min(TALLEST, Math.floor(Math.sqrt(MAX_PIXELS / number.length)));
  return withoutOrigin(
    service.numberUrl({
      digits: number,
      seed: familyOf(seed),
      size,
      ...(model !== undefined && { model }),
      ...(ink !== DEFAULT_INK && { fg: ink }),
      ...(ground !== DEFAULT_GROUND && { bg: ground }),
    }),
  );
}

export function WrittenNumber() {
  const { state, t, choose } = usePage();
  const { choices, origin, isAlive } = state;
  const address = numberAddress(choices);
  const { ground } = choices;
  return (
    <section id="number" aria-labelledby="number-title">
      <div class="section-head">
        <h2 id="number-title">{t.number.title}</h2>
        <p class="lede">{t.number.lede}</p>
      </div>
      <div class="number">
        <div class={`paper ${ground === "transparent" ? "checkered" : ""}`} style={groundOf(ground)}>
          <Picture src={address} alt={t.number.picture(choices.number)} isLazy />
        </div>
        {isAlive && (
          <>
            <label>
              <span>{t.number.label}</span>
              <input
                type="text"
                inputMode="numeric"
                autocomplete="off"
                maxLength={MAX_PLACES}
                value={choices.number}
                aria-describedby="number-hint"
                onInput={(event) => {
                  // Dates and telephone numbers come with strokes and spaces; only digits can be written.
                  const input = event.currentTarget;
                  const number = input.value.replace(/[^0-9]/g, "");
                  input.value = number;
                  if (number !== "") choose({ number });
                }}
              />
              <small id="number-hint">{t.number.hint}</small>
            </label>
            <CopyLine text={`${origin}${address}`} label={t.snippets.kinds.address} />
            <a class="button" href={address} download={`${choices.number}.png`}>
              {t.bench.download}
            </a>
          </>
        )}
      </div>
    </section>
  );
}
