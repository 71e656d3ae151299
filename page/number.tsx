// A number in handwriting, drawn in the page.

import { useMemo } from "preact/hooks";
import { memberSeed } from "../shared/arithmetic/random.ts";
import { drawWhole } from "../shared/image/ink/draw-whole.ts";
import { setNumber } from "../shared/image/number.ts";
import type { GreyImage } from "../shared/image/raster.ts";
import { rasterizeSheet } from "../shared/image/sheet.ts";
import { MAX_PLACES } from "../shared/limits.ts";
import { numberAddress, numberSize, pinned } from "./addresses.ts";
import { paper } from "./bench.tsx";
import type { Choices } from "./choices.ts";
import { familyOf } from "./neighbours.ts";
import { CopyLine } from "./parts/controls.tsx";
import { PixelCanvas, useStyle } from "./parts/digit-canvas.tsx";
import { useField } from "./parts/loading.ts";
import { Picture } from "./parts/picture.tsx";
import type { Release } from "./releases.ts";
import { usePage } from "./state.ts";

/** The API's variety of numbers. */
const TEMPERATURE = 0.6;

export function NumberPart() {
  const { t, isAlive, choices, choose, model } = usePage();
  const [text, type] = useField(choices.number, (typed) => {
    // Dates and telephone numbers come with strokes and spaces; only digits can be written.
    const number = typed.replace(/[^0-9]/g, "").slice(0, MAX_PLACES);
    if (number === "") return undefined;
    choose({ number });
    return number;
  });
  const address = numberAddress(pinned(choices, model));
  const isWhole = text === choices.number;
  return (
    <div class="number" id="number">
      <h3>{t.number.title}</h3>
      <div {...paper("paper", choices.ground)}>
        <WrittenNumber />
      </div>
      {isAlive && (
        <>
          <label>
            <span>{t.number.label}</span>
            <input
              type="text"
              inputMode="numeric"
              autocomplete="off"
              maxLength={2 * MAX_PLACES}
              value={text}
              aria-describedby="number-hint"
              onInput={({ currentTarget }) => type(currentTarget.value)}
            />
            <small id="number-hint" role="status">
              {isWhole ? t.number.hint : t.number.written(choices.number)}
            </small>
          </label>
          <CopyLine address={address} label={t.take.kinds.address} />
          <a class="button" href={address} download={`number-${choices.number}.png`}>
            {t.take.download}
          </a>
        </>
      )}
    </div>
  );
}

function WrittenNumber() {
  const { t, choices, release } = usePage();
  const style = useStyle(choices);
  const { number, seed, slant, weight, guidance } = choices;
  const image = useMemo(
    () => (release?.latent.digits.length ? writeNumber(release, choices) : undefined),
    [release, number, seed, slant, weight, guidance],
  );
  const label = t.number.picture(number);
  if (image) return <PixelCanvas image={image} style={style} label={label} />;
  return <Picture src={numberAddress(choices)} alt={label} loading="lazy" />;
}

/** As /number writes it. */
export function writeNumber({ latent, decoder, ink }: Release, choices: Choices): GreyImage {
  const { number, seed, guidance, slant, weight } = choices;
  const hand = { slant, weight };
  const size = numberSize(number);
  const draws = latent.drawAll(
    Array.from(number, (digit, place) => ({
      seed: memberSeed(familyOf(seed), place),
      digit: Number(digit),
      temperature: TEMPERATURE,
      guidance,
    })),
  );
  const images = decoder.images(draws.map((draw) => draw.latent));
  const sheet = setNumber(images, "ink", 0, (digit) => drawWhole(ink, hand, digit.width, digit));
  return rasterizeSheet(sheet, size, (digit) => drawWhole(ink, hand, size, digit));
}
