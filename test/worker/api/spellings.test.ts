// One picture has one pinned address and one ETag, however it is requested; another picture has others.

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { latentDim } from "../../../shared/latent/kind.ts";
import { presets } from "../../../shared/model/presets.ts";
import { sample } from "../../../worker/api/sample.ts";
import { makeMixture, makeRelease } from "../../fixture.ts";
import { flowSpec } from "../../shared/latent/flow/flow-models.ts";
import { publish } from "../bucket.ts";
import { fetchPath } from "./drawing-models.ts";

beforeAll(async () => {
  await publish(
    await makeRelease("plain", "2"),
    await makeRelease("mixed", "3", presets.smoke, makeMixture(latentDim(presets.smoke), "3")),
    await makeRelease("codes", "5", presets["vq-smoke"]),
    await makeRelease("flow", "6", flowSpec({ dim: 6, width: 32, blocks: 2 })),
  );
});

/** Headers that name the picture, and its bytes. */
async function identify(path: string) {
  const response = await fetchPath(path);
  expect(response.status, path).toBe(200);
  const [, address] = /^<(.+)>; rel="canonical"$/.exec(response.headers.get("Link") ?? "") ?? [];
  const bytes = new Uint8Array(await response.arrayBuffer()).join();
  return { address, etag: response.headers.get("ETag"), bytes };
}

type Spelling = readonly string[];
/** Sets of parameters, each in spellings that mean the same; the empty one leaves a default out. */
const DRAWING: readonly Spelling[][] = [
  [["", "size=28"], ["size=29"], ["size=56"]],
  [
    ["", "fg=fff", "fg=FFF", "fg=ffffff", "fg=FfFfFf"],
    ["fg=f80", "fg=F80", "fg=ff8800"],
  ],
  [["", "bg=000", "bg=000000"], ["bg=transparent"], ["bg=FFF", "bg=ffffff"]],
  [["", "format=png"]],
  [["", "slant=0"], ["slant=15"], ["slant=-15"]],
  [
    ["", "weight=1", "weight=1.0"],
    ["weight=1.3", "weight=1.30"],
  ],
];
const TEMPERATURE: readonly Spelling[] = [
  ["", "temperature=1", "temperature=1.0", "temperature=1.0000"],
  ["temperature=0.5", "temperature=0.50"],
  ["temperature=2", "temperature=2.0"],
];
const PICTURE: readonly Spelling[] = [["", "picture=2"]];
/** The flow's own is 0.125. */
const GUIDANCE: readonly Spelling[] = [
  ["", "guidance=0.125", "guidance=0.1250"],
  ["guidance=0", "guidance=0.0"],
  ["guidance=0.5", "guidance=0.50"],
];
const MIXED: readonly Spelling[] = [["", "sampler=mixture"], ["sampler=prior"]];

/** Pictures of a route: choices that are made one by one, each in its spellings. */
const ROUTES: Record<string, { readonly path: string; readonly choices: readonly (readonly Spelling[])[] }> =
  {
    "a sample of a mixture": {
      path: "/sample",
      choices: [
        [["seed=a%20b", "seed=a+b"], ["seed=a"]],
        [["model=mixed"]],
        MIXED,
        TEMPERATURE,
        PICTURE,
        ...DRAWING,
      ],
    },
    "a sample of a digit": {
      path: "/sample",
      choices: [
        [["seed=a"]],
        [["model=mixed"]],
        [["", "sampler=mixture"]],
        [["digit=3"], ["digit=4"]],
        ...DRAWING,
      ],
    },
    "a sample of N(0, I)": {
      path: "/sample",
      choices: [[["seed=a"]], [["", "model=plain"]], [["", "sampler=prior"]], TEMPERATURE, ...DRAWING],
    },
    "a sample of codes": {
      path: "/sample",
      choices: [
        [["seed=a"]],
        [["model=codes"]],
        [["", "sampler=prior"]],
        [["digit=3"], ["digit=4"], [""]],
        PICTURE,
      ],
    },
    "a sample of a flow": {
      path: "/sample",
      choices: [[["seed=a"]], [["model=flow"]], [["", "sampler=prior"]], GUIDANCE, TEMPERATURE, PICTURE],
    },
    "JSON with and without details": {
      path: "/sample",
      choices: [[["seed=a"]], [["format=json"]], [["", "details=false"], ["details=true"]], PICTURE],
    },
    "a grid": {
      path: "/grid",
      choices: [
        [["seed=s"]],
        [["model=mixed"]],
        MIXED.slice(0, 1),
        [["", "cols=6"], ["cols=2"]],
        [
          ["", "rows=6"],
          ["rows=2"],
          ["digit=7", "digits=7&rows=6", "digits=77&rows=6", "digit=7&rows=6"],
          ["digit=7&rows=1", "digits=7", "digits=7&rows=1"],
          ["digits=12", "digits=12&rows=2"],
          ["digits=12&rows=4", "digits=1212", "digits=1212&rows=4"],
          ["digits=121", "digits=12&rows=3", "digits=121&rows=3"],
          ["digits=121&rows=6"],
        ],
        ...DRAWING.slice(1),
      ],
    },
    "a walk between two": {
      path: "/interpolate",
      choices: [
        [
          ["from=a&to=b", "seeds=a,b"],
          ["from=b&to=a", "seeds=b,a"],
          ["from=a&to=b&fromDigit=3&toDigit=8", "seeds=a,b&digits=38"],
          ["from=a&to=b&fromDigit=3&toDigit=3", "seeds=a,b&digits=3", "seeds=a,b&digits=33"],
          ["from=a&to=a&fromDigit=1&toDigit=2", "seeds=a&digits=12", "seeds=a,a&digits=12"],
          ["from=a&to=b&fromDigit=3"],
        ],
        [["model=mixed"]],
        [
          ["", "steps=8", "path=slerp", "steps=8&path=slerp"],
          ["path=lerp", "path=lerp&steps=8"],
          ["steps=2", "steps=2&path=lerp", "steps=2&path=slerp"],
          ["steps=3"],
        ],
        [["", "loop=false"], ["loop=true"]],
        [["", "format=png"], ["format=apng", "format=apng&fps=12"], ["format=apng&fps=13"]],
      ],
    },
    "a walk through several": {
      path: "/interpolate",
      choices: [
        [
          ["seeds=a,b,c"],
          ["seeds=a,b,c&digits=7", "seeds=a,b,c&digits=777"],
          ["seeds=a&digits=385", "seeds=a,a,a&digits=385"],
          ["seeds=a&digits=777", "seeds=a,a,a&digits=7", "seeds=a,a,a&digits=777"],
          ["seeds=a,b,a&digits=385"],
        ],
        [["model=mixed"]],
        [["", "sampler=mixture"]],
      ],
    },
    "a walk between codes": {
      path: "/interpolate",
      choices: [
        [["from=a&to=b", "seeds=a,b"]],
        [["model=codes"]],
        [["", "path=slerp", "path=lerp"]],
        PICTURE,
      ],
    },
    "a walk through a flow": {
      path: "/interpolate",
      choices: [
        [["from=a&to=b", "seeds=a,b"]],
        [["model=flow"]],
        [["", "path=slerp"], ["path=lerp"], ["steps=2&path=lerp", "steps=2"]],
        GUIDANCE,
        PICTURE,
      ],
    },
    "a number": {
      path: "/number/12",
      choices: [
        [["seed=s"]],
        [["model=mixed"]],
        [["", "sampler=mixture"]],
        [["", "temperature=0.6", "temperature=0.60"], ["temperature=1"]],
        [["", "layout=ink"], ["layout=squares"]],
        [["", "spacing=0"], ["spacing=-1"]],
      ],
    },
    "a number of one digit": {
      path: "/number/7",
      choices: [
        [["seed=s"]],
        [["model=mixed"]],
        [["", "spacing=0", "spacing=5"]],
        [["", "layout=ink"], ["layout=squares"]],
      ],
    },
    "a latent": {
      path: "/decode",
      choices: [
        [
          [
            "z=0.1,-1.25,0,3",
            "z=0.10,-1.250,0.0,3e0",
            "z=1e-1,-125e-2,-0,3",
            "z=0.10000000149011612,-1.25,1e-99,3",
          ],
          ["z=0.1,-1.25,0,3.1"],
        ],
        [["", "model=plain"]],
        ...DRAWING,
      ],
    },
  };

const shuffled = (parts: readonly string[]) =>
  fc.shuffledSubarray([...parts], { minLength: parts.length, maxLength: parts.length });

describe.each(Object.entries(ROUTES))("%s", (_, { path, choices }) => {
  /** Which picture, and an address of it. */
  const request = fc.tuple(...choices.map((options) => fc.nat(options.length - 1))).chain((picked) =>
    fc
      .tuple(...picked.map((option, i) => fc.constantFrom(...choices[i]![option]!)))
      .chain((spelling) =>
        shuffled(
          spelling
            .filter((part) => part !== "")
            .join("&")
            .split("&"),
        ),
      )
      .map((parts) => ({ picture: picked.join(), address: `${path}?${parts.join("&")}` })),
  );

  it("has one address and one ETag for all spellings of a picture, and others for another picture", async () => {
    const known = new Map<string, { address: string | undefined; etag: string | null; bytes: string }>();
    await fc.assert(
      fc.asyncProperty(request, async ({ picture, address }) => {
        const found = await identify(address);
        const before = known.get(picture);
        if (before) expect(found, address).toEqual(before);
        else {
          for (const other of known.values()) {
            expect(other.address, address).not.toBe(found.address);
            expect(other.etag, address).not.toBe(found.etag);
          }
        }
        known.set(picture, found);
      }),
      { numRuns: 60 },
    );
    for (const { address, etag, bytes } of [...known.values()].slice(0, 5)) {
      expect(await identify(address!), address).toEqual({ address: undefined, etag, bytes });
    }
  });
});

it("the address has its parameters in the order that the typed client writes", async () => {
  const { address } = await identify(
    "/sample?weight=1.2&temperature=0.5&slant=5&size=56&seed=a&guidance=0.5&fg=036&digit=3&bg=fff&model=flow",
  );
  const names = [...new URLSearchParams(address!.slice(address!.indexOf("?"))).keys()];
  expect(names).toEqual([
    ...[
      "bg",
      "digit",
      "fg",
      "guidance",
      "model",
      "picture",
      "seed",
      "size",
      "slant",
      "temperature",
      "weight",
    ],
  ]);
  // Nothing that a picture depends on is missing from the spellings above.
  expect(Object.keys(sample.query.entries).toSorted()).toEqual(
    [...names, "details", "format", "sampler"].toSorted(),
  );
});

describe("the picture format", () => {
  it.each(["3", "0", "01", "1.0", "latest", ""])(
    "%j is refused with the list of those that there are",
    async (number) => {
      for (const path of [
        "/sample?seed=1",
        "/grid?seed=1",
        "/interpolate?from=a&to=b",
        "/decode?z=0,0,0,0",
      ]) {
        const response = await fetchPath(`${path}&picture=${number}`);
        expect(response.status, path).toBe(400);
        const { parameter, detail } = await response.json<{ parameter: string; detail: string }>();
        expect([parameter, detail]).toEqual(["picture", expect.stringContaining("there are: 1, 2, found")]);
      }
    },
  );

  it("of a pinned address without a number is 1, which has neither slant nor weight", async () => {
    const { address } = await identify("/sample?seed=a&size=56&model=plain");
    const [first, second, bare] = ["1", "2", undefined].map((number) =>
      address!.replace("&picture=2", number === undefined ? "" : `&picture=${number}`),
    ) as [string, string, string];
    const old = await identify(first);
    expect(await identify(bare)).toEqual(old);
    expect((await identify(second)).bytes).not.toBe(old.bytes);
    for (const path of [
      `${first}&slant=5`,
      `${bare}&slant=5`,
      `${bare}&weight=1.3`,
      "/sample?seed=1&picture=1&slant=1",
    ]) {
      const response = await fetchPath(path);
      const { parameter, detail } = await response.json<{ parameter: string; detail: string }>();
      expect([response.status, parameter], path).toEqual([400, path.includes("slant") ? "slant" : "weight"]);
      expect(detail).toContain("requires picture=2");
    }
  });
});
