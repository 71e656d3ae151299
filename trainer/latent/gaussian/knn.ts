// How well the latent space keeps the classes apart: k-nearest-neighbour classification (Cover & Hart 1967).

import { nearestNeighbours } from "../../math/distances.ts";

/**
 * Share of test images whose digit is that of most of their k nearest training images; a tie goes to the class that
 * reached its votes with the nearer ones.
 * @param trainLatents, testLatents  means of q(z|x), float32 [n, d], flat
 * @param trainLabels, testLabels  [n], 0 to 9
 * @throws ArgumentError when there are fewer than k training latents
 */
export async function knnAccuracy(
  trainLatents: Float32Array,
  trainLabels: Uint8Array,
  testLatents: Float32Array,
  testLabels: Uint8Array,
  d: number,
  k: number,
): Promise<number> {
  const { indices } = await nearestNeighbours(testLatents, trainLatents, d, k);
  let right = 0;
  testLabels.forEach((label, i) => {
    const labels = Uint8Array.from(indices.subarray(i * k, (i + 1) * k), (index) => trainLabels[index]!);
    if (majority(labels) === label) right += 1;
  });
  return right / testLabels.length;
}

/** The commonest label; of equally common ones, the one that got there first. */
function majority(labels: Uint8Array): number {
  const votes = new Uint32Array(256);
  let winner = labels[0]!;
  for (const label of labels) {
    votes[label]! += 1;
    if (votes[label]! > votes[winner]!) winner = label;
  }
  return winner;
}
