// A publisher in a process of its own that dies at one of its writes: run by publishAndDie.

import { publishRelease } from "../../trainer/publish/publish.ts";
import { openS3Bucket } from "../../trainer/publish/s3-bucket.ts";

const { access, folder, write, when } = JSON.parse(process.argv[2]!);
const bucket = openS3Bucket(access);
let writes = 0;

function mortal<Args extends unknown[], T>(operation: (...args: Args) => Promise<T>) {
  return async (...args: Args): Promise<T> => {
    const isLast = writes++ === write;
    if (isLast && when === "before") await die();
    const result = await operation(...args);
    if (isLast) await die();
    return result;
  };
}

async function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
}

await publishRelease({ ...bucket, create: mortal(bucket.create), swap: mortal(bucket.swap) }, folder, {
  promote: "always",
  now: new Date(),
});
