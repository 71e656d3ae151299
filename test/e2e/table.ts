// Good and bad requests to every route over the bundled models, and what they get. What only other models show is in
// worker/http.test.ts.

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

/** Values of parameters that are refused by name, each added to an address. */
const outOfRange = (address: string, values: Readonly<Record<string, readonly string[]>>) =>
  refused(
    ...Object.entries(values).flatMap(([name, list]) =>
      list.map((value) => [`${address}${address.includes("?") ? "&" : "?"}${name}=${value}`, name] as const),
    ),
  );

/** Uploads to both routes that take one. */
const sent = (
  status: number,
  title: string,
  body: Uint8Array<ArrayBuffer> | undefined,
  headers: Readonly<Record<string, string>> = {},
): TableRow[] =>
  ["/encode", "/reconstruct"].map((address) => {
    return {
      ...{ status, method: "POST", address, title, ...(body && { body }) },
      headers: { "Content-Type": "image/png", ...headers },
    };
  });

/** A bar on its ground. */
function picture(
  side: number,
  channels: 1 | 2 | 3 | 4,
  depth: 8 | 16 = 8,
  isInverted = false,
): Uint8Array<ArrayBuffer> {
  const data = new (depth === 8 ? Uint8Array : Uint16Array)(side * side * channels);
  data.forEach((_, i) => {
    const pixel = Math.floor(i / channels);
    const isInk = (pixel % side) * 5 > 2 * side && (pixel % side) * 5 < 3 * side;
    const isAlpha = channels % 2 === 0 && i % channels === channels - 1;
    if (isInk !== isInverted || isAlpha) data[i] = 2 ** depth - 1;
  });
  return new Uint8Array(encode({ width: side, height: side, data, channels, depth }));
}
/** A grid's, as an address has them. */
const codes = (count: number) => Array.from({ length: count }, (_, i) => i % 16).join();
const small = picture(28, 1);
const sentTo = (status: number, ...addresses: string[]) =>
  addresses.map((address) => ({ ...sent(status, "a digit", small)[0]!, address }));
const text = (content: string) => new Uint8Array(new TextEncoder().encode(content));

const FOLDER = `/models/digits/${BUNDLED_VERSION}`;
const x125 = "x".repeat(125);
const x129 = "x".repeat(129);
const sixteen = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p";

export const REQUESTS: readonly TableRow[] = [
  ...rows(
    "GET",
    200,
    "/sample",
    "/sample?seed=0",
    "/sample?seed=%F0%9F%98%80",
    "/sample?seed=%C3%A9",
    "/sample?seed=a+b",
    `/sample?seed=${"x".repeat(128)}`,
    "/sample?seed=1&digit=0",
    "/sample?seed=1&digit=9&temperature=2",
    "/sample?seed=1&temperature=0.1234",
    "/sample?seed=1&sampler=prior",
    "/sample?seed=1&sampler=prior&temperature=0",
    "/sample?seed=1&digit=0&temperature=0.5&sampler=mixture&model=cnn",
    "/sample?seed=1&size=28",
    "/sample?seed=1&size=512",
    "/sample?seed=1&fg=F80&bg=transparent",
    "/sample?seed=1&format=svg&bg=abc",
    "/sample?seed=1&format=json",
    "/sample?seed=1&format=json&size=56",
    "/sample?seed=1&picture=1",
    "/sample?seed=1&picture=2&size=90&slant=-30&weight=0.7",
    "/sample?seed=1&slant=30&weight=1.6&format=svg",
    `/sample?seed=1&picture=1&model=digits@${BUNDLED_VERSION}`,
    "/sample?seed=1&model=cnn",
    "/sample?seed=1&model=mlp&digit=3",
    "/interpolate?from=a&to=b",
    "/interpolate?from=a&to=a&steps=2",
    "/interpolate?from=a&to=b&steps=32&size=90",
    "/interpolate?from=a&to=b&fromDigit=1&toDigit=7&format=apng",
    "/interpolate?from=a&to=b&format=json&steps=2",
    "/interpolate?from=a&to=b&steps=4&size=256",
    "/interpolate?from=a&to=b&steps=32&format=apng",
    "/interpolate?from=a&to=b&steps=4&format=apng&size=64&fg=0af&bg=fff",
    "/interpolate?from=a&to=b&loop=true",
    "/interpolate?from=a&to=b&sampler=prior&temperature=0",
    "/interpolate?seeds=a,b,c&digits=123&loop=true&path=lerp",
    "/interpolate?seeds=a&digits=19&format=apng&fps=60",
    "/interpolate?seeds=a&digits=0123456789&loop=true",
    "/interpolate?seeds=a,b&digits=7&format=json&details=true",
    "/interpolate?seeds=a,a",
    `/interpolate?seeds=${sixteen}`,
    `/interpolate?seeds=${sixteen}&loop=true&steps=5&format=apng&fps=60`,
    "/interpolate?seeds=a,b,c&steps=32&size=64&path=lerp",
    "/sample?seed=1&format=json&details=true",
    "/grid",
    "/grid?seed=1&rows=8&cols=8&size=64",
    "/grid?seed=1&digits=0123456789&format=svg&size=512",
    "/grid?rows=1&cols=1&format=json",
    "/grid?seed=a&rows=1&cols=64",
    "/grid?seed=a&rows=64&cols=1&size=64&format=json",
    "/grid?seed=a&digit=7&temperature=0&sampler=mixture&model=cnn",
    "/grid?seed=a&sampler=prior&format=svg&fg=036&bg=transparent",
    `/grid?seed=${"x".repeat(124)}`,
    "/number/0",
    `/number/${"7".repeat(32)}?seed=1`,
    "/number/1729?seed=1&layout=squares&spacing=28",
    "/number/11?seed=1&spacing=-6&format=svg",
    "/number/42?seed=1&format=json",
    "/number/%31%32?seed=a&spacing=-6&layout=squares",
    "/number/12?seed=a&size=362&bg=transparent",
    "/number/123456789?seed=a&size=512&format=svg",
    "/number/12?seed=a&format=json&sampler=mixture&temperature=2&model=cnn",
    "/manifold?model=mlp",
    "/manifold?model=mlp&cells=2&size=256",
    "/manifold?model=mlp&cells=16&size=32&format=json",
    "/decode?z=0,0&model=mlp",
    "/decode?z=-100,1e-7&model=mlp&size=512",
    "/decode?z=1E1,5e-01&model=mlp&format=svg",
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
    "/dataset/7/train-images-idx3-ubyte?count=20",
    "/dataset/%25ff/t10k-labels-idx1-ubyte?count=1",
    "/dataset/100%/t10k-labels-idx1-ubyte?count=1",
    "/dataset/%C3%A9%2F1/t10k-labels-idx1-ubyte?count=20&start=999999999&model=cnn",
    "/dataset/7/train-images-idx3-ubyte?count=20&slant=-15..15&weight=0.8..1.3&digits=71&balance=uniform",
    "/models/mlp",
    ...[
      "card.json",
      "model.json",
      "weights.bin",
      "encoder.json",
      "encoder.bin",
      "flow.json",
      "flow.bin",
      "preview.png",
    ].map((file) => `${FOLDER}/${file}`),
    "/health",
  ),
  ...sent(200, "28 pixels of grey", small),
  ...sent(200, "grey with alpha", picture(40, 2)),
  ...sent(200, "RGB of 16 bits", picture(100, 3, 16)),
  ...sent(200, "RGBA of 512 pixels", picture(512, 4)),
  ...sent(200, "dark on light", picture(60, 1, 8, true)),
  ...sent(200, "a type in capitals, with parameters", small, {
    "Content-Type": "Image/PNG; charset=binary",
  }),
  ...sent(200, "no coding", small, { "Content-Encoding": "identity" }),
  ...sentTo(
    200,
    "/encode?model=mlp",
    "/reconstruct?size=256&fg=f80&bg=transparent",
    "/reconstruct?format=svg&size=300",
    "/reconstruct?format=json&size=56",
  ),
  ...typed("unknown-model", sentTo(404, "/encode?model=gamma")),
  ...typed("unknown-version", sentTo(404, "/reconstruct?model=cnn@000000000000")),
  ...sent(413, "a byte too many", new Uint8Array(3_145_729)),
  ...sent(413, "4 MB", new Uint8Array(4_000_000)),
  ...typed("unsupported-media-type", [
    ...sent(415, "a JPEG's type", small, { "Content-Type": "image/jpeg" }),
    ...sent(415, "a longer type", small, { "Content-Type": "image/png2" }),
    ...sent(415, "no type", small, { "Content-Type": "" }),
    ...sent(415, "a form", text("a=b"), { "Content-Type": "application/x-www-form-urlencoded" }),
    ...sent(415, "a coding", small, { "Content-Encoding": "gzip" }),
  ]),
  ...typed("unreadable-image", sent(422, "no body", undefined)),
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
  ...outOfRange("/sample", {
    seed: ["", x129, "%ff", "%E0%A4", "1&seed=1"],
    Seed: ["1"],
    seeds: ["1"],
    ["__proto__"]: ["1"],
    constructor: ["1"],
  }),
  ...outOfRange("/sample?seed=1", {
    digit: ["10", "-0", "-1", ""],
    temperature: ["2.0001", "0.12345", "2.1", "-0", "1e0"],
    sampler: ["normal"],
    guidance: ["0.5001", "0.12345", "1", "-0", ".1", ""],
    size: ["27", "513", "0x40", "99999999999", "1e2", ""],
    fg: ["%23fff", "ff", "transparent", "%23ffffff"],
    bg: ["none", "ffff"],
    format: ["PNG", "gif", "apng"],
    picture: ["3", ""],
    slant: ["31", "-31", "1.5", "-0", ""],
    weight: ["0.69", "1.61", "2", "1.123", "0.7x", ""],
    model: ["CNN", "cnn@", "cnn@12", "../catalog", ""],
    details: ["true", "false"],
  }),
  ...outOfRange("/sample?seed=1&format=json", { fg: ["f00", "ffffff"], bg: ["f00"], details: ["yes"] }),
  ...refused(
    ["/interpolate", "from"],
    ["/interpolate?to=b", "from"],
    ["/interpolate?from=a", "to"],
    ["/interpolate?seeds=a,b&digits=123", "seeds"],
    ["/interpolate?seeds=a&digits=1", "seeds"],
    ["/interpolate?digits=123", "seeds"],
    ["/interpolate?from=a&to=b&digits=3", "from"],
  ),
  ...outOfRange("/interpolate", { seeds: ["", "a", "a,,b", "a,%20b", `a,${x129}`, `${sixteen},q`] }),
  ...outOfRange("/interpolate?from=a&to=b", {
    steps: ["1", "33", "2.5", "08", "-2", "NaN"],
    size: ["512"],
    digit: ["1"],
    fps: ["30", "12"],
    path: ["arc"],
    loop: ["yes", "1"],
    details: ["true"],
    format: ["svg", "gif"],
  }),
  ...outOfRange("/interpolate?from=a&to=b&steps=32", { size: ["91"] }),
  ...outOfRange("/interpolate?from=a&to=b&steps=4", { size: ["257"] }),
  ...outOfRange("/interpolate?from=a&to=b&format=apng", { fps: ["0", "61"] }),
  ...outOfRange("/interpolate?seeds=a,b", { from: ["c"], toDigit: ["3"] }),
  ...outOfRange("/interpolate?seeds=a,b,c", { digits: ["12"] }),
  ...outOfRange("/interpolate?seeds=a", { digits: ["01234567890123456"] }),
  ...outOfRange(`/interpolate?seeds=${sixteen}`, { steps: ["6"] }),
  ...outOfRange(`/interpolate?seeds=${sixteen}&steps=5`, { size: ["66"] }),
  ...outOfRange("/grid", {
    seed: ["", x125],
    rows: ["0", "65", "9&cols=9", "9&cols=8", "3&digits=0123456789", "2&digits=012"],
    cols: ["0", "33&rows=2"],
    digit: ["10"],
    digits: ["12a", "", "1,2", "each", "12&digit=1"],
    size: ["512", "65&rows=8&cols=8"],
    format: ["apng"],
    fg: ["f00&format=json"],
    columns: ["3"],
  }),
  ...refused(
    ...["12a", "-12", "1.5", "%D9%A1", "%ff", "1".repeat(33)].map(
      (digits) => [`/number/${digits}`, "digits"] as const,
    ),
  ),
  ...outOfRange("/number/12", {
    digit: ["1"],
    spacing: ["29", "-7", "-0"],
    layout: ["wide"],
    size: ["363"],
    temperature: ["3"],
    seed: [x125],
    bg: ["f00&format=json"],
  }),
  ...outOfRange("/number/11111", { size: ["512"] }),
  ...outOfRange("/manifold", { model: ["cnn", "vq"] }),
  ...refused(["/manifold", "model"]),
  ...outOfRange("/manifold?model=mlp", {
    cells: ["1", "17"],
    size: ["33&cells=16"],
    format: ["svg"],
    fg: ["f00&format=json"],
    seed: ["1"],
  }),
  ...refused(["/decode", "z"], ["/decode?z=1,2&model=cnn", "z"], ["/decode?model=vq", "z"]),
  ...outOfRange("/decode?model=mlp", {
    z: [
      ...["", "0", "0,0,0", "0,", "1,,2", "0,%20,1", "1,101", "0,100.1", "1,NaN", "0,Infinity", "0,1e99"],
      ...["0,0x10", "0,.5", Array(257).fill("0").join()],
    ],
    codes: [codes(49)],
  }),
  ...outOfRange("/decode?model=mlp&z=0,0", { seed: ["1"], fg: ["f00&format=json"] }),
  ...outOfRange("/decode?model=vq", {
    z: ["0,0"],
    codes: [
      ...["0&z=0,0", codes(48), codes(50)],
      ...["99999", "-1", "1.5", ""].map((last) => `${codes(48)},${last}`),
    ],
  }),
  ...outOfRange("/dataset/7/train-images-idx3-ubyte?count=20", {
    start: ["-1", "1000000000"],
    slant: ["-31", "5..-5", "1.5"],
    weight: ["0.6", "1..1.7"],
    digits: ["", "a"],
    balance: ["fair"],
    temperature: ["2.1"],
    size: ["28"],
  }),
  ...outOfRange("/models", { x: ["1"] }),
  ...outOfRange("/models/cnn", { x: ["1"] }),
  ...outOfRange(`${FOLDER}/card.json`, { download: ["1"] }),
  ...refused(
    ["/models/%ff", "name"],
    [`/models/cnn/${BUNDLED_VERSION}/a%E9`, "file"],
    ["/dataset/%E9t%E9/train-labels-idx1-ubyte?count=1", "set"],
    ["/dataset/%EF%BF%BD/train-labels-idx1-ubyte?count=1", "set"],
  ),
  ...refused([`/models/${x129}`, "name"], [`${FOLDER}/${x129}`, "file"], ["/health?verbose", "verbose"]),
  ...typed(
    "invalid-parameter",
    rows(
      "POST",
      400,
      ["/encode?size=28", "size"],
      ["/encode?modle=cnn", "modle"],
      ["/encode?model=A", "model"],
      ["/reconstruct?seed=1", "seed"],
      ["/reconstruct?format=apng", "format"],
      ["/reconstruct?size=363", "size"],
      ["/reconstruct?format=json&bg=f00", "bg"],
    ),
  ),
  ...typed(
    "unknown-file",
    rows(
      "GET",
      404,
      `${FOLDER}/notes.txt`,
      `${FOLDER}/..%2fcatalog.json`,
      `${FOLDER}/%00`,
      "/dataset/7/catalog.json?count=1",
      "/dataset/7/..%2fcatalog.json?count=1",
    ),
  ),
  ...typed(
    "no-such-sampler",
    rows(
      "GET",
      400,
      "/sample?seed=1&sampler=prior&digit=1&model=cnn",
      "/sample?seed=1&sampler=mixture&model=vq",
      "/grid?digit=1&sampler=prior&model=cnn",
      "/number/1?sampler=prior&model=cnn",
      "/number/1?sampler=mixture&model=vq",
      "/sample?seed=1&guidance=0.2&model=cnn",
      "/grid?seed=1&guidance=0.2&model=vq",
      "/number/1?guidance=0.2&model=vq",
      "/interpolate?from=a&to=b&guidance=0&model=mlp",
    ),
  ),
  ...typed(
    "unknown-model",
    rows(
      "GET",
      404,
      "/sample?model=gamma",
      "/grid?model=gamma",
      "/interpolate?from=a&to=b&model=constructor",
      "/models/gamma",
      "/models/__proto__",
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
      "/number/12/3",
      "/purge",
      "/_headers",
      "/problems/nothing",
      "/%ff",
    ),
  ),
  ...typed("method-not-allowed", rows("GET", 405, "/encode", "/reconstruct")),
  ...typed("method-not-allowed", rows("HEAD", 405, "/reconstruct")),
  ...typed("method-not-allowed", rows("PUT", 405, "/sample", "/encode")),
  ...typed("method-not-allowed", rows("PATCH", 405, "/sample")),
  ...typed(
    "method-not-allowed",
    rows(
      "POST",
      405,
      "/sample",
      "/interpolate?from=a&to=b",
      "/grid",
      "/manifold",
      "/decode",
      "/models",
      "/health",
      "/number/1",
      "/models/cnn",
    ),
  ),
  ...typed("method-not-allowed", rows("DELETE", 405, "/sample", "/models", "/encode", `${FOLDER}/card.json`)),
];
