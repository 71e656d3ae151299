// The digit for other places: its address, code around it, files, a number and a sheet of names.

import { MAX_SIZE } from "../shared/image/scale.ts";
import { MIN_SIZE } from "../shared/limits.ts";
import { pinned, sampleAddress } from "./addresses.ts";
import { FORMATS, SNIPPETS } from "./choices.ts";
import { loadRenderers } from "./lazy.ts";
import { NumberPart } from "./number.tsx";
import { CopyButton, Segments, Slider } from "./parts/controls.tsx";
import { saveFile } from "./parts/save.ts";
import { Section } from "./parts/section.tsx";
import { SheetPart } from "./sheet.tsx";
import { fileName, writeSnippet } from "./snippets.ts";
import { usePage } from "./state.ts";

export function TakeSection() {
  const { t, isAlive, origin, choices, choose, model, word } = usePage();
  const { seed, digit, format, snippet, size, newest } = choices;
  const fixed = pinned(choices, model);
  const text = writeSnippet(fixed, origin, t.bench.picture(seed, word?.digit ?? digit));
  return (
    <Section id="take" lede={newest ? t.take.ledeNewest : t.take.lede}>
      <div class="snippets">
        <fieldset class="plain settings" disabled={!isAlive}>
          <Segments
            legend={t.take.format}
            options={FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
            value={format}
            onChoose={(value) => choose({ format: value })}
          />
          <Slider
            label={t.take.size}
            output={t.take.pixels(size)}
            range={[MIN_SIZE, MAX_SIZE, 4]}
            value={size}
            onSlide={(value) => choose({ size: value })}
          />
          <Segments
            legend={t.take.version}
            options={[
              { value: "pinned", label: t.take.always },
              { value: "newest", label: t.take.newest },
            ]}
            value={newest ? "newest" : "pinned"}
            onChoose={(value) => choose({ newest: value === "newest" })}
          />
          <Segments
            legend={t.take.kind}
            options={SNIPPETS.map((value) => ({ value, label: t.take.kinds[value] }))}
            value={snippet}
            onChoose={(value) => choose({ snippet: value })}
          />
        </fieldset>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, by keyboard too */}
        <pre tabIndex={0} id="snippet">
          <code>{text}</code>
        </pre>
        <div class="actions">
          {isAlive && <CopyButton text={text} />}
          <Download />
          <small class="note">{format === "json" ? t.take.jsonNote : t.take.licence}</small>
        </div>
      </div>
      <NumberPart />
      {isAlive && <SheetPart />}
    </Section>
  );
}

/** The server's file, which the page makes itself where it can draw. */
function Download() {
  const { t, choices, model, word } = usePage();
  const { seed, format, size, ink, ground, slant, weight } = choices;
  const name = `${fileName(seed)}.${format}`;
  const save = async (event: MouseEvent) => {
    if (!word || format === "json") return;
    event.preventDefault();
    const { RENDERERS } = await loadRenderers();
    const drawing = { size, fg: ink, bg: ground, slant, weight };
    const { scale, png, svg } = RENDERERS[2](drawing, word.release.ink);
    const [content, type] =
      format === "svg" ? [svg([word.image]), "image/svg+xml"] : [png(scale(word.image)), "image/png"];
    saveFile(content, type, name);
  };
  return (
    <a
      class="button"
      href={sampleAddress(pinned(choices, model))}
      download={name}
      onClick={(event) => void save(event)}
    >
      {t.take.download}
    </a>
  );
}
