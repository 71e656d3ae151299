// Every published model with what its card tells.

import type { ComponentChildren } from "preact";
import { SAMPLER_FILE } from "../shared/latent/gaussian/mixture.ts";
import { latentDim } from "../shared/latent/kind.ts";
import { parameterCount, planDecoder } from "../shared/model/plan.ts";
import { CARD_FILE, type Card, CODES_FILES, NETWORK_FILES } from "../shared/release/release.ts";
import { Curves } from "./curves.tsx";
import { FailureNote } from "./parts/failure.tsx";
import { Waiting } from "./parts/waiting.tsx";
import { fileAddress, isReadable, type PublishedModel } from "./releases.ts";
import { usePage } from "./state.ts";

const PREVIEW_FILE = "preview.png";

export function ModelsSection() {
  const { state, t } = usePage();
  const { models } = state;
  return (
    <section id="models" aria-labelledby="models-title">
      <div class="section-head">
        <h2 id="models-title">{t.models.title}</h2>
        <p class="lede">{t.models.lede}</p>
      </div>
      {models.status === "failed" ? (
        <FailureNote failure={models.failure} />
      ) : models.status === "waiting" ? (
        <Waiting />
      ) : (
        <ul class="models">
          {models.value.map((model) => (
            <li key={model.name}>
              <Model model={model} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Model({ model }: { model: PublishedModel }) {
  const { state, t, choose } = usePage();
  const { name, version, isDefault, publishedAt } = model;
  const chosen = state.choices.model ?? (isDefault ? name : undefined);
  const isUsed = chosen === name;
  const date = new Intl.DateTimeFormat(state.language, { dateStyle: "long" }).format(new Date(publishedAt));
  return (
    <article class="model" aria-labelledby={`model-${name}`}>
      <header>
        <h3 id={`model-${name}`}>{name}</h3>
        {isDefault && <span class="tag">{t.models.standard}</span>}
      </header>
      <dl>
        <Fact name={t.models.version}>
          <code>{version}</code> <small>{t.models.older(model.versions)}</small>
        </Fact>
        <Fact name={t.models.published}>
          <time dateTime={publishedAt}>{date}</time>
        </Fact>
        {isReadable(model) && <Facts card={model.card} />}
      </dl>
      {isReadable(model) ? (
        <>
          <Curves history={model.card.history} name={name} />
          {Object.hasOwn(model.card.files, PREVIEW_FILE) && (
            <img
              class="preview"
              src={fileAddress(model, PREVIEW_FILE)}
              alt={t.models.preview(name)}
              loading="lazy"
              decoding="async"
            />
          )}
        </>
      ) : (
        <p class="note">{t.models.unreadable}</p>
      )}
      <div class="actions">
        <button
          type="button"
          aria-pressed={isUsed}
          onClick={() => choose({ model: isDefault ? undefined : name, dials: undefined, place: undefined })}
        >
          {isUsed ? t.models.used : t.models.use}
        </button>
        <a href={fileAddress(model, CARD_FILE)}>{t.models.card}</a>
      </div>
    </article>
  );
}

function Facts({ card }: { card: Card }) {
  const { state, t } = usePage();
  const { metrics, spec, files, source, history, prior, data } = card;
  const decimals = (value: number, digits: number) =>
    new Intl.NumberFormat(state.language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(value);
  const drawing = [...Object.values(NETWORK_FILES.decoder), ...Object.values(CODES_FILES), SAMPLER_FILE];
  const bytes = drawing.reduce((sum, file) => sum + (files[file]?.bytes ?? 0), 0);
  return (
    <>
      <Fact name={t.models.numbers}>
        {spec.latent.kind === "codes"
          ? t.models.codes(latentDim(spec) / spec.latent.codebook.dim, spec.latent.codebook.size)
          : latentDim(spec)}
      </Fact>
      <Fact name={t.models.weights}>{decimals(parameterCount(planDecoder(spec)), 0)}</Fact>
      <Fact name={t.models.size}>{decimals(bytes / 1000, 0)} kB</Fact>
      <Fact name={t.models.loss}>
        {t.models.lossUnit(decimals(metrics.quantized.total, 2))}{" "}
        <small>{t.models.images(decimals(metrics.validationImages, 0))}</small>
      </Fact>
      <Fact name={t.models.error}>{t.models.errorUnit(decimals(metrics.pixelError.mean, 2))}</Fact>
      <Fact name={t.models.trained}>
        {t.models.trainedIn(history.length + (prior?.length ?? 0), decimals(source.wallSeconds / 60, 1))}
      </Fact>
      <Fact name={t.models.data}>
        {data.name} <small>{data.licence}</small>
      </Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
