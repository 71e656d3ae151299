// The command line of the trainer: finds the command by its name.

import { type Command, runCommand } from "./command-line.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { modelsCommand } from "./commands/models.ts";
import { promoteCommand } from "./commands/promote.ts";
import { pruneCommand } from "./commands/prune.ts";
import { releaseCommand } from "./commands/release.ts";
import { reportCommand } from "./commands/report.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { trainCommand } from "./commands/train.ts";
import { verifyCommand } from "./commands/verify.ts";

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
];

const [name, ...args] = process.argv.slice(2);
const command = commands.find((candidate) => candidate.name === name);
if (command) {
  await runCommand(command, args);
} else {
  const list = commands.map(({ usage, summary }) => `  ${usage}\n      ${summary}`).join("\n");
  if (name !== undefined && name !== "--help") {
    console.error(`error: unknown command "${name}"`);
    process.exitCode = 2;
  }
  console.log(`Commands:\n${list}\n\nEach has --help.`);
}
