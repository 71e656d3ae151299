// The service with a model of codes, `vq`, beside the bundled models.

import { openLocalBucket } from "../../trainer/publish/local-bucket.ts";
import { publishMissing } from "../../trainer/publish/publish.ts";
import { CODES_RELEASES } from "../vectors/frozen-addresses.ts";
import { type Server, startService } from "./server.ts";

/** `npm start` over an empty state folder, once the kept release of `vq` is in its bucket. */
export async function startServiceWithCodes(persistTo: string): Promise<Server> {
  const bucket = await openLocalBucket("wrangler.toml", persistTo);
  // The bundled models come first, since a new catalog takes its default model from them.
  for (const root of ["models", CODES_RELEASES]) await publishMissing(bucket, root, { now: new Date() });
  await bucket.close();
  return startService(persistTo);
}
