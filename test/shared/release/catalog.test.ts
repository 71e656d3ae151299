// The catalog: what is refused, what older ones mean, and which version a seed sees.

import { beforeAll, describe, expect, it } from "vitest";
import {
  SchemaError,
  UnknownVersionError,
  UnsupportedReleaseError,
  WithdrawnError,
} from "../../../shared/errors.ts";
import { type Catalog, parseCatalog, publishedOf, versionFor } from "../../../shared/release/catalog.ts";
import { stringifyJson } from "../../../shared/release/release.ts";
import { type Fixture, makeCatalog, makeRelease } from "../../fixture.ts";

let first: Fixture;
let second: Fixture;
beforeAll(async () => {
  [first, second] = [await makeRelease("tiny", "1"), await makeRelease("tiny", "2")];
});

const withdrawn = { at: "2026-01-02T00:00:00.000Z", reason: "blurred" };
const parseEdited = (edit: (catalog: Catalog) => unknown) =>
  parseCatalog(stringifyJson(edit(makeCatalog([first, second]))));
/** The catalog with its one entry changed. */
const withEntry = (edit: (entry: Catalog["models"][string]) => object) => (catalog: Catalog) => ({
  ...catalog,
  models: { tiny: { ...catalog.models.tiny!, ...edit(catalog.models.tiny!) } },
});

describe("a catalog", () => {
  it("reads back as it was written", () => {
    const full = withEntry(({ history }) => ({
      canary: { version: first.version, percent: 12.5 },
      history: history.map((item) => ({ ...item, run: "runs/tiny", forced: "smaller" })),
      changes: [{ change: "promoted", at: withdrawn.at, version: second.version, from: first.version }],
    }));
    expect(parseEdited(full)).toEqual(full(makeCatalog([first, second])));
  });

  it("of schema 1 means the same", () => {
    const old = parseEdited(({ models, ...rest }) => {
      const { changes: _, ...entry } = models.tiny!;
      return { ...rest, schema: 1, models: { tiny: entry } };
    });
    expect(old).toEqual(makeCatalog([first, second]));
  });

  it("of a later schema is distinguished from rubbish", () => {
    expect(() => parseEdited((catalog) => ({ ...catalog, schema: 3 }))).toThrow(UnsupportedReleaseError);
    expect(() => parseCatalog(new TextEncoder().encode("rubbish"))).toThrow(SchemaError);
    expect(() => parseCatalog(Uint8Array.of(0xff, 0xfe))).toThrow(SchemaError);
  });

  it.each<[string, (catalog: Catalog) => unknown, string]>([
    [
      "whose stable version was never published",
      withEntry(() => ({ stable: "0123456789ab" })),
      "not in its history",
    ],
    ["whose default is not among its models", (catalog) => ({ ...catalog, default: "other" }), "default"],
    ["with an unknown field", (catalog) => ({ ...catalog, surprise: 1 }), "surprise"],
    [
      "that lists a version twice",
      withEntry(({ history }) => ({ history: [...history, history[0]] })),
      "twice",
    ],
    [
      "whose version is not the beginning of its digest",
      withEntry(({ history }) => ({ history: [{ ...history[0], sha256: "0".repeat(64) }, history[1]] })),
      "another version",
    ],
    [
      "whose stable version was withdrawn",
      withEntry(({ history }) => ({ history: history.map((item) => ({ ...item, withdrawn })) })),
      "which was withdrawn",
    ],
    [
      "with a canary for more than everyone",
      withEntry(({ stable }) => ({ canary: { version: stable, percent: 101 } })),
      "percent",
    ],
    ["with a change of no known kind", withEntry(() => ({ changes: [{ change: "lost" }] })), "change"],
  ])("%s is refused", (_, edit, says) => {
    expect(() => parseEdited(edit)).toThrow(SchemaError);
    expect(() => parseEdited(edit)).toThrow(says);
  });

  it("returns what can be served, and distinguishes withdrawn versions from unknown ones", () => {
    const catalog = parseEdited(
      withEntry(({ history }) => ({ history: [{ ...history[0], withdrawn }, history[1]] })),
    );
    expect(publishedOf(catalog, "tiny", second.version).sha256).toBe(second.cardSha256);
    expect(() => publishedOf(catalog, "tiny", first.version)).toThrow(WithdrawnError);
    expect(() => publishedOf(catalog, "tiny", first.version)).toThrow("blurred");
    expect(() => publishedOf(catalog, "tiny", "0123456789ab")).toThrow(UnknownVersionError);
  });
});

describe("a canary", () => {
  const seeds = Array.from({ length: 4000 }, (_, i) => String(i));
  const entryAt = (percent: number, fixture = first) => ({
    ...makeCatalog([first, second]).models.tiny!,
    stable: "0123456789ab",
    canary: { version: fixture.version, percent },
  });
  const inside = (percent: number, fixture = first) => {
    const entry = entryAt(percent, fixture);
    return seeds.filter((seed) => versionFor("tiny", entry, seed) === fixture.version);
  };

  it("is seen by its share of seeds, and by the same ones when the share grows", () => {
    const [few, many] = [inside(10), inside(50)];
    // Within five standard deviations of the share.
    expect(Math.abs(few.length - 400)).toBeLessThan(95);
    expect(Math.abs(many.length - 2000)).toBeLessThan(160);
    expect(few.every((seed) => many.includes(seed))).toBe(true);
    expect(inside(100)).toEqual(seeds);
    expect(inside(0)).toEqual([]);
  });

  it("of another version is seen by other seeds", () => {
    const others = new Set(inside(10, second));
    expect(inside(10).filter((seed) => others.has(seed)).length).toBeLessThan(100);
  });

  it("is not seen by requests without a seed", () => {
    expect(versionFor("tiny", entryAt(100), undefined)).toBe("0123456789ab");
  });
});
