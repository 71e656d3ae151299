// The loss of each epoch, training and validation, as a small drawing.

import type { EpochRecord, Loss } from "../shared/release/release.ts";
import { usePage } from "./state.ts";

const WIDTH = 320;
const HEIGHT = 110;
const MARGIN = { left: 4, right: 44, top: 14, bottom: 16 };

/** Of a model with codes the reconstruction: their cost falls later, when their prior learns. */
const told = (loss: Loss, codes: unknown) => (codes ? loss.reconstruction : loss.total);

export function Curves({ history, name }: { history: readonly EpochRecord[]; name: string }) {
  const { state, t } = usePage();
  const lines = {
    training: history.map(({ training, codes }) => told(training, codes)),
    validation: history.map(({ validation, codes }) => told(validation, codes)),
  };
  const all = Object.values(lines).flat();
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const x = (i: number) =>
    MARGIN.left + (i / Math.max(1, history.length - 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (loss: number) =>
    MARGIN.top + ((most - loss) / Math.max(1e-9, most - least)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const path = (values: readonly number[]) =>
    values.map((loss, i) => `${i === 0 ? "M" : "L"}${x(i).toFixed(1)} ${y(loss).toFixed(1)}`).join("");
  const format = (value: number) =>
    new Intl.NumberFormat(state.language, { maximumFractionDigits: 1 }).format(value);
  const [first, last] = [lines.validation[0]!, lines.validation.at(-1)!];
  const title = t.models.curveText(format(first), format(last), history.length);
  return (
    <figure class="curves">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={`curve-${name}`}>
        <title id={`curve-${name}`}>{title}</title>
        <line
          x1={MARGIN.left}
          x2={WIDTH - MARGIN.right}
          y1={HEIGHT - MARGIN.bottom}
          y2={HEIGHT - MARGIN.bottom}
        />
        {(["training", "validation"] as const).map((line) => (
          <path key={line} class={line} d={path(lines[line])} />
        ))}
        <circle cx={x(history.length - 1)} cy={y(last)} r="3" />
        <text x={x(history.length - 1) + 8} y={y(last) + 4}>
          {format(last)}
        </text>
        <text x={MARGIN.left} y={HEIGHT - 2}>
          1
        </text>
        <text x={x(history.length - 1)} y={HEIGHT - 2} text-anchor="end">
          {history.length}
        </text>
      </svg>
      <figcaption>
        {t.models.curve}: <span class="key validation">{t.models.validation}</span>,{" "}
        <span class="key training">{t.models.training}</span>
      </figcaption>
    </figure>
  );
}
