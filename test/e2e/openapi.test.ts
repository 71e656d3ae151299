// What the build makes of the table of operations: a valid OpenAPI document that leaves nothing out, pages, a client.

import { readFile } from "node:fs/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { docsPage, problemPage } from "../../scripts/site/page.ts";
import { CLIENT_LIMIT, HEAVY_LIMIT, LIMIT_PERIOD_SECONDS } from "../../worker/api/client-limit.ts";
import { PROBLEMS } from "../../worker/api/problems.ts";
import { describeApi, makeOpenApi } from "../../worker/docs/openapi.ts";
import { OPERATIONS } from "../../worker/docs/operations.ts";
import { PROBLEM_TYPES } from "../../worker/docs/problem-types.ts";
import { PAGES } from "../../worker/page.ts";

interface Described {
  readonly parameters?: readonly {
    readonly name: string;
    readonly description: string;
    readonly schema: { readonly default?: unknown; readonly examples?: readonly unknown[] };
  }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
}

const document = makeOpenApi("1.2.3");
/** By an independent reader. */
const resolve = <Part extends Readonly<Record<string, unknown>>>(part: Part) =>
  new Validator().resolveRefs({ specification: { ...structuredClone(part) } }) as Part;
const resolved = resolve(document);
const operations = Object.values(resolved.paths as Record<string, Record<string, Described>>).flatMap(
  (methods) => Object.values(methods),
);
const problemTypes = Object.keys(PROBLEMS).toSorted();

describe("the OpenAPI document", () => {
  it("is valid according to an independent validator, which finds planted errors", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toMatchObject({ valid: true });
    expect(validator.version).toBe("3.1");
    const { info: _, ...broken } = structuredClone(document);
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it("has each parameter and each failure once, and is the same with all references resolved", () => {
    expect(resolved.paths).toEqual(resolve(describeApi("1.2.3")).paths);
    expect(JSON.stringify(document).length).toBeLessThan(72_000);
    const { parameters } = document.components as { parameters: object };
    const texts = Object.values(parameters).map((parameter) => JSON.stringify(parameter));
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("is what the build wrote", async () => {
    const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
    const written = JSON.parse(await readFile("build/assets/openapi.json", "utf8"));
    expect(written, 'run "npm run build"').toEqual(makeOpenApi(version));
  });

  it("has every operation with its parameters in the schema's order, each explained", () => {
    OPERATIONS.forEach(({ query, pathParameters }, i) => {
      const names = Object.keys({ ...pathParameters?.entries, ...query.entries });
      expect((operations[i]!.parameters ?? []).map(({ name }) => name)).toEqual(names);
      for (const { name, description } of operations[i]!.parameters ?? []) {
        expect(description, name).toMatch(/^[A-Z].{8,}\.$/s);
      }
    });
  });

  it("gives defaults and examples that its own schemas allow", () => {
    const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 6 });
    for (const { name, schema } of operations.flatMap(({ parameters = [] }) => parameters)) {
      expect(schema.examples?.length, name).toBeGreaterThan(0);
      for (const value of [schema.default, ...schema.examples!].filter((given) => given !== undefined)) {
        expect(ajv.validate(schema, value), `${name}: ${value}`).toBe(true);
      }
    }
  });

  it("says ranges and defaults as numbers", () => {
    const size = operations[0]!.parameters!.find(({ name }) => name === "size")!;
    expect(size.schema).toMatchObject({ type: "integer", minimum: 28, maximum: 512, default: 28 });
  });

  it("documents a problem reply for every status that its types have", () => {
    for (const { responses } of operations) {
      for (const status of ["400", "429", "500", "503"]) {
        expect(responses[status]?.content).toHaveProperty(["application/problem+json"]);
      }
    }
  });
});

describe("problem types are the same in", () => {
  it("the Worker and the document", () => {
    const { components } = document as {
      components: { schemas: { Problem: { properties: { type: { enum: string[] } } } } };
    };
    const documented = components.schemas.Problem.properties.type.enum;
    expect(documented.toSorted()).toEqual(problemTypes.map((type) => `/problems/${type}`));
  });

  it("the reader, and a page for each", async () => {
    const docs = docsPage(describeApi("1.2.3"));
    const listed = [...docs.matchAll(/<tr id="([^"]+)">/g)].map(([, type]) => type);
    expect(listed.toSorted()).toEqual(problemTypes);
    for (const problem of PROBLEM_TYPES) {
      const page = await readFile(`build/assets/problems/${problem.type}.html`, "utf8");
      expect(page, 'run "npm run build"').toBe(problemPage(problem));
    }
  });
});

/** Parted where an import waits until it is needed. */
async function bundleWorker() {
  const { metafile } = await build({
    entryPoints: ["worker/index.ts"],
    bundle: true,
    splitting: true,
    format: "esm",
    external: ["cloudflare:*", "node:*", "*.wasm", "*.bin"],
    outdir: "out",
    write: false,
    metafile: true,
  });
  return metafile;
}

describe("what is built", () => {
  it("keeps the generation of the document out of the Worker", async () => {
    const inputs = Object.keys((await bundleWorker()).inputs);
    expect(inputs).toContain("worker/api/parameters.ts");
    expect(inputs.filter((path) => /to-json-schema|worker\/docs/.test(path))).toEqual([]);
  });

  it("evaluates upng-js when the first PNG is sent, not for drawing", async () => {
    const { outputs } = await bundleWorker();
    const parts = Object.entries(outputs);
    const [start] = parts.find(([, { entryPoint }]) => entryPoint === "worker/index.ts")!;
    const atStart = new Set([start]);
    for (const path of atStart)
      for (const { kind, path: next } of outputs[path]?.imports ?? []) {
        if (kind === "import-statement") atStart.add(next);
      }
    const evaluated = parts
      .filter(([path]) => atStart.has(path))
      .flatMap(([, part]) => Object.keys(part.inputs));
    expect(evaluated).toContain("worker/upload/read-png.ts");
    expect(evaluated.filter((path) => /upng/.test(path))).toEqual([]);
    expect([...atStart]).not.toContain("node:zlib");
    expect(parts.flatMap(([, part]) => Object.keys(part.inputs))).toContain("node_modules/upng-js/UPNG.js");
  });

  it("is told to language models too, every route with its parameters and examples", async () => {
    const text = await readFile("build/assets/llms.txt", "utf8");
    for (const { method, path, summary, query, examples } of OPERATIONS) {
      expect(text).toContain(`## ${method} ${path.replace(/:(\w+)/g, "{$1}")}: ${summary}`);
      for (const name of Object.keys(query.entries)) expect(text).toContain(`- \`${name}\`: `);
      for (const address of Object.keys(examples)) expect(text).toContain(`](${address})`);
    }
  });

  it("includes a client without a dependency", async () => {
    expect(await readFile("build/client/client.js", "utf8")).not.toMatch(/^\s*import\b/m);
  });

  it("has all routes of the Worker in wrangler.toml as those that run it first", async () => {
    const [, list] = (await readFile("wrangler.toml", "utf8")).match(/run_worker_first = \[([^\]]*)\]/)!;
    const patterns = [...list!.matchAll(/"([^"]+)"/g)].map(([, pattern]) => pattern!);
    const routed = OPERATIONS.map(({ path }) => path.replace(/:.*/, "*"));
    expect(patterns.toSorted()).toEqual([...new Set([...routed, ...PAGES])].toSorted());
  });

  it("tells clients the limits and the period that wrangler.toml configures", async () => {
    const config = await readFile("wrangler.toml", "utf8");
    const limitOf = (name: string) =>
      config
        .match(new RegExp(`name = "${name}"[^[]*limit = (\\d+), period = (\\d+)`))!
        .slice(1)
        .map(Number);
    expect(limitOf("CLIENT_LIMIT")).toEqual([CLIENT_LIMIT, LIMIT_PERIOD_SECONDS]);
    expect(limitOf("HEAVY_LIMIT")).toEqual([HEAVY_LIMIT, LIMIT_PERIOD_SECONDS]);
  });
});
