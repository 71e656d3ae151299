// What a model has learned to vary; it is loaded with what shows it.

import { kindOf, latentDim } from "../shared/latent/kind.ts";
import { loadDialBoard } from "./lazy.ts";
import { ModelSection } from "./parts/section.tsx";
import type { ReadableModel } from "./releases.ts";
import { usePage } from "./state.ts";

const load = async (model: ReadableModel) => {
  const { DialBoard, loadDirected } = await loadDialBoard();
  return { DialBoard, directed: await loadDirected(model) };
};

export function DialsSection() {
  const { t } = usePage();
  return (
    <ModelSection
      id="dials"
      lede={(model) => t.dials.lede(model?.name)}
      suits={({ spec }) => latentDim(spec) > 2 && kindOf(spec).input === "z"}
      load={load}
    >
      {({ directed, DialBoard }) => <DialBoard directed={directed} />}
    </ModelSection>
  );
}
