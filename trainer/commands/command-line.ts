// Command lines from schemas: options, their help and their checks follow from one record of valibot fields.

import { parseArgs } from "node:util";
import * as v from "valibot";
import { UsageError } from "../errors.ts";
import { EXIT_CODES, endWell } from "./failures.ts";

/** One field per option; `batchSize` is `--batch-size`. Each has a description. */
export type Fields = Record<string, v.GenericSchema>;

export interface Command<F extends Fields = Fields> {
  readonly name: string;
  readonly summary: string;
  /** How it is called, without options, such as "npm run release -- RUN". */
  readonly usage: string;
  readonly examples: readonly string[];
  readonly fields: F;
  /** Names of the arguments without dashes, all required; a last one such as "RUN..." takes one or more. */
  readonly positionals: readonly string[];
  readonly run: (options: Options<F>, positionals: readonly string[]) => Promise<void>;
}

/** Checked options, and which of them were given rather than defaulted. */
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
 * @throws UsageError naming what was wrong, what was expected, and how to get help
 */
export function parseCommand<F extends Fields>(command: Command<F>, args: readonly string[]) {
  const hint = `; see "${command.usage} --help"`;
  const fields = Object.entries(command.fields);
  const options = Object.fromEntries(
    fields.map(([key, field]) => [
      flagOf(key),
      { type: typeOf(field) === "boolean" ? "boolean" : "string" } as const,
    ]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const message = (cause as Error).message.split(". ")[0];
    throw new UsageError(`${message}${hint}`, { cause });
  }
  const { length: needed } = command.positionals;
  const takesMore = command.positionals.at(-1)?.endsWith("...") ?? false;
  if (parsed.positionals.length < needed || (parsed.positionals.length > needed && !takesMore)) {
    const expected = command.positionals.length === 0 ? "none" : command.positionals.join(" ");
    throw new UsageError(
      `expected arguments: ${expected}; found: ${parsed.positionals.join(" ") || "none"}${hint}`,
    );
  }
  const given = Object.fromEntries(
    fields.flatMap(([key, field]) => {
      const text = parsed.values[flagOf(key)];
      if (text === undefined) return [];
      return [[key, typeOf(field) === "number" ? numberFrom(text as string) : text]];
    }),
  );
  const result = v.safeParse(v.strictObject(command.fields), given);
  if (!result.success) {
    const [issue] = result.issues;
    const key = String(issue.path?.[0]?.key);
    throw new UsageError(`--${flagOf(key)}: ${issue.message}${hint}`);
  }
  return {
    options: { values: result.output, given: new Set(Object.keys(given)) } as Options<F>,
    positionals: parsed.positionals,
  };
}

/** Runs one command as a process: help, checks, work; see `endWell` for failures. */
export function runCommand(command: Command, args: readonly string[]): Promise<void> {
  return endWell(async () => {
    if (args.includes("--help")) return console.log(helpOf(command));
    const { options, positionals } = parseCommand(command, args);
    await command.run(options, positionals);
  });
}

/** The text of --help: summary, options with meaning, allowed values and default, examples, exit codes. */
export function helpOf(command: Command): string {
  const rows = Object.entries(command.fields).map(([key, field]) => {
    const type = typeOf(field);
    const placeholder = type === "boolean" ? "" : type === "number" ? " NUMBER" : " TEXT";
    const fallback = type === "boolean" ? undefined : v.getDefault(field as v.GenericSchema);
    const choices = choicesOf(field);
    const details = [
      choices && `one of ${choices.join(", ")}`,
      fallback !== undefined && `default ${fallback}`,
    ].filter(Boolean);
    const meaning = v.getDescription(field) ?? "";
    return [`--${flagOf(key)}${placeholder}`, meaning + (details.length ? ` (${details.join("; ")})` : "")];
  });
  rows.push(["--help", "show this text"]);
  const width = Math.max(...rows.map(([flag]) => flag!.length)) + 2;
  return [
    command.summary,
    "",
    `Usage: ${command.usage} [options]`,
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

export function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Not a number stays text, so that the schema's message shows what was typed. */
function numberFrom(text: string): number | string {
  return /^[-+.\d]/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** The schema under optional() and pipe(). */
function innermost(field: v.GenericSchema): v.GenericSchema & { readonly options?: readonly string[] } {
  const { pipe, wrapped } = field as { pipe?: readonly v.GenericSchema[]; wrapped?: v.GenericSchema };
  if (pipe) return innermost(pipe[0] === field ? (wrapped ?? field) : pipe[0]!);
  return wrapped ? innermost(wrapped) : field;
}

function typeOf(field: v.GenericSchema): string {
  const { type } = innermost(field);
  return type;
}

function choicesOf(field: v.GenericSchema): readonly string[] | undefined {
  return innermost(field).options;
}
