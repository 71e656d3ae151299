import { describe, expect, it } from "vitest";
import { createGenerator, sampleNormal } from "../../../../shared/arithmetic/random.ts";
import { selectBackend } from "../../../../trainer/backend/registry.ts";
import { editLatents } from "../../../../trainer/latent/gaussian/edit.ts";

/** Two classes of 200 latents each, `distance` apart, some of class 1 at the place of class 0. */
function twoClasses(distance: number, strays: number) {
  const latents = sampleNormal(createGenerator("edit"), new Float32Array(800));
  const labels = Uint8Array.from({ length: 400 }, (_, i) => (i < 200 ? 0 : 1));
  for (let i = 200; i < 400 - strays; i++) latents[2 * i]! += distance;
  return { latents, labels };
}
const countOf = (labels: Uint8Array, digit: number) => labels.filter((label) => label === digit).length;

describe("editing latents", () => {
  it("leaves out those that lie in another class, and no others", async () => {
    await selectBackend("cpu");
    const points = twoClasses(20, 5);
    const edited = await editLatents(points, points, 2);
    expect(countOf(edited.labels, 1)).toBe(195);
    expect(countOf(edited.labels, 0)).toBeGreaterThan(195);
    // Each latent keeps its label.
    edited.labels.forEach((label, row) => {
      expect(edited.latents[2 * row]! > 10).toBe(label === 1);
    });
  });

  it("leaves at least half of each class, however much it lies among others", async () => {
    await selectBackend("cpu");
    const points = twoClasses(0, 0);
    const { labels } = await editLatents(points, points, 2);
    expect(Math.min(countOf(labels, 0), countOf(labels, 1))).toBeGreaterThanOrEqual(100);
    expect(labels.length).toBeLessThan(400);
  });
});
