// The trainer's command line. It loads only the command that is run, since loading TensorFlow.js takes a second.

import { type Command, runCommand, usageOf } from "./commands/command-line.ts";
import { EXIT_CODES, endWell } from "./commands/failures.ts";
import { UsageError } from "./errors.ts";

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  train: async () => (await import("./commands/train.ts")).trainCommand,
  evaluate: async () => (await import("./commands/evaluate.ts")).evaluateCommand,
  likelihood: async () => (await import("./commands/likelihood.ts")).likelihoodCommand,
  "likelihood:evaluate": async () =>
    (await import("./commands/likelihood-evaluate.ts")).likelihoodEvaluateCommand,
  report: async () => (await import("./commands/report.ts")).reportCommand,
  release: async () => (await import("./commands/release.ts")).releaseCommand,
  promote: async () => (await import("./commands/promote.ts")).promoteCommand,
  rollback: async () => (await import("./commands/rollback.ts")).rollbackCommand,
  models: async () => (await import("./commands/models.ts")).modelsCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  prune: async () => (await import("./commands/prune.ts")).pruneCommand,
  dataset: async () => (await import("./commands/dataset.ts")).datasetCommand,
  classifier: async () => (await import("./commands/classifier.ts")).classifierCommand,
};

const [name = "--help", ...args] = process.argv.slice(2);
if (Object.hasOwn(commands, name)) {
  await runCommand(await commands[name]!(), args);
} else {
  await endWell(async () => {
    const all = await Promise.all(Object.values(commands).map((load) => load()));
    const list = all.map((each) => `  ${usageOf(each)}\n      ${each.summary}`);
    console.log(`Commands:\n${list.join("\n")}\n\nEach has --help. Exit codes: ${EXIT_CODES}`);
    if (name !== "--help") throw new UsageError(`unknown command "${name}"`);
  });
}
