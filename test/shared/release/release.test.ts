import { beforeAll, describe, expect, it } from "vitest";
import { DigestError, SchemaError, UnsupportedReleaseError, WeightsError } from "../../../shared/errors.ts";
import { dequantize } from "../../../shared/model/weights.ts";
import { readNetwork } from "../../../shared/release/open.ts";
import { type Card, parseCard, sha256, stringifyJson } from "../../../shared/release/release.ts";
import { type Fixture, makeRelease, packedWeights } from "../../fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeRelease("tiny", "1");
});

const file = (name: string) => fixture.files.get(name)!;
const edited = (bytes: Uint8Array, edit: (document: Record<string, unknown>) => unknown) => {
  const document = JSON.parse(new TextDecoder().decode(bytes));
  return stringifyJson(edit(document) ?? document);
};

/** Reads the decoder after a change to one file; the card follows unless the change is to be found by digest. */
async function readChanged(name: string, change: (bytes: Uint8Array) => Uint8Array, adjustCard = true) {
  const changed = change(file(name).slice());
  const digest = { bytes: changed.byteLength, sha256: await sha256(changed) };
  const card: Card = adjustCard
    ? { ...fixture.card, files: { ...fixture.card.files, [name]: digest } }
    : fixture.card;
  const bytesOf = (key: string) => (key === name ? changed : file(key));
  return readNetwork(card, "decoder", async (key) => bytesOf(key));
}

const flipBit = (bytes: Uint8Array) => {
  bytes[bytes.length >> 1]! ^= 1;
  return bytes;
};
const truncate = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1);
const same = (bytes: Uint8Array) => bytes;

describe("a release", () => {
  it("reads back what was packed", async () => {
    const stored = await readChanged("weights.bin", same);
    const weights = new Map([...stored].map(([name, tensor]) => [name, dequantize(tensor)]));
    expect(weights).toEqual(packedWeights(fixture));
  });

  it.each(["model.json", "weights.bin"])(
    "with a bit of %s flipped, or its end cut off, is refused by digest",
    async (name) => {
      await expect(readChanged(name, flipBit, false)).rejects.toThrow(DigestError);
      await expect(readChanged(name, truncate, false)).rejects.toThrow(DigestError);
    },
  );

  it("whose weights are shorter than their manifest is refused, even when the card agrees", async () => {
    await expect(readChanged("weights.bin", truncate)).rejects.toThrow(WeightsError);
  });

  it("with a weight that is not finite is refused", async () => {
    const toNaN = (bytes: Uint8Array) => {
      new DataView(bytes.buffer).setFloat32(bytes.length - 4, Number.NaN, true);
      return bytes;
    };
    await expect(readChanged("weights.bin", toNaN)).rejects.toThrow("weights must be finite");
  });

  it("whose manifest names other tensors, or other shapes, is refused", async () => {
    const renamed = (bytes: Uint8Array) =>
      new TextEncoder().encode(
        new TextDecoder().decode(bytes).replace("decoder_0/kernel", "decoder_9/kernel"),
      );
    await expect(readChanged("model.json", renamed)).rejects.toThrow(WeightsError);
  });

  it("whose model.json is not JSON, or not a layers-model, is refused", async () => {
    await expect(readChanged("model.json", () => new TextEncoder().encode("{"))).rejects.toThrow(SchemaError);
    const graph = (bytes: Uint8Array) =>
      edited(bytes, (document) => ({ ...document, format: "graph-model" }));
    await expect(readChanged("model.json", graph)).rejects.toThrow(SchemaError);
  });

  it("whose card does not list a file that is read is refused", async () => {
    const { "weights.bin": _, ...files } = fixture.card.files;
    const card = { ...fixture.card, files };
    await expect(readNetwork(card, "decoder", async (name) => file(name))).rejects.toThrow(SchemaError);
  });
});

describe("a card", () => {
  const parseEdited = async (edit: (card: Record<string, unknown>) => unknown) => {
    const bytes = edited(file("card.json"), edit);
    return parseCard(bytes, await sha256(bytes));
  };

  it("reads back as it was written", async () => {
    expect(await parseCard(file("card.json"), fixture.cardSha256)).toEqual(fixture.card);
  });

  it("of another digest is refused", async () => {
    await expect(parseCard(flipBit(file("card.json").slice()), fixture.cardSha256)).rejects.toThrow(
      DigestError,
    );
  });

  it("of a later schema or another scheme is distinguished from a damaged one", async () => {
    await expect(parseEdited((card) => ({ ...card, schema: 2 }))).rejects.toThrow(UnsupportedReleaseError);
    await expect(parseEdited((card) => ({ ...card, scheme: "s2" }))).rejects.toThrow(UnsupportedReleaseError);
  });

  it.each<[string, (card: Record<string, unknown>) => unknown]>([
    ["spec", ({ spec: _, ...card }) => card],
    ["name", (card) => ({ ...card, name: "../secret" })],
    ["history", (card) => ({ ...card, history: [] })],
    ["surprise", (card) => ({ ...card, surprise: 1 })],
  ])("with a wrong field is refused by its name: %s", async (field, edit) => {
    await expect(parseEdited(edit)).rejects.toThrow(SchemaError);
    await expect(parseEdited(edit)).rejects.toThrow(field);
  });
});
