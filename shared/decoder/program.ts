// What the kernels read from memory, as kernels/program.ts lays it out: records of 32-bit words.

import type { WeightSpec } from "../model/spec.ts";

/** Kinds of operation; a program ends with 0. */
export const KIND = { pad: 1, multiply: 2, silu: 3, singleOutput: 4 } as const;

const OPERATION = [
  "kind",
  "input",
  "inputStride",
  "output",
  "outputStride",
  "positions",
  "positionCount",
  "group",
  "rows",
  "steps",
  "inputRow",
  "weightSkip",
  "panels",
  "weights",
  "panelBytes",
  "bias",
  "scatter",
  "relu",
] as const;

const BANK = [
  "source",
  "table",
  "to",
  "outputs",
  "channels",
  "colOutputs",
  "origin",
  "rowOutput",
  "colOutput",
  "channelOutput",
  "rows",
  "columns",
  "rowTap",
  "colTap",
  "inputs",
  "inputStep",
  "residues",
] as const;

type Record32<Names extends readonly string[]> = { readonly [Name in Names[number]]: number };
/** The fields that every operation has; those of kernels stay 0 in others. */
export type Operation = Record32<typeof OPERATION>;
/** How one tensor is packed; where its bytes and their table lie is known when it is loaded. */
export type Bank = Omit<Record32<typeof BANK>, "source" | "table"> & { readonly tensor: WeightSpec };

const words = <Names extends readonly string[]>(names: Names, record: Record32<Names>): number[] =>
  names.map((name) => record[name as Names[number]]);

export const operationWords = (operation: Operation): number[] => words(OPERATION, operation);
export const bankWords = (bank: Bank, source: number, table: number): number[] =>
  words(BANK, { ...bank, source, table });
export const OPERATION_BYTES = OPERATION.length * 4;
export const BANK_BYTES = BANK.length * 4;
