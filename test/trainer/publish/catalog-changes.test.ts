// What each command makes of the catalog.

import { beforeAll, describe, expect, it } from "vitest";
import { UnknownVersionError, WithdrawnError } from "../../../shared/errors.ts";
import { type Catalog, MAX_CHANGES, parseCatalog } from "../../../shared/release/catalog.ts";
import { stringifyJson } from "../../../shared/release/release.ts";
import { PublishError } from "../../../trainer/errors.ts";
import {
  describeChange,
  liveSince,
  type Publication,
  promote,
  publish,
  rollBack,
  withdraw,
} from "../../../trainer/publish/catalog-changes.ts";

const digest = (digit: string) => digit.repeat(64);
const version = (digit: string) => digit.repeat(12);
const day = (n: number) => new Date(Date.UTC(2026, 0, n));
const release = (digit: string, more: Partial<Publication> = {}): Publication => ({
  name: "cnn",
  version: version(digit),
  sha256: digest(digit),
  promote: "always",
  ...more,
});
const entry = (catalog: Catalog) => catalog.models.cnn!;
const live = (catalog: Catalog) => [entry(catalog).stable[0], entry(catalog).canary?.version[0]];

let one: Catalog;
let two: Catalog;
let canary: Catalog;
beforeAll(() => {
  one = publish(undefined, release("a"), day(1));
  two = publish(one, release("b"), day(2));
  canary = publish(two, release("c", { promote: 10, run: "runs/cnn", forced: "a test" }), day(3));
});

describe("the catalog after", () => {
  it("each command can be read", () => {
    const all = [
      one,
      two,
      canary,
      promote(canary, { name: "cnn" }, undefined, day(4)),
      rollBack(two, "cnn", undefined, day(4)),
      withdraw(two, { name: "cnn", version: version("a") }, "blurred", day(4)),
    ];
    for (const catalog of all) expect(parseCatalog(stringifyJson(catalog))).toEqual(catalog);
  });

  it("each command run again is the same object, so that nothing is done twice", () => {
    const steps: ((catalog: Catalog) => Catalog)[] = [
      (c) => publish(c, release("d", { makeDefault: true }), day(5)),
      (c) => publish(c, release("d", { promote: "when-new" }), day(5)),
      (c) => publish(c, release("c", { promote: 20 }), day(5)),
      (c) => promote(c, { name: "cnn" }, 30, day(5)),
      (c) => promote(c, { name: "cnn" }, undefined, day(5)),
      (c) => rollBack(c, "cnn", undefined, day(5)),
      (c) => rollBack(c, "cnn", version("a"), day(5)),
      (c) => withdraw(c, { name: "cnn", version: version("b") }, "blurred", day(5)),
    ];
    let catalog = canary;
    for (const step of steps) {
      catalog = step(catalog);
      expect(step(catalog)).toBe(catalog);
    }
  });

  it("a release as a canary keeps the stable version, and records run and reason", () => {
    expect(live(canary)).toEqual(["b", "c"]);
    expect(entry(canary).history.at(-1)).toEqual({
      version: version("c"),
      sha256: digest("c"),
      publishedAt: day(3).toISOString(),
      run: "runs/cnn",
      forced: "a test",
    });
  });

  it("a promotion has the canary as stable, or only its new share", () => {
    expect(live(promote(canary, { name: "cnn" }, undefined, day(4)))).toEqual(["c", undefined]);
    expect(entry(promote(canary, { name: "cnn" }, 50, day(4))).canary).toEqual({
      version: version("c"),
      percent: 50,
    });
    expect(live(promote(canary, { name: "cnn", version: version("a") }, undefined, day(4)))).toEqual([
      "a",
      undefined,
    ]);
  });

  it("a rollback has ended the canary or restored the previous stable version, once", () => {
    expect(live(rollBack(canary, "cnn", undefined, day(4)))).toEqual(["b", undefined]);
    const back = rollBack(two, "cnn", undefined, day(4));
    expect(live(back)).toEqual(["a", undefined]);
    expect(rollBack(back, "cnn", undefined, day(5))).toBe(back);
    expect(live(rollBack(canary, "cnn", version("a"), day(4)))).toEqual(["a", undefined]);
  });

  it("hundreds of changes still says since when the stable version is live", () => {
    let catalog = canary;
    for (let i = 0; i < 3 * MAX_CHANGES; i++)
      catalog = promote(catalog, { name: "cnn" }, 1 + (i % 90), day(4));
    expect(entry(catalog).changes).toHaveLength(MAX_CHANGES);
    expect(liveSince(entry(catalog))).toBeUndefined();
    catalog = promote(catalog, { name: "cnn" }, undefined, day(6));
    expect(liveSince(entry(catalog))).toBe(day(6).toISOString());
  });
});

describe("since when a version is live", () => {
  it("does not change by a canary that ended", () => {
    expect(liveSince(entry(rollBack(canary, "cnn", undefined, day(4))))).toBe(day(2).toISOString());
    expect(liveSince(entry(rollBack(two, "cnn", undefined, day(4))))).toBe(day(4).toISOString());
    expect(liveSince({ ...entry(two), changes: [] })).toBe(day(2).toISOString());
  });
});

describe("what is refused", () => {
  it.each<[string, () => Catalog, new () => Error]>([
    [
      "a canary of a new model",
      () => publish(undefined, release("a", { promote: 10 }), day(1)),
      PublishError,
    ],
    [
      "the stable version as a canary",
      () => promote(two, { name: "cnn", version: version("b") }, 10, day(4)),
      PublishError,
    ],
    [
      "a promotion without a canary",
      () => promote(rollBack(canary, "cnn", undefined, day(4)), { name: "cnn" }, undefined, day(4)),
      PublishError,
    ],
    ["an unknown version", () => rollBack(two, "cnn", version("f"), day(4)), UnknownVersionError],
    ["a rollback from the first version", () => rollBack(one, "cnn", undefined, day(4)), PublishError],
    [
      "a rollback to a withdrawn version that was not named",
      () =>
        rollBack(
          withdraw(two, { name: "cnn", version: version("a") }, "x", day(4)),
          "cnn",
          undefined,
          day(5),
        ),
      PublishError,
    ],
    [
      "withdrawing the stable version",
      () => withdraw(two, { name: "cnn", version: version("b") }, "x", day(4)),
      PublishError,
    ],
    [
      "withdrawing the canary",
      () => withdraw(canary, { name: "cnn", version: version("c") }, "x", day(4)),
      PublishError,
    ],
    [
      "publishing what was withdrawn",
      () => publish(withdraw(two, { name: "cnn", version: version("a") }, "x", day(4)), release("a"), day(5)),
      WithdrawnError,
    ],
    [
      "rolling back to what was withdrawn",
      () =>
        rollBack(
          withdraw(two, { name: "cnn", version: version("a") }, "x", day(4)),
          "cnn",
          version("a"),
          day(5),
        ),
      WithdrawnError,
    ],
    [
      "publishing what is being deleted",
      () =>
        publish(
          { ...one, pruning: { since: day(1).toISOString(), folders: [`cnn/${version("b")}`] } },
          release("b"),
          day(2),
        ),
      PublishError,
    ],
  ])("%s", (_, change, error) => {
    expect(change).toThrow(error);
  });
});

describe("the description of a change", () => {
  it("lists every difference", () => {
    expect(describeChange(undefined, one)).toEqual([
      `publish cnn@${version("a")}`,
      `make cnn@${version("a")} stable`,
      "make cnn the default model",
    ]);
    expect(describeChange(two, canary)).toEqual([
      `publish cnn@${version("c")}, forced: a test`,
      `show cnn@${version("c")} to 10 % of seeds`,
    ]);
    expect(describeChange(canary, rollBack(canary, "cnn", version("a"), day(4)))).toEqual([
      `make cnn@${version("a")} stable in place of ${version("b")}`,
      `end the canary cnn@${version("c")}`,
    ]);
  });
});
