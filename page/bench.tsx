// The word and its digit, which the page draws itself as it is typed.

import { useEffect, useState } from "preact/hooks";
import { MAX_SEED_LENGTH } from "../shared/arithmetic/random.ts";
import { pictureAddress, pinned, sampleAddress } from "./addresses.ts";
import { DEFAULTS, isSeed } from "./choices.ts";
import { Segments } from "./parts/controls.tsx";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { useField } from "./parts/loading.ts";
import { Picture } from "./parts/picture.tsx";
import { Proof } from "./parts/proof.tsx";
import { Said } from "./parts/said.tsx";
import { ShareButton } from "./parts/share.tsx";
import { Settings } from "./settings.tsx";
import { usePage } from "./state.ts";

const DIGITS = ["", ..."0123456789"];
const SETTINGS = ["model", "temperature", "guidance", "slant", "weight", "ink", "ground"] as const;

export function Bench() {
  const { t, isAlive, choices, choose, word, model } = usePage();
  const { seed, digit } = choices;
  return (
    <section id="bench" aria-labelledby="headline">
      <div {...paper("stage", choices.ground)}>
        <WordDigit />
      </div>
      <div class="bench-words">
        <h1 id="headline">{t.bench.headline}</h1>
        <p class="lede">{t.bench.lede}</p>
        <form action="/sample" onSubmit={(event) => isAlive && event.preventDefault()}>
          <SeedField />
          {/* Without scripts the server draws; in these colours. */}
          <input type="hidden" name="fg" value={choices.ink} />
          <input type="hidden" name="bg" value={choices.ground} />
          <UnknownModel />
          <div class="verdict">
            {word && (
              <>
                <Said class="reading" text={t.bench.is(seed, word.digit)} />
                <Proof
                  image={word.image}
                  address={sampleAddress(pinned({ ...choices, newest: false }, model), "png")}
                />
              </>
            )}
          </div>
          <fieldset class="plain" disabled={!isAlive}>
            <div class="digits">
              <Segments
                legend={t.bench.digit}
                options={DIGITS.map((value) => ({ value, label: value || t.bench.anyDigit }))}
                value={`${digit ?? ""}`}
                onChoose={(value) => choose({ digit: value === "" ? undefined : Number(value) })}
              />
            </div>
            <Drawer />
          </fieldset>
          {isAlive ? (
            <ShareButton />
          ) : (
            <button type="submit" class="primary">
              {t.bench.draw}
            </button>
          )}
        </form>
      </div>
    </section>
  );
}

/** Until the model is there, and where only the server can draw with it, the server's picture. */
function WordDigit() {
  const { t, choices, word } = usePage();
  const { seed, digit } = choices;
  if (word) {
    const label = t.bench.picture(seed, word.digit);
    return <DigitCanvas image={word.image} ink={word.release.ink} side="huge" label={label} />;
  }
  return (
    <Picture
      src={pictureAddress(choices)}
      srcSet={sampleAddress(choices, "svg")}
      alt={t.bench.picture(seed, digit)}
      width={512}
      height={512}
    />
  );
}

/** The ground behind a picture. The default comes from the style sheet: the built page's policy forbids style attributes. */
export function paper(name: string, ground: string) {
  if (ground === "transparent") return { class: `${name} checkered` };
  return { class: name, style: ground === DEFAULTS.ground ? {} : { background: `#${ground}` } };
}

function SeedField() {
  const { t, isAlive, choices, choose } = usePage();
  const [text, type] = useField(choices.seed, (typed) => {
    if (!isSeed(typed)) return undefined;
    choose({ seed: typed });
    return typed;
  });
  const surprise = () => {
    const words = t.bench.surprises.split(" ").filter((word) => word !== choices.seed);
    choose({ seed: words[Math.floor(Math.random() * words.length)]! });
  };
  return (
    <div class="seed-field">
      <label for="seed">{t.bench.seed}</label>
      <div>
        <input
          id="seed"
          name="seed"
          type="text"
          required
          maxLength={MAX_SEED_LENGTH}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          aria-describedby="seed-hint"
          onInput={({ currentTarget }) => type(currentTarget.value)}
        />
        {isAlive && (
          <button type="button" class="quiet" onClick={surprise}>
            {t.bench.surprise}
          </button>
        )}
      </div>
      <small id="seed-hint" role="status">
        {isSeed(text) ? "" : t.bench.noWord(choices.seed)}
      </small>
    </div>
  );
}

/** A link may name a model that is not published here, or not any more. */
function UnknownModel() {
  const { t, isUnknown, choices, model, choose } = usePage();
  if (!isUnknown || !model) return null;
  return (
    <div class="failure" role="status">
      <p>{t.bench.unknownModel(choices.model!, model.name)}</p>
      <button type="button" onClick={() => choose({ model: undefined })}>
        {t.bench.useStandard}
      </button>
    </div>
  );
}

/** Open where a link has set something in it. */
function Drawer() {
  const { t, isAlive, choices } = usePage();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (isAlive && SETTINGS.some((name) => choices[name] !== DEFAULTS[name])) setOpen(true);
  }, [isAlive]);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.bench.more}</summary>
      <Settings />
    </details>
  );
}
