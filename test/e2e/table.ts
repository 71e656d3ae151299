// Good and bad requests of every route over the bundled models, and what they get.

import { encode } from "fast-png";
import { BUNDLED_VERSION } from "../../worker/api/parameters.ts";

export interface TableRow {
  readonly status: number;
  readonly address: string;
  readonly method: string;
  /** The parameter that the refusal names. */
  readonly parameter?: string;
  readonly type?: string;
  /** What is sent. */
  readonly title?: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

const rows = (
  method: string,
  status: number,
  ...addresses: (string | readonly [string, string])[]
): TableRow[] =>
  addresses.map((entry) =>
    typeof entry === "string"
      ? { status, method, address: entry }
      : { status, method, address: entry[0], parameter: entry[1] },
  );
const typed = (type: string, list: readonly TableRow[]): TableRow[] => list.map((row) => ({ ...row, type }));
const refused = (...entries: (readonly [string, string])[]) =>
  typed("invalid-parameter", rows("GET", 400, ...entries));

/** Uploads to both routes that take one. */
const sent = (
  status: number,
  title: string,
  body: Uint8Array<ArrayBuffer>,
  mediaType = "image/png",
): TableRow[] =>
  ["/encode", "/reconstruct"].map((address) => {
    return { status, method: "POST", address, title, body, headers: { "Content-Type": mediaType } };
  });

/** A bar on its ground. */
function picture(side: number, channels: 1 | 2 | 3 | 4, depth: 8 | 16 = 8): Uint8Array<ArrayBuffer> {
  const data = new (depth === 8 ? Uint8Array : Uint16Array)(side * side * channels);
  data.forEach((_, i) => {
    const pixel = Math.floor(i / channels);
    const isInk = (pixel % side) * 5 > 2 * side && (pixel % side) * 5 < 3 * side;
    const isAlpha = channels % 2 === 0 && i % channels === channels - 1;
    if (isInk || isAlpha) data[i] = 2 ** depth - 1;
  });
  return new Uint8Array(encode({ width: side, height: side, data, channels, depth }));
}
/** A grid's, as an address has them. */
const codes = (count: number) => Array.from({ length: count }, (_, i) => i % 16).join();
const small = picture(28, 1);
const text = (content: string) => new Uint8Array(new TextEncoder().encode(content));

const FOLDER = `/models/digits/${BUNDLED_VERSION}`;
const x129 = "x".repeat(129);

export const REQUESTS: readonly TableRow[] = [
  ...rows(
    "GET",
    200,
    "/sample",
    "/sample?seed=0",
    "/sample?seed=%F0%9F%98%80",
    "/sample?seed=a+b",
    `/sample?seed=${"x".repeat(128)}`,
    "/sample?seed=1&digit=0",
    "/sample?seed=1&digit=9&temperature=2",
    "/sample?seed=1&temperature=0.1234",
    "/sample?seed=1&sampler=prior",
    "/sample?seed=1&sampler=mixture",
    "/sample?seed=1&size=28",
    "/sample?seed=1&size=512",
    "/sample?seed=1&fg=F80&bg=transparent",
    "/sample?seed=1&format=svg&bg=abc",
    "/sample?seed=1&format=json",
    "/sample?seed=1&picture=1",
    `/sample?seed=1&picture=1&model=digits@${BUNDLED_VERSION}`,
    "/sample?seed=1&model=cnn",
    "/sample?seed=1&model=mlp&digit=3",
    "/interpolate?from=a&to=b",
    "/interpolate?from=a&to=a&steps=2",
    "/interpolate?from=a&to=b&steps=32&size=90",
    "/interpolate?from=a&to=b&fromDigit=1&toDigit=7&format=apng",
    "/interpolate?from=a&to=b&format=json&steps=2",
    "/interpolate?from=a&to=b&sampler=prior&temperature=0",
    "/interpolate?seeds=a,b,c&digits=123&loop=true&path=lerp",
    "/interpolate?seeds=a&digits=19&format=apng&fps=60",
    "/sample?seed=1&format=json&details=true",
    "/grid",
    "/grid?seed=1&rows=8&cols=8&size=64",
    "/grid?seed=1&digits=0123456789&format=svg&size=512",
    "/grid?seed=1&rows=1&cols=1&format=json",
    "/number/0",
    `/number/${"7".repeat(32)}?seed=1`,
    "/number/1729?seed=1&layout=squares&spacing=28",
    "/number/11?seed=1&spacing=-6&format=svg",
    "/number/42?seed=1&format=json",
    "/manifold?model=mlp",
    "/manifold?model=mlp&cells=2&size=256",
    "/decode?z=0,0&model=mlp",
    "/decode?z=1e-3,-99.5&model=mlp&format=json",
    "/sample?model=vq",
    "/sample?seed=1&digit=7&temperature=0&model=vq",
    "/sample?seed=1&sampler=prior&digit=7&model=vq&format=svg",
    "/sample?seed=1&format=json&details=true&model=vq",
    "/grid?seed=1&digits=0123456789&model=vq&format=json",
    "/number/1729?seed=1&model=vq",
    "/number/42?seed=1&model=vq&format=json&sampler=prior",
    "/interpolate?from=a&to=b&fromDigit=3&toDigit=8&model=vq&format=apng",
    "/interpolate?seeds=a,b,c&loop=true&model=vq&format=json&details=true&path=lerp",
    `/decode?codes=${codes(49)}&model=vq`,
    `/decode?codes=${codes(49)}&model=vq&format=json`,
    "/models",
    "/models/cnn",
    "/models/mlp",
    ...[
      "card.json",
      "model.json",
      "weights.bin",
      "encoder.json",
      "encoder.bin",
      "sampler.bin",
      "preview.png",
    ].map((file) => `${FOLDER}/${file}`),
    "/health",
  ),
  ...sent(200, "28 pixels of grey", small),
  ...sent(200, "grey with alpha", picture(40, 2)),
  ...sent(200, "RGB of 16 bits", picture(100, 3, 16)),
  ...sent(200, "RGBA of 512 pixels", picture(512, 4)),
  ...sent(200, "a type in capitals, with parameters", small, "Image/PNG; charset=binary"),
  ...sent(413, "4 MB", new Uint8Array(4_000_000)),
  ...typed("unsupported-media-type", sent(415, "a JPEG's type", small, "image/jpeg")),
  ...typed("unsupported-media-type", sent(415, "no type", small, "")),
  ...typed("unsupported-media-type", sent(415, "a form", text("a=b"), "application/x-www-form-urlencoded")),
  ...typed("unreadable-image", sent(422, "nothing", new Uint8Array(0))),
  ...typed("unreadable-image", sent(422, "text", text("not a picture"))),
  ...typed("unreadable-image", sent(422, "half a picture", small.slice(0, small.length / 2))),
  ...typed("unreadable-image", sent(422, "513 pixels", picture(513, 1))),
  ...typed(
    "empty-image",
    sent(
      422,
      "no ink",
      new Uint8Array(encode({ width: 30, height: 30, data: new Uint8Array(900), channels: 1 })),
    ),
  ),
  ...rows(
    "HEAD",
    200,
    "/models/cnn",
    `${FOLDER}/weights.bin`,
    "/sample?seed=1",
    "/interpolate?from=a&to=b",
    "/models",
    "/health",
    "/docs",
    "/openapi.json",
  ),
  ...rows("OPTIONS", 204, "/sample", "/interpolate", "/models", "/health", "/encode", "/reconstruct"),
  ...rows("OPTIONS", 204, "/number/12", "/models/cnn", `${FOLDER}/card.json`),
  ...refused(
    ["/sample?seed=", "seed"],
    [`/sample?seed=${x129}`, "seed"],
    ["/sample?seed=%ff", "seed"],
    ["/sample?seed=1&seed=1", "seed"],
    ["/sample?Seed=1", "Seed"],
    ["/sample?seeds=1", "seeds"],
    ["/sample?__proto__=1", "__proto__"],
    ["/sample?constructor=1", "constructor"],
    ["/sample?seed=1&digit=10", "digit"],
    ["/sample?seed=1&digit=-0", "digit"],
    ["/sample?seed=1&digit=", "digit"],
    ["/sample?seed=1&temperature=2.0001", "temperature"],
    ["/sample?seed=1&temperature=0.12345", "temperature"],
    ["/sample?seed=1&sampler=normal", "sampler"],
    ["/sample?seed=1&size=27", "size"],
    ["/sample?seed=1&size=513", "size"],
    ["/sample?seed=1&size=0x40", "size"],
    ["/sample?seed=1&size=99999999999", "size"],
    ["/sample?seed=1&fg=%23fff", "fg"],
    ["/sample?seed=1&fg=ff", "fg"],
    ["/sample?seed=1&bg=none", "bg"],
    ["/sample?seed=1&format=PNG", "format"],
    ["/sample?seed=1&format=json&fg=f00", "fg"],
    ["/sample?seed=1&format=json&fg=ffffff", "fg"],
    ["/sample?seed=1&picture=2", "picture"],
    ["/sample?seed=1&picture=", "picture"],
    ["/sample?seed=1&model=CNN", "model"],
    ["/sample?seed=1&model=cnn@", "model"],
    ["/sample?seed=1&model=../catalog", "model"],
    ["/interpolate", "from"],
    ["/interpolate?to=b", "from"],
    ["/interpolate?from=a", "to"],
    ["/interpolate?from=a&to=b&steps=1", "steps"],
    ["/interpolate?from=a&to=b&steps=33", "steps"],
    ["/interpolate?from=a&to=b&size=512", "size"],
    ["/interpolate?from=a&to=b&steps=32&size=91", "size"],
    ["/interpolate?from=a&to=b&digit=1", "digit"],
    ["/interpolate?seeds=a", "seeds"],
    ["/interpolate?seeds=a,b&from=c", "from"],
    ["/interpolate?seeds=a,b&digits=123", "seeds"],
    ["/interpolate?from=a&to=b&fps=30", "fps"],
    ["/interpolate?from=a&to=b&fps=12", "fps"],
    ["/interpolate?from=a&to=b&path=arc", "path"],
    ["/interpolate?from=a&to=b&loop=yes", "loop"],
    ["/interpolate?from=a&to=b&details=true", "details"],
    ["/sample?seed=1&details=true", "details"],
    ["/sample?seed=1&details=false", "details"],
    ["/grid?rows=0", "rows"],
    ["/grid?rows=65", "rows"],
    ["/grid?rows=9&cols=9", "rows"],
    ["/grid?rows=3&digits=0123456789", "rows"],
    ["/grid?digit=1&digits=12", "digits"],
    ["/grid?digits=12a", "digits"],
    ["/grid?size=512", "size"],
    ["/number/12a", "digits"],
    [`/number/${"1".repeat(33)}`, "digits"],
    ["/number/1?digit=1", "digit"],
    ["/number/1?spacing=29", "spacing"],
    ["/number/1?spacing=-7", "spacing"],
    ["/number/1?layout=wide", "layout"],
    ["/number/11111?size=512", "size"],
    ["/manifold?model=cnn", "model"],
    ["/manifold?model=mlp&cells=1", "cells"],
    ["/manifold?model=mlp&cells=17", "cells"],
    ["/manifold?model=mlp&format=svg", "format"],
    ["/manifold?model=mlp&seed=1", "seed"],
    ["/decode", "z"],
    ["/decode?z=", "z"],
    ["/decode?z=1,2&model=cnn", "z"],
    ["/decode?z=1,101&model=mlp", "z"],
    ["/decode?z=1,,2&model=mlp", "z"],
    ["/decode?z=1,NaN&model=mlp", "z"],
    ["/decode?model=vq", "z"],
    ["/decode?z=0,0&model=vq", "z"],
    ["/decode?z=0,0&codes=0&model=vq", "codes"],
    [`/decode?codes=${codes(48)}&model=vq`, "codes"],
    [`/decode?codes=${codes(50)}&model=vq`, "codes"],
    [`/decode?codes=${codes(48)},99999&model=vq`, "codes"],
    [`/decode?codes=${codes(48)},-1&model=vq`, "codes"],
    [`/decode?codes=${codes(48)},1.5&model=vq`, "codes"],
    [`/decode?codes=${codes(48)},&model=vq`, "codes"],
    [`/decode?codes=${codes(49)}&model=mlp`, "codes"],
    ["/manifold?model=vq", "model"],
    ["/interpolate?from=a&to=b&format=svg", "format"],
    ["/models?x=1", "x"],
    ["/models/cnn?x=1", "x"],
    [`/models/${x129}`, "name"],
    [`${FOLDER}/card.json?download=1`, "download"],
    [`${FOLDER}/${x129}`, "file"],
    ["/health?verbose", "verbose"],
  ),
  ...typed(
    "invalid-parameter",
    rows(
      "POST",
      400,
      ["/encode?size=28", "size"],
      ["/encode?modle=cnn", "modle"],
      ["/reconstruct?seed=1", "seed"],
      ["/reconstruct?format=apng", "format"],
      ["/reconstruct?size=363", "size"],
      ["/reconstruct?format=json&bg=f00", "bg"],
    ),
  ),
  ...typed(
    "unknown-file",
    rows("GET", 404, `${FOLDER}/notes.txt`, `${FOLDER}/..%2fcatalog.json`, `${FOLDER}/%00`),
  ),
  ...typed(
    "no-such-sampler",
    rows(
      "GET",
      400,
      "/sample?seed=1&sampler=prior&digit=1",
      "/sample?seed=1&sampler=mixture&model=vq",
      "/number/1?sampler=prior",
      "/number/1?sampler=mixture&model=vq",
    ),
  ),
  ...typed(
    "unknown-model",
    rows(
      "GET",
      404,
      "/sample?model=gamma",
      "/interpolate?from=a&to=b&model=constructor",
      "/models/gamma",
      "/models/__proto__",
      "/models/%ff",
      `/models/gamma/${BUNDLED_VERSION}/card.json`,
    ),
  ),
  ...typed(
    "unknown-version",
    rows("GET", 404, "/sample?seed=1&model=cnn@000000000000", "/models/cnn/000000000000/card.json"),
  ),
  ...typed(
    "not-found",
    rows(
      "GET",
      404,
      "/sample/",
      "/Sample",
      "/catalog.json",
      "/models/",
      "/models/../catalog.json",
      "/models/cnn/card.json",
      `${FOLDER}/`,
      `${FOLDER}/card.json/`,
      "/number/",
      "/purge",
      "/_headers",
      "/problems/nothing",
      "/%ff",
    ),
  ),
  ...typed("method-not-allowed", rows("GET", 405, "/encode", "/reconstruct")),
  ...typed(
    "method-not-allowed",
    rows(
      "POST",
      405,
      "/sample",
      "/interpolate?from=a&to=b",
      "/models",
      "/health",
      "/number/1",
      "/models/cnn",
    ),
  ),
  ...typed("method-not-allowed", rows("DELETE", 405, "/sample", "/models", "/encode", `${FOLDER}/card.json`)),
];
