// Good and bad requests of every route over the bundled models, and what they get.

export interface TableRow {
  readonly status: number;
  readonly address: string;
  readonly method: string;
  /** The parameter that the refusal names. */
  readonly parameter?: string;
  readonly type?: string;
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
    "/sample?seed=1&model=cnn",
    "/sample?seed=1&model=mlp&digit=3",
    "/interpolate?from=a&to=b",
    "/interpolate?from=a&to=a&steps=2",
    "/interpolate?from=a&to=b&steps=32&size=90",
    "/interpolate?from=a&to=b&fromDigit=1&toDigit=7&format=apng",
    "/interpolate?from=a&to=b&format=json&steps=2",
    "/interpolate?from=a&to=b&sampler=prior&temperature=0",
    "/models",
    "/health",
  ),
  ...rows(
    "HEAD",
    200,
    "/sample?seed=1",
    "/interpolate?from=a&to=b",
    "/models",
    "/health",
    "/docs",
    "/openapi.json",
  ),
  ...rows("OPTIONS", 204, "/sample", "/interpolate", "/models", "/health"),
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
    ["/interpolate?from=a&to=b&format=svg", "format"],
    ["/models?x=1", "x"],
    ["/health?verbose", "verbose"],
  ),
  ...typed("no-such-sampler", rows("GET", 400, "/sample?seed=1&sampler=prior&digit=1")),
  ...typed(
    "unknown-model",
    rows("GET", 404, "/sample?model=gamma", "/interpolate?from=a&to=b&model=constructor"),
  ),
  ...typed("unknown-version", rows("GET", 404, "/sample?seed=1&model=cnn@000000000000")),
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
      "/_headers",
      "/problems/nothing",
      "/%ff",
    ),
  ),
  ...typed(
    "method-not-allowed",
    rows("POST", 405, "/sample", "/interpolate?from=a&to=b", "/models", "/health"),
  ),
  ...typed("method-not-allowed", rows("DELETE", 405, "/sample", "/models")),
];
