// A number in handwriting.

import { groundOf } from "./bench.tsx";
import { type Choices, MOST_NUMBER_DIGITS } from "./choices.ts";
import { familyOf } from "./cousins.ts";
import { CopyLine } from "./parts/copy.tsx";
import { Picture } from "./parts/picture.tsx";
import { service, withoutOrigin } from "./service.ts";
import { usePage } from "./state.ts";

const MOST_PIXELS = 512 * 512;
const TALLEST = 160;

/** As tall as the server draws so many digits. */
export function numberAddress({ number, seed, model, ink, ground }: Choices): string {
  const size = Math.min(TALLEST, Math.floor(Math.sqrt(MOST_PIXELS / number.length)));
  return withoutOrigin(
    service.numberUrl({
      digits: number,
      seed: familyOf(seed),
      size,
      ...(model !== undefined && { model }),
      ...(ink !== "ffffff" && { fg: ink }),
      ...(ground !== "000000" && { bg: ground }),
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
                maxLength={MOST_NUMBER_DIGITS}
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
