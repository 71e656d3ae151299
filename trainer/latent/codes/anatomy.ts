// The figures of a report that explain a latent of codes: which codes there are, how they are used, and what they cost.

import type { CodesLatent } from "../../../shared/latent/codes/latent.ts";
import { cellsFigure, codebookFigure, codeCostFigure, codeUseFigure } from "../../report/figures/codebook.ts";
import type { Anatomy, DissectedRun } from "../../report/reported-run.ts";
import { encodeImages } from "../points.ts";
import { CODEBOOK_TENSORS, perplexityOf } from "./bottleneck.ts";
import { cellEntropies, codesInformation, countCodes } from "./cells.ts";

export function codesAnatomy({ config, tensors, latent, decoder, images, stages }: DissectedRun): Anatomy {
  const { grid, encode } = latent as CodesLatent;
  const codebook = { ...grid, embeddings: tensors.get(CODEBOOK_TENSORS.embeddings)! };
  const { labels } = images.validation;
  const codes = encodeImages(config.spec, tensors, encode, images.validation).map(({ values }) => values);
  const counts = countCodes(codes, grid);
  const entropies = cellEntropies(codes, grid);
  const bits = (nats: number) => nats / Math.LN2;
  const learned = stages.prior?.at(-1)?.validation;
  const costs = [
    { prior: "uniform", bits: bits(entropies.length * Math.log(grid.size)) },
    { prior: "each cell\u2019s frequencies", bits: bits(entropies.reduce((sum, nats) => sum + nats, 0)) },
    ...(learned === undefined ? [] : [{ prior: "learned, given the digit", bits: bits(learned) }]),
  ];
  return {
    figures: [
      codebookFigure(decoder, codebook, grid, counts, codes[0]!),
      codeUseFigure(counts, perplexityOf(Float64Array.from(counts)), labels.length),
      cellsFigure(entropies, grid, labels.length),
      codeCostFigure(costs, bits(codesInformation(codes)), labels.length),
    ],
  };
}
