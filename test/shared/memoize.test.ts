// Shared work: started once, forgotten when it fails, started again when its request has ended.

import { expect, it } from "vitest";
import { memoize } from "../../shared/memoize.ts";

it("is done once for all callers with the same key, and kept", async () => {
  const asked: string[] = [];
  const get = memoize(async (key: string) => {
    asked.push(key);
    return { key };
  });
  const [one, two] = await Promise.all([get("a"), get("a")]);
  expect(one).toBe(two);
  expect(await get("a")).toBe(one);
  expect(await get("b")).toEqual({ key: "b" });
  expect(asked).toEqual(["a", "b"]);
});

it("that failed is done again, and fails for all that waited", async () => {
  let tries = 0;
  const get = memoize(async () => {
    tries++;
    if (tries === 1) throw new Error("the first time");
    return tries;
  });
  const first = [get(), get()];
  for (const waiting of first) await expect(waiting).rejects.toThrow("the first time");
  expect([await get(), await get()]).toEqual([2, 2]);
});

it("is started again when it did not settle for half a minute, and late results change nothing", async () => {
  let clock = 0;
  const settle: ((value: string) => void)[] = [];
  const get = memoize(
    () =>
      new Promise<string>((resolve) => {
        settle.push(resolve);
      }),
    { now: () => clock },
  );
  const lost = get();
  clock = 29_999;
  expect(get()).toBe(lost);
  clock = 30_000;
  const second = get();
  expect(second).not.toBe(lost);
  settle[1]!("second");
  await second;
  settle[0]!("lost");
  await lost;
  clock = 100_000;
  expect(await get()).toBe("second");
  expect(settle).toHaveLength(2);
});

it("is not kept if nothing should be", async () => {
  let count = 0;
  const get = memoize(async () => ++count, { keeps: 0 });
  expect([await Promise.all([get(), get()]), await get()]).toEqual([[1, 1], 2]);
});

it("keeps the most recently used results, by their keys", async () => {
  const asked: number[] = [];
  const get = memoize(
    async ({ id }: { id: number }) => {
      asked.push(id);
      return id;
    },
    { keeps: 2, keyOf: ({ id }) => String(id) },
  );
  for (const id of [1, 2, 1, 3, 1, 2]) expect(await get({ id })).toBe(id);
  expect(asked).toEqual([1, 2, 3, 2]);
});
