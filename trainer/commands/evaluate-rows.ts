// The table of what a release draws before the classifier.

import type { Judgement } from "../evaluate/judge.ts";

export function printHeader(): void {
  console.log("\n                      Fréchet  precision  recall  class accuracy");
}

export function printRow(name: string, { frechet, precision, recall, classAccuracy }: Judgement): void {
  console.log(
    name.padEnd(21) +
      frechet.toFixed(3).padStart(8) +
      precision.toFixed(3).padStart(11) +
      recall.toFixed(3).padStart(8) +
      (classAccuracy === undefined ? "" : percent(classAccuracy).padStart(16)),
  );
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
