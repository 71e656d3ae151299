// The digits of a list of words, such as a class's names, as one picture. The list stays in the page.

import { useMemo, useState } from "preact/hooks";
import { formatColour } from "../shared/image/colour.ts";
import { isSeed } from "./choices.ts";
import { DigitCanvas, paint, useStyle } from "./parts/digit-canvas.tsx";
import { useSettled } from "./parts/loading.ts";
import { saveFile } from "./parts/save.ts";
import { usePage } from "./state.ts";
import { drawWord } from "./word.ts";

/** Names of the largest class. */
const MOST = 60;
const PAUSE_MS = 200;
/** Of the saved picture, pixels. */
const CELL = 224;
const CAPTION = 56;
const MARGIN = 24;
const MOST_COLUMNS = 6;

export function SheetPart() {
  const { t, release, choices } = usePage();
  const [text, setText] = useState<string>();
  const list = useSettled(text ?? t.sheet.first, PAUSE_MS);
  const { temperature, guidance } = choices;
  const words = useMemo(() => {
    const names = list.split(/[\n,;]/).map((name) => name.trim());
    const seeds = [...new Set(names)].filter(isSeed).slice(0, MOST);
    return (
      release && seeds.map((seed) => drawWord(release, { seed, digit: undefined, temperature, guidance }))
    );
  }, [release, list, temperature, guidance]);
  const style = useStyle(choices);
  const save = async () => {
    const { slant, weight } = choices;
    const [sheet, digit] = [document.createElement("canvas"), document.createElement("canvas")];
    const columns = Math.min(MOST_COLUMNS, words!.length);
    const rows = Math.ceil(words!.length / columns);
    sheet.width = columns * (CELL + MARGIN) + MARGIN;
    sheet.height = rows * (CELL + CAPTION + MARGIN) + MARGIN;
    const brush = sheet.getContext("2d")!;
    if (style.background !== "transparent") {
      brush.fillStyle = `#${formatColour(style.background)}`;
      brush.fillRect(0, 0, sheet.width, sheet.height);
    }
    brush.fillStyle = `#${formatColour(style.foreground)}`;
    brush.font = "28px system-ui, sans-serif";
    brush.textAlign = "center";
    words!.forEach(({ seed, image, release: by }, i) => {
      const [x, y] = [
        MARGIN + (i % columns) * (CELL + MARGIN),
        MARGIN + Math.floor(i / columns) * (CELL + CAPTION + MARGIN),
      ];
      Object.assign(digit, { width: CELL, height: CELL });
      paint(digit.getContext("2d")!, by.ink.draw(image, CELL, { slant, weight }), style);
      brush.drawImage(digit, x, y);
      brush.fillText(seed, x + CELL / 2, y + CELL + 34, CELL);
    });
    const file = await new Promise<Blob | null>((resolve) => {
      sheet.toBlob(resolve);
    });
    saveFile(file!, "image/png", "digits.png");
  };
  return (
    <div class="sheet">
      <h3>{t.sheet.title}</h3>
      <label>
        <span>{t.sheet.names}</span>
        <textarea
          rows={4}
          spellcheck={false}
          value={text ?? t.sheet.first}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <small>{t.sheet.private(MOST)}</small>
      </label>
      <ul class="gallery named">
        {words?.map(({ seed, digit, image, release: by }) => (
          <li key={seed}>
            <DigitCanvas image={image} ink={by.ink} label={t.bench.picture(seed, digit)} />
            <span>{seed}</span>
          </li>
        ))}
      </ul>
      <div class="actions">
        <button type="button" disabled={!words?.length} onClick={() => void save()}>
          {t.sheet.save}
        </button>
      </div>
    </div>
  );
}
