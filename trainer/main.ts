// The command line of the trainer.

import { classifierCommand } from "./commands/classifier.ts";
import { type Command, runCommand, usageOf } from "./commands/command-line.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { EXIT_CODES, endWell } from "./commands/failures.ts";
import { modelsCommand } from "./commands/models.ts";
import { promoteCommand } from "./commands/promote.ts";
import { pruneCommand } from "./commands/prune.ts";
import { releaseCommand } from "./commands/release.ts";
import { reportCommand } from "./commands/report.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { trainCommand } from "./commands/train.ts";
import { verifyCommand } from "./commands/verify.ts";
import { UsageError } from "./errors.ts";

const commands: readonly Command[] = [
  trainCommand,
  evaluateCommand,
  reportCommand,
  releaseCommand,
  promoteCommand,
  rollbackCommand,
  modelsCommand,
  verifyCommand,
  pruneCommand,
  classifierCommand,
];

const [name, ...args] = process.argv.slice(2);
const command = commands.find((candidate) => candidate.name === name);
if (command) {
  await runCommand(command, args);
} else {
  await endWell(async () => {
    const list = commands.map((each) => `  ${usageOf(each)}\n      ${each.summary}`);
    console.log(`Commands:\n${list.join("\n")}\n\nEach has --help. Exit codes: ${EXIT_CODES}`);
    if (name !== undefined && name !== "--help") throw new UsageError(`unknown command "${name}"`);
  });
}
