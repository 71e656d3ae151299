// Options of a script that runs from top to bottom: --help and wrong options end it before it begins.

import { type Command, defineCommand, type Options, runCommand } from "../trainer/commands/command-line.ts";
import type { Fields } from "../trainer/options.ts";

/** @returns the checked options, with their defaults */
export async function readOptions<F extends Fields>(
  command: Omit<Command<F>, "positionals" | "run">,
): Promise<Options<F>["values"]> {
  let values: Options<F>["values"] | undefined;
  const reading = defineCommand<F>({
    ...command,
    run: async (options) => {
      values = options.values;
    },
  });
  await runCommand(reading, process.argv.slice(2));
  // Help was shown, or why the options are wrong.
  if (!values) process.exit();
  return values;
}
