// Every published model with what its card says.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { kindOf, latentDim } from "../shared/latent/kind.ts";
import { parameterCount, planDecoder } from "../shared/model/plan.ts";
import { CARD_FILE, type Card, NETWORK_FILES } from "../shared/release/release.ts";
import { fileAddress } from "./addresses.ts";
import { Curves } from "./curves.tsx";
import { Await, Section } from "./parts/section.tsx";
import type { PublishedModel } from "./releases.ts";
import { usePage } from "./state.ts";
import type { Texts } from "./texts/en.ts";

const PREVIEW_FILE = "preview.png";

export function ModelsSection() {
  const { t, models } = usePage();
  return (
    <Section id="models" lede={t.models.lede}>
      <Await answer={models}>
        {(published) => (
          <ul class="models">
            {published.map((model) => (
              <li key={model.name}>
                <Model model={model} />
              </li>
            ))}
          </ul>
        )}
      </Await>
    </Section>
  );
}

function Model({ model }: { model: PublishedModel }) {
  const { t, model: chosen, choose } = usePage();
  const [isOpen, setOpen] = useState(false);
  const { name, isDefault, card } = model;
  const isUsed = chosen?.name === name;
  return (
    <article class="model" aria-labelledby={`model-${name}`}>
      <header>
        <h3 id={`model-${name}`}>{name}</h3>
        {isDefault && <span class="tag">{t.models.standard}</span>}
      </header>
      <p>{card ? describe(t, card) : t.models.unreadable}</p>
      {card && Object.hasOwn(card.files, PREVIEW_FILE) && (
        <img
          class="preview"
          src={fileAddress(model, PREVIEW_FILE)}
          alt={t.models.preview(name)}
          width={224}
          height={224}
          loading="lazy"
          decoding="async"
        />
      )}
      <div class="actions">
        <button
          type="button"
          aria-pressed={isUsed}
          onClick={() => choose({ model: isDefault ? undefined : name, place: undefined })}
        >
          {isUsed ? t.models.used : t.models.use}
        </button>
      </div>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t.models.details}</summary>
        {isOpen && (
          <>
            <Facts model={model} />
            {card && <Curves card={card} name={name} />}
            <a href={fileAddress(model, CARD_FILE)}>{t.models.card}</a>
          </>
        )}
      </details>
    </article>
  );
}

function Facts({ model: { version, versions, publishedAt, card } }: { model: PublishedModel }) {
  const { t, language, decimals } = usePage();
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(publishedAt));
  const facts: [name: string, value: ComponentChildren, note?: string | false][] = [
    [
      t.models.version,
      <code key="version">{version}</code>,
      versions.length > 1 && t.models.versions(versions.length),
    ],
    [t.models.published, date],
  ];
  if (card) {
    const { metrics, spec, files, source, history, prior = [], data } = card;
    const kind = kindOf(spec);
    const { count, values } = kind.size(spec);
    const drawing = [...Object.values(NETWORK_FILES.decoder), ...kind.files];
    const bytes = drawing.reduce((sum, file) => sum + (files[file]?.bytes ?? 0), 0);
    const numbers = values === undefined ? count : t.models.codes(count, values);
    const minutes = decimals(source.wallSeconds / 60, 1);
    const images = decimals(metrics.validationImages, 0);
    facts.push(
      [t.models.numbers, numbers],
      [t.models.weights, decimals(parameterCount(planDecoder(spec)), 0)],
      [t.models.size, `${decimals(bytes / 1000, 0)} kB`],
      [t.models.loss, t.models.lossUnit(decimals(metrics.quantized.total, 2)), t.models.images(images)],
      [t.models.error, t.models.errorUnit(decimals(metrics.pixelError.mean, 2))],
      [t.models.trained, t.models.trainedIn(history.length + prior.length, minutes)],
      [t.models.data, data.name, data.licence],
    );
  }
  return (
    <dl>
      {facts.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value} {note && <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What a model is good for, in a sentence. */
function describe(t: Texts, { spec }: Card): string {
  if (latentDim(spec) === 2) return t.models.flat;
  return t.models.kinds[spec.latent.kind];
}
