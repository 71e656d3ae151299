// Command lines from schemas: options, their help and their checks come from one record of valibot fields.

import { parseArgs } from "node:util";
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { UsageError } from "../errors.ts";
import { type Fields, flagOf } from "../options.ts";
import { EXIT_CODES, endWell } from "./failures.ts";

/** Between two looks whether the shell that npm started still runs. */
const SHELL_CHECK_MS = 500;

export interface Command<F extends Fields = Fields> {
  /** As in `npm run NAME`. */
  readonly name: string;
  /** How it is called where that is not by npm. */
  readonly call?: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly fields: F;
  /** Names of the arguments without dashes, all required; a last one such as "RUN..." takes one or more. */
  readonly positionals?: readonly string[];
  readonly run: (options: Options<F>, positionals: readonly string[]) => Promise<void>;
}

/** Validated options, and which of them were given explicitly. */
export interface Options<F extends Fields> {
  readonly values: v.InferOutput<v.StrictObjectSchema<F, undefined>>;
  readonly given: ReadonlySet<keyof F & string>;
}

/** Ties a command's `run` to its own fields. */
export function defineCommand<F extends Fields>(command: Command<F>): Command {
  return command as unknown as Command;
}

/**
 * Parses and checks the arguments of a command.
 * @throws UsageError with what was found, what was expected, and how to get help
 */
export function parseCommand<F extends Fields>(command: Command<F>, args: readonly string[]) {
  const hint = `; see "${usageOf(command)} --help"`;
  const fields = Object.entries(command.fields).map(([key, field]) => {
    const { type } = describe(field);
    return { key, flag: flagOf(key), type: type === "integer" ? "number" : type };
  });
  const options = Object.fromEntries(
    fields.map(({ flag, type }) => [flag, { type: type === "boolean" ? type : "string" } as const]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const message = (cause as Error).message.split(". ")[0]!.replace(/\.\n.*\nTo(.*)\.$/, "; to$1");
    throw new UsageError(`${message}${hint}`, { cause });
  }
  const { values, positionals } = parsed;
  const { positionals: needed = [] } = command;
  const takesMore = needed.at(-1)?.endsWith("...") ?? false;
  if (positionals.length < needed.length || (positionals.length > needed.length && !takesMore)) {
    const [expected, found] = [needed, positionals].map((names) => names.join(" ") || "none");
    throw new UsageError(`expected arguments: ${expected}; found: ${found}${hint}`);
  }
  // An unset variable of a script, which would stand for the current folder.
  if (positionals.includes(""))
    throw new UsageError(`expected arguments: ${needed.join(" ")}; found an empty one${hint}`);
  const empty = fields.find(({ flag }) => values[flag] === "");
  if (empty) throw new UsageError(`--${empty.flag}: expected a value, found ""${hint}`);
  const given = Object.fromEntries(
    fields
      .filter(({ flag }) => values[flag] !== undefined)
      .map(({ key, flag, type }) => [key, type === "number" ? numberFrom(values[flag]) : values[flag]]),
  );
  const schema = v.strictObject(command.fields);
  const result = v.safeParse(schema, given, { message: () => "" });
  if (!result.success) {
    const [issue] = result.issues;
    const key = String(issue.path?.[0]?.key);
    const expected = issue.message || `expected ${expectedBy(command.fields[key]!)}`;
    throw new UsageError(`--${flagOf(key)}: ${expected}, found ${JSON.stringify(given[key])}${hint}`);
  }
  return {
    options: { values: result.output, given: new Set(Object.keys(given)) } as Options<F>,
    positionals,
  };
}

/** Runs one command as a process: help, validation, work; see `endWell` for failures. */
export function runCommand<F extends Fields>(command: Command<F>, args = process.argv.slice(2)) {
  return endWell(async () => {
    if (args.includes("--help")) return console.log(helpOf(command));
    const { options, positionals } = parseCommand(command, args);
    if (process.env.npm_lifecycle_event === command.name) endWithShell();
    await command.run(options, positionals);
  });
}

/** Passes on a signal that ended the shell between npm and this process: npm sends it to the shell alone, which keeps it. */
function endWithShell(): void {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, SHELL_CHECK_MS);
  watch.unref();
}

/** The text of --help: summary, options with meaning, allowed values and default, examples, exit codes. */
export function helpOf(command: Omit<Command, "run">) {
  const rows = Object.entries(command.fields).map(([key, field]) => {
    const { type, enum: choices, default: fallback, description } = describe(field);
    const placeholder = { boolean: "", string: " TEXT" }[String(type)] ?? " NUMBER";
    const details = [
      choices && `one of ${choices.join(", ")}`,
      type !== "boolean" && fallback !== undefined && `default ${fallback}`,
    ].filter(Boolean);
    return [
      `--${flagOf(key)}${placeholder}`,
      `${description}${details.length > 0 ? ` (${details.join("; ")})` : ""}`,
    ];
  });
  rows.push(["--help", "show this text"]);
  const width = Math.max(...rows.map(([flag]) => flag!.length)) + 2;
  return [
    command.summary,
    "",
    `Usage: ${usageOf(command)} [options]`,
    "",
    "Options:",
    ...rows.map(([flag, text]) => `  ${flag!.padEnd(width)}${text}`),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
    `Exit codes: ${EXIT_CODES}`,
    "",
  ].join("\n");
}

/** How a command is called, without options. */
export function usageOf({
  name,
  call = `npm run ${name} --`,
  positionals = [],
}: Pick<Command, "name" | "call" | "positionals">): string {
  return [call, ...positionals].join(" ");
}

/** A field's type, in terms of JSON Schema. */
function describe(field: v.GenericSchema) {
  return toJsonSchema(field, { errorMode: "ignore" });
}

/** What a field takes, for one whose schema has no message of its own. */
function expectedBy(field: v.GenericSchema): string {
  const { type, enum: choices, minimum, exclusiveMinimum, maximum, multipleOf, maxLength } = describe(field);
  if (choices) return `one of ${choices.join(", ")}`;
  const limits = [
    minimum !== undefined && `at least ${minimum}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && `at most ${maximum}`,
    multipleOf !== undefined && `a multiple of ${multipleOf}`,
    maxLength !== undefined && `at most ${maxLength} characters`,
  ].filter(Boolean);
  const what = { integer: "a whole number", number: "a number" }[String(type)] ?? "text";
  return limits.length > 0 ? `${what} (${limits.join(", ")})` : what;
}

/** Text that is not a number stays as it is, so that the schema's message shows what was typed. */
function numberFrom(text: unknown): unknown {
  return /^[-+.\d]/.test(String(text)) && Number.isFinite(Number(text)) ? Number(text) : text;
}
