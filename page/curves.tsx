// The loss of each epoch, training and validation, as a small drawing.

import { kindOf } from "../shared/latent/kind.ts";
import type { Card } from "../shared/release/release.ts";
import { usePage } from "./state.ts";

const WIDTH = 320;
const HEIGHT = 110;
/** Area of the curves within the drawing. */
const [LEFT, RIGHT, TOP, BOTTOM] = [4, WIDTH - 44, 14, HEIGHT - 16];

export function Curves({ card: { history, spec }, name }: { card: Card; name: string }) {
  const { t, decimals } = usePage();
  const { epochLoss } = kindOf(spec);
  const lines = (["training", "validation"] as const).map((line) => ({
    line,
    losses: history.map((epoch) => epoch[line][epochLoss]),
  }));
  const all = lines.flatMap(({ losses }) => losses);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const x = (epoch: number) => LEFT + (epoch / Math.max(1, history.length - 1)) * (RIGHT - LEFT);
  const y = (loss: number) => TOP + ((most - loss) / Math.max(1e-9, most - least)) * (BOTTOM - TOP);
  const [, { losses }] = lines as [unknown, (typeof lines)[number]];
  const [first, last] = [losses[0]!, losses.at(-1)!];
  const title = t.models.curveText(decimals(first, 1), decimals(last, 1), history.length);
  return (
    <figure class="curves">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={`curve-${name}`}>
        <title id={`curve-${name}`}>{title}</title>
        <line x1={LEFT} x2={RIGHT} y1={BOTTOM} y2={BOTTOM} />
        {lines.map(({ line, losses }) => (
          <polyline
            key={line}
            class={line}
            points={losses.map((loss, i) => `${x(i).toFixed(1)},${y(loss).toFixed(1)}`).join(" ")}
          />
        ))}
        <circle cx={RIGHT} cy={y(last)} r="3" />
        <text x={RIGHT + 8} y={y(last) + 4}>
          {decimals(last, 1)}
        </text>
        <text x={LEFT} y={HEIGHT - 2}>
          1
        </text>
        <text x={RIGHT} y={HEIGHT - 2} text-anchor="end">
          {history.length}
        </text>
      </svg>
      <figcaption>
        {epochLoss === "total" ? t.models.curve : t.models.curveReconstruction}:{" "}
        <span class="key validation">{t.models.validation}</span>,{" "}
        <span class="key training">{t.models.training}</span>
      </figcaption>
    </figure>
  );
}
