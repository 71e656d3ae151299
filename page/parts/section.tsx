// Sections of the page, and what they show while and instead of what they load.

import type { ComponentChildren, RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { Card } from "../../shared/release/release.ts";
import type { Answer } from "../answer.ts";
import type { ReadableModel } from "../releases.ts";
import type { Failure } from "../service.ts";
import { usePage } from "../state.ts";
import { useLoaded, useModel, useNearness } from "./loading.ts";

const RETRY_MS = 3000;

interface SectionProps {
  readonly id: "take" | "relatives" | "map" | "dials" | "walk" | "draw" | "models";
  /** A line about it, below its title. */
  readonly lede: string;
  readonly sectionRef?: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
}

export function Section({ id, lede, sectionRef, children }: SectionProps) {
  const { t } = usePage();
  return (
    <section id={id} aria-labelledby={`${id}-title`} {...(sectionRef && { ref: sectionRef })}>
      <div class="section-head">
        <h2 id={`${id}-title`}>{t[id].title}</h2>
        <p class="lede">{lede}</p>
      </div>
      {children}
    </section>
  );
}

interface ModelSectionProps<Value> {
  readonly id: "map" | "dials" | "walk";
  readonly lede: (model: ReadableModel | undefined) => string;
  /** Whether the section can use a model with this card. */
  readonly suits: (card: Card) => boolean;
  readonly load: (model: ReadableModel) => Promise<Value>;
  /** A picture for those without scripts. */
  readonly still?: ComponentChildren;
  readonly children: (value: Value) => ComponentChildren;
}

/** A section about one model, which is loaded once the section is near the window. */
export function ModelSection<Value>({ id, lede, suits, load, still, children }: ModelSectionProps<Value>) {
  const { t, models, model: chosen } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const model = useModel(suits);
  const loaded = useLoaded(isNear ? model : undefined, load);
  return (
    <Section id={id} lede={lede(model)} sectionRef={ref}>
      {chosen && !model ? (
        <p class="note">{t[id].none}</p>
      ) : (
        <Await answer={models.status === "failed" ? models : loaded} still={still}>
          {children}
        </Await>
      )}
    </Section>
  );
}

interface AwaitProps<Value> {
  readonly answer: Answer<Value>;
  readonly still?: ComponentChildren;
  readonly children: (value: Value) => ComponentChildren;
}

/** Shows what was loaded, or why it was not. Until then it keeps the room, so that what lies below stays in place. */
export function Await<Value>({ answer, still, children }: AwaitProps<Value>) {
  const { t, isAlive } = usePage();
  if (answer.status === "ready") return <>{children(answer.value)}</>;
  if (answer.status === "failed") return <FailureNote failure={answer.failure} />;
  return (
    <div class="waiting">
      {isAlive ? (
        <p>{t.failure.waiting}</p>
      ) : (
        <noscript>
          {still}
          <p>{t.needsScript}</p>
        </noscript>
      )}
    </div>
  );
}

/** A status, not an alert, as one failure may show in several sections. */
export function FailureNote({ failure: { kind, detail } }: { failure: Failure }) {
  const { t, attempt, tryAgain } = usePage();
  // A connection may come back without an event. An attempt restarts the timers of all failures on the page.
  useEffect(() => {
    if (kind !== "offline" && kind !== "unreachable") return;
    const timer = setTimeout(tryAgain, RETRY_MS);
    return () => clearTimeout(timer);
  }, [kind, attempt]);
  return (
    <div class="failure" role="status">
      <p>{t.failure[kind]}</p>
      {detail && <p class="detail">{detail}</p>}
      <button type="button" onClick={tryAgain}>
        {t.failure.again}
      </button>
    </div>
  );
}
