// The map of a model with two latent dimensions, which is loaded with what shows it.

import { loadExplorer } from "./lazy.ts";
import { ModelSection } from "./parts/section.tsx";
import { hasMap, loadTwoWay, type ReadableModel } from "./releases.ts";
import { usePage } from "./state.ts";

const load = async (model: ReadableModel) => {
  const [release, { Explorer }] = await Promise.all([loadTwoWay(model), loadExplorer()]);
  return { release, Explorer };
};

export function MapSection() {
  const { t } = usePage();
  return (
    <ModelSection id="map" lede={(model) => t.map.lede(model?.name ?? "mlp")} suits={hasMap} load={load}>
      {({ release, Explorer }) => <Explorer release={release} />}
    </ModelSection>
  );
}
