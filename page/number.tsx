// A number in handwriting.

import { MAX_PLACES } from "../shared/limits.ts";
import { numberAddress } from "./addresses.ts";
import { paper } from "./bench.tsx";
import { CopyLine } from "./parts/controls.tsx";
import { Picture } from "./parts/picture.tsx";
import { Section } from "./parts/section.tsx";
import { usePage } from "./state.ts";

export function NumberSection() {
  const { t, isAlive, choices, choose } = usePage();
  const address = numberAddress(choices);
  return (
    <Section id="number" lede={t.number.lede}>
      <div class="number">
        <div {...paper("paper", choices.ground)}>
          <Picture src={address} alt={t.number.picture(choices.number)} loading="lazy" />
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
                onInput={({ currentTarget }) => {
                  // Dates and telephone numbers come with strokes and spaces; only digits can be written.
                  const number = currentTarget.value.replace(/[^0-9]/g, "");
                  currentTarget.value = number;
                  if (number !== "") choose({ number });
                }}
              />
              <small id="number-hint">{t.number.hint}</small>
            </label>
            <CopyLine address={address} label={t.take.kinds.address} />
            <a class="button" href={address} download={`${choices.number}.png`}>
              {t.bench.download}
            </a>
          </>
        )}
      </div>
    </Section>
  );
}
