// Checks, before anything is written, that --resume ends with the same weights as an unbroken run.

import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { RunError } from "../errors.ts";
import type { LatentKind } from "../latent/latent-kind.ts";
import { readHistories, stageFile } from "../latent/stages.ts";
import { flagOf } from "../options.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { optionNames, type TrainingConfig } from "./config.ts";
import { CHECKPOINT_FILE, checkRunData, type DataDigests, readConfig } from "./run-folder.ts";
import { isFinished } from "./schedule.ts";

interface ResumedRun {
  readonly folder: string;
  /** To continue with. */
  readonly config: TrainingConfig;
  /** Of its spec. */
  readonly kind: Pick<LatentKind, "stages">;
  readonly backend: string;
  /** Of the present data files. */
  readonly digests: DataDigests;
}

/**
 * @throws RunError if the result would not be that of an unbroken run with this configuration, or if epochs of a later
 *   stage would be lost
 */
export async function checkResume({ folder, config, kind, backend, digests }: ResumedRun): Promise<void> {
  const stored = await readConfig(folder);
  const { history, backend: computedBy } = await readCheckpoint(join(folder, CHECKPOINT_FILE));
  const histories = await readHistories(folder, kind.stages);
  const extensible = new Set<string>(["epochs", ...kind.stages.map(({ length }) => length)]);
  await checkRunData(folder, digests);

  for (const key of optionNames) {
    if (extensible.has(key) || isDeepStrictEqual(config[key], stored[key])) continue;
    const started = stored[key] === undefined ? "without it" : `with ${stored[key]}`;
    throw new RunError(
      `--${flagOf(key)} ${config[key]} contradicts ${folder}, which was started ${started}; ` +
        "omit it, or start another run",
    );
  }
  const refusals: readonly (readonly [isRefused: boolean, why: string])[] = [
    [
      !isDeepStrictEqual(config.spec, stored.spec),
      `the architecture contradicts ${folder}, which was started with another`,
    ],
    [
      backend !== computedBy,
      `${folder} was computed by the ${computedBy} backend, this one is ${backend}; resume with --backend ${computedBy}`,
    ],
    [
      config.epochs < history.length,
      `--epochs ${config.epochs}: ${folder} has done ${history.length} epochs already`,
    ],
    [
      config.schedule !== "constant" && config.epochs !== stored.epochs,
      `--epochs ${config.epochs}: the ${config.schedule} schedule of ${folder} decays over ${stored.epochs} epochs; ` +
        "another length would have had other learning rates from the start; omit it, or start another run",
    ],
    ...kind.stages.flatMap((stage) => {
      const { name, length } = stage;
      const done = histories[name]?.length ?? 0;
      const path = join(folder, stageFile(stage));
      return [
        [
          done > 0 && config[length] !== stored[length],
          `--${flagOf(length)} ${config[length]}: the ${name} was begun for ` +
            `${stored[length]} ${flagOf(length).split("-").at(-1)}, on which each of its steps depends; ` +
            `omit it, or delete ${path} to train the ${name} from the start`,
        ],
        [
          done > 0 && !isFinished(config, history),
          `--epochs ${config.epochs}: more epochs of the first stage change what the ${name} of ${folder} has ` +
            `learned from in ${done} epochs; start another run, or delete ${path} to train the ${name} again`,
        ],
      ] as const;
    }),
  ];
  const refusal = refusals.find(([isRefused]) => isRefused);
  if (refusal) throw new RunError(refusal[1]);
}
